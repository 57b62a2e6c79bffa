package experiments

import (
	"strings"
	"testing"
	"time"
)

func TestReportOfASilentExperiment(t *testing.T) {
	t.Parallel()
	exposed := Cells{}
	fill(exposed, UnitsCell, "control", 10, 1, 0, 0)
	for name, c := range map[string]struct {
		cells Cells
		after time.Duration
		says  string
	}{
		"just started":   {Cells{}, time.Minute, ""},
		"nobody came":    {Cells{}, 2 * time.Hour, "no unit has met a variant"},
		"they have come": {exposed, 47 * time.Hour, ""},
		"they came once": {exposed, 120 * time.Hour, "no new unit has met a variant since"},
	} {
		e := running(t, "checkout", `{"unit":"user","variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}`)
		r := View{AsOf: opening.Add(c.after), Zone: shanghai}.Report(e, c.cells)
		if got := strings.Join(r.Warnings, "; "); strings.Contains(got, "met a variant since") != (c.says != "") || !strings.Contains(got, c.says) {
			t.Errorf("%s: the warnings are %q", name, got)
		}
	}
}
