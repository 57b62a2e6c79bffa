package app

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// salesTable is two daily series with a price, an event and a day to leave
// out; future rows follow the first n days.
func salesTable(from, to int) string {
	var b strings.Builder
	b.WriteString("sku,day,pieces,price,event,out\n")
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, sku := range []string{"tea", "cup"} {
		for i := from; i < to; i++ {
			pieces, price, event := 100+20*math.Sin(2*math.Pi*float64(i)/7), 9.9, ""
			if i%50 == 20 {
				pieces, event = 3*pieces, "sale"
			}
			if i%30 == 5 {
				pieces, price = 2*pieces, 5.0
			}
			fmt.Fprintf(&b, "%s,%s,%.0f,%.2f,%s,0\n", sku, start.AddDate(0, 0, i).Format(time.DateOnly), pieces, price, event)
		}
	}
	return b.String()
}

func TestForecastCommand(t *testing.T) {
	t.Parallel()
	past, future := write(t, "past.csv", salesTable(0, 200)), write(t, "future.csv", salesTable(200, 228))
	out := filepath.Join(t.TempDir(), "out.csv")
	args := []string{"forecast", past, "--series", "sku", "--time", "day", "--value", "pieces", "--regressor", "price", "--event", "event", "--missing", "out",
		"--horizon", "28", "--future", future, "--quantiles", "0.1,0.5,0.90", "--output", out, "--backtest", "2", "--json"}
	stdout, stderr, code := call(t, args...)
	if code != 0 || stderr != "" {
		t.Fatalf("exit %d, %s", code, stderr)
	}
	var report struct {
		Series   int
		Seconds  float64
		Backtest map[string]float64
		Members  map[string]float64
	}
	if err := json.Unmarshal([]byte(stdout), &report); err != nil {
		t.Fatal(err)
	}
	if report.Series != 2 || report.Backtest["origins"] != 2 || report.Backtest["wape"] > .1 || len(report.Members) == 0 {
		t.Errorf("report %s", stdout)
	}
	for _, key := range []string{"origins", "wape", "mase", "bias", "coverage_80", "coverage_95", "pinball"} {
		if _, has := report.Backtest[key]; !has {
			t.Errorf("the backtest has no %s", key)
		}
	}
	body, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(body))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(rows[0], ","); got != "series,step,time,mean,q0.1,q0.5,q0.90" {
		t.Errorf("header %s", got)
	}
	if len(rows) != 1+2*28 || rows[1][0] != "tea" || rows[1][1] != "1" || rows[1][2] != "2024-07-19" || rows[56][2] != "2024-08-15" {
		t.Errorf("%d rows, first %v, last %v", len(rows), rows[1], rows[len(rows)-1])
	}
}

// call runs the program and gives what it printed.
func call(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs strings.Builder
	p := &Program{Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Lookup: func(string) (string, bool) { return "", false }}
	code = p.Run(t.Context())
	return out.String(), errs.String(), code
}

func TestForecastNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	const head = "sku,day,pieces,price,out\n"
	for _, c := range []struct {
		name, file, extra string
		says              []string
		code              int
	}{
		{"no file", "", "", []string{"no such file"}, 1},
		{"column that is missing", head + "a,2024-01-01,1,2,0\n", "--regressor colour", []string{`table.csv:1: there is no column "colour" for --regressor`, "sku, day, pieces, price, out"}, 1},
		{"value that is no number", head + "a,2024-01-01,1,2,0\na,2024-01-02,many,2,0\n", "", []string{"table.csv:3: column pieces must be a number", `"many"`}, 1},
		{"regressor that is none", head + "a,2024-01-01,1,cheap,0\n", "--regressor price", []string{"table.csv:2: column price", `"cheap"`}, 1},
		{"time that is none", head + "a,yesterday,1,2,0\n", "", []string{"table.csv:2: column day must be a time", `"yesterday"`}, 1},
		{"time off the grid", head + "a,2024-01-01,1,2,0\na,2024-01-02,1,2,0\na,2024-01-03,1,2,0\na,2024-01-03 12:00:00,1,2,0\n", "", []string{"table.csv:5: column day", "daily"}, 1},
		{"missing that is neither", head + "a,2024-01-01,1,2,perhaps\n", "--missing out", []string{"table.csv:2: column out must be 0 or 1"}, 1},
		{"series without a name", head + ",2024-01-01,1,2,0\n", "", []string{"table.csv:2: column sku"}, 1},
		{"infinite", head + "a,2024-01-01,inf,2,0\n", "", []string{"table.csv:2: column pieces"}, 1},
		{"no rows", head, "", []string{"table.csv: has no row"}, 1},
		{"empty file", "\n", "", []string{"table.csv"}, 1},
		{"no horizon", head, "--horizon 0", []string{"--horizon must be 1 to 10000"}, 2},
		{"falling quantiles", head, "--quantiles 0.9,0.1", []string{"--quantiles must rise"}, 2},
		{"season of words", head, "--season week", []string{"--season must be auto"}, 2},
		{"no value column", head, "--value=", []string{"--value is required"}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "table.csv")
			if c.file != "" {
				file = write(t, "table.csv", c.file)
			}
			args := append([]string{"forecast", file, "--series", "sku", "--time", "day", "--value", "pieces", "--horizon", "3"}, strings.Fields(c.extra)...)
			_, stderr, code := call(t, args...)
			if code != c.code {
				t.Errorf("exit %d, want %d", code, c.code)
			}
			for _, s := range c.says {
				if !strings.Contains(stderr, s) {
					t.Errorf("%q does not say %q", stderr, s)
				}
			}
		})
	}
}

func TestForecastTakesWhatFilesHold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, rows, remark string }{
		{"unknown values", "a,2024-01-01,1\na,2024-01-02,\na,2024-01-03,NaN\na,2024-01-04,2\n", ""},
		{"gaps", "a,2024-01-01,1\na,2024-01-02,2\na,2024-01-05,2\n", "2 steps have no row"},
		{"rows that come twice", "a,2024-01-01,1\na,2024-01-01,1\na,2024-01-02,2\n", "1 rows came twice"},
		{"two rows of a day", "a,2024-01-01,1\na,2024-01-01,4\na,2024-01-02,2\n", "1 rows of a series and time"},
		{"one point", "a,2024-01-01,7\n", ""},
		{"months", "a,2024-01,7\na,2024-02,8\na,2024-03,9\n", ""},
		{"weekdays", weekdays(40), "no Sunday or Saturday has a row"},
		{"days of a local clock", "a,2024-03-30T00:00:00+01:00,1\na,2024-03-31T00:00:00+01:00,1\na,2024-04-01T00:00:00+02:00,2\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			file := write(t, "table.csv", "sku,day,pieces\n"+c.rows)
			stdout, stderr, code := call(t, "forecast", file, "--series", "sku", "--time", "day", "--value", "pieces", "--horizon", "2")
			if code != 0 || strings.Count(stdout, "\n") != 3 || !strings.Contains(stderr, c.remark) {
				t.Errorf("exit %d\n%s\n%s", code, stdout, stderr)
			}
		})
	}
}

// weekdays are rows of so many days from a Monday, Saturdays and Sundays left out.
func weekdays(n int) string {
	var rows strings.Builder
	for i := range n {
		if at := time.Date(2024, 1, 1+i, 0, 0, 0, 0, time.UTC); i%7 < 5 {
			fmt.Fprintf(&rows, "a,%s,%d\n", at.Format(time.DateOnly), 10+i%7)
		}
	}
	return rows.String()
}
