package imports_test

import (
	"encoding/csv"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/internal/imports"
)

// checkFile reads any file as orders: nothing panics, line numbers grow, what
// is wrong with a row names the file, and what comes out are events.
func checkFile(t *testing.T, file string, o imports.Options) {
	t.Helper()
	kind := imports.Orders(shop(t))
	o.Known, o.Required = kind.Fields()
	rows, err := imports.NewRows("f.csv", strings.NewReader(file), o)
	if err != nil {
		return
	}
	before := 0
	for row, err := range rows.All() {
		var problem *imports.Problem
		if err != nil && !errors.As(err, &problem) {
			if !strings.HasPrefix(err.Error(), "f.csv") {
				t.Errorf("an error that does not name the file: %v", err)
			}
			return
		}
		if row.Line <= before || row.File != "f.csv" {
			t.Errorf("%s:%d after line %d", row.File, row.Line, before)
		}
		before = row.Line
		var e events.Event
		if problem == nil {
			if e, err = kind.Event(row); err == nil {
				checkEvent(t, e)
				continue
			}
			if !errors.As(err, &problem) {
				t.Fatalf("%v is no Problem", err)
			}
		}
		if problem.File != "f.csv" || problem.Line != row.Line || problem.Text == "" {
			t.Errorf("problem %+v of %s:%d", problem, row.File, row.Line)
		}
	}
}

func FuzzCSV(f *testing.F) {
	const header = "order_id,user_id,product_id,sku,title,quantity,price,time,region,currency\n"
	f.Add(header + "o1,u1,p1,s1,Kettle,2,5.00,2026-11-11 20:00:00,east,CNY\n")
	f.Add(header + "o1,,,s 1,\"a \"\"b\"\"\nc\",-2,0,1794398400,,JPY\r\n\r\n\"")
	f.Add("\ufeff" + header + "o1,u1\n,,,,,,,,,,,\n\"\"x\n")
	f.Add(header + "o1,u1,p1,s1,\xff\x00,1e9,1e99,2026-11-11,,\n")
	f.Add("")
	f.Fuzz(func(t *testing.T, file string) {
		checkFile(t, file, imports.Options{})
		checkFile(t, header+file, imports.Options{})
		checkFile(t, file, imports.Options{NoHeader: true, Columns: imports.Columns{
			"order_id": "1", "product_id": "2", "quantity": "3", "price": "4", "time": "5",
		}})
	})
}

func FuzzNDJSON(f *testing.F) {
	f.Add(`{"order_id":"o1","user_id":"u1","product_id":"p1","title":"Kettle","quantity":2,"price":"5.00","time":"2026-11-11 20:00:00"}` + "\n")
	f.Add(`{"order_id":7,"sku":["s"],"quantity":-2.0,"price":0,"time":1794398400}` + "\n\n{}\nnull\n[1]")
	f.Add("{\"title\":\"\\u0000\"}\n{\"order_id\":\"\xff\"}\n{")
	f.Fuzz(func(t *testing.T, file string) {
		checkFile(t, file, imports.Options{})
		checkFile(t, "{}\n"+file, imports.Options{})
	})
}

// FuzzCSVAsTheStandardLibrary: what encoding/csv reads without a complaint, we
// read alike.
func FuzzCSVAsTheStandardLibrary(f *testing.F) {
	f.Add("a,b\n\"1\n2\",3\r\n\n,\n")
	f.Add("\"a\"\"b\",\"\"\r\n\"\r\n\"\r")
	f.Add("a\rb,c\n,,\n\"x\"")
	f.Fuzz(func(t *testing.T, file string) {
		if len(file) > 1<<20 || strings.HasPrefix(file, "PK\x03\x04") || strings.HasPrefix(file, "\xff\xfe") || strings.HasPrefix(file, "\xfe\xff") || strings.HasPrefix(file, "\ufeff") || strings.HasPrefix(file, "\x1f\x8b") || strings.IndexAny(strings.TrimLeft(file, " \t\r\n"), "{[") == 0 {
			t.Skip("another form of file")
		}
		in := csv.NewReader(strings.NewReader(file))
		in.FieldsPerRecord = -1
		var want [][]string
		for {
			record, err := in.Read()
			if err != nil {
				if len(want) == 0 || err.Error() != "EOF" {
					return
				}
				break
			}
			want = append(want, record)
		}
		columns := imports.Columns{"1": "1", "2": "2", "3": "3"}
		rows, err := imports.NewRows("f.csv", strings.NewReader(file), imports.Options{NoHeader: true, Known: []string{"1", "2", "3"}, Columns: columns})
		if err != nil {
			t.Fatal(err)
		}
		got := [][]string{}
		for row, err := range rows.All() {
			if err != nil {
				t.Fatalf("encoding/csv takes %q: %v", file, err)
			}
			got = append(got, []string{row.Get("1"), row.Get("2"), row.Get("3")})
		}
		if diff := cmp.Diff(withoutBlank(firstThree(want)), withoutBlank(got)); diff != "" {
			t.Errorf("%q (-encoding/csv +ours):\n%s", file, diff)
		}
	})
}

// firstThree gives the first three fields of each record, without blanks.
func firstThree(records [][]string) [][]string {
	out := make([][]string, len(records))
	for i, r := range records {
		out[i] = make([]string, 3)
		for j := range min(3, len(r)) {
			out[i][j] = strings.TrimSpace(r[j])
		}
	}
	return out
}

// withoutBlank leaves out rows of nothing: we skip lines of blanks.
func withoutBlank(rows [][]string) [][]string {
	return slices.DeleteFunc(rows, func(r []string) bool { return r[0] == "" && r[1] == "" && r[2] == "" })
}
