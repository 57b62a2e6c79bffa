package app

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestAnalyze: one JSON object and nothing else on stdout, a table for people,
// and a place in the file for what is wrong with it.
func TestAnalyze(t *testing.T) {
	t.Parallel()
	var rows strings.Builder
	rows.WriteString("user,group,paid,bought\n")
	for i := range 200 {
		fmt.Fprintf(&rows, "u%d,%s,%d,%t\n", i, []string{"old", "new"}[i%2], i%9, i%3 == 0)
	}
	file := write(t, "ab.csv", rows.String())
	flags := []string{"analyze", file, "--unit", "user", "--variant", "group", "--control", "old", "--metric", "bought=bought:proportion", "--metric", "paid=paid"}
	type report struct {
		Units   map[string]int64
		SRM     struct{ Status string }
		Metrics []struct {
			Name    string
			Results []struct {
				Variant     string
				PValue      float64               `json:"p_value"`
				AlwaysValid struct{ Low float64 } `json:"always_valid"`
				Bayesian    struct {
					ChanceToWin float64 `json:"chance_to_win"`
				}
			}
		}
	}
	got := objectOf[report](t, ok(t, append(slices.Clone(flags), "--json")...))
	if got.Units["old"] != 100 || got.SRM.Status != "ok" || len(got.Metrics) != 2 || got.Metrics[0].Results[0].AlwaysValid.Low == 0 {
		t.Errorf("it says %+v", got)
	}
	table := ok(t, flags...)
	for _, want := range []string{"units", "sample ratio", "bought (proportion): old is at 0.3", "always valid", "chance to win"} {
		if !strings.Contains(table, want) {
			t.Errorf("the table has no %q:\n%s", want, table)
		}
	}
	bad := write(t, "bad.csv", "user,group,paid,bought\nu1,old,1,perhaps\n")
	flags[1] = bad
	checkFailure(t, peakday(t, nil, flags...), 1, []string{bad + `:2: column "bought" must be`})
}
