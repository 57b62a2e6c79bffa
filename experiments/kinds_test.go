package experiments

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peakday/peakday/events"
)

const inDays = 24 * 60 // minutes

func viewed(minute int) happened {
	return happened{minute, events.ProductViewed, `{"user_id":"u1","product_id":"p1"}`}
}

func added(minute int) happened {
	return happened{minute, events.ProductAdded, `{"user_id":"u1","product_id":"p1"}`}
}

func placed(minute int) happened {
	return happened{minute, events.OrderPlaced, fmt.Sprintf(`{"user_id":"u1","order_id":"o%d","products":[{"product_id":"p1","sku":"s1","quantity":1,"price":"1"}]}`, minute)}
}

// TestRetention: only the named days count, and the unit counts from the day on
// which they are over.
func TestRetention(t *testing.T) {
	t.Parallel()
	m := metric(t, "back", `{"kind":"retention","event":"product.viewed","days":[7,7],"pre_period":"48h"}`)
	for _, c := range []struct {
		name string
		what []happened
		want []int64
	}{
		{"never", nil, []int64{1, 0, 0}},
		{"too early", []happened{viewed(7*inDays - 1)}, []int64{1, 0, 0}},
		{"in time", []happened{viewed(7 * inDays)}, []int64{1, 1, 0}},
		{"at the end", []happened{viewed(8*inDays - 1)}, []int64{1, 1, 0}},
		{"too late", []happened{viewed(8 * inDays)}, []int64{1, 0, 0}},
		{"before", []happened{viewed(-60), viewed(-50 * 60)}, []int64{1, 0, 1}},
	} {
		if d := cmp.Diff(c.want, m.vector(opening, factsOf(t, c.what...))); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
	cells := Cells{}
	e := running(t, "checkout", `{"unit":"user","variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}`)
	e.Metrics = []Metric{*m}
	contribute(cells, e, []UnitExposure{{Experiment: "checkout", Unit: "u1", Variant: "b", Phase: 1, At: opening}}, factsOf(t, viewed(7*inDays)), shanghai, 1)
	for day, want := range map[int]int64{8: 0, 9: 1} {
		r := View{AsOf: opening.Add(time.Duration(day) * 24 * time.Hour), Zone: shanghai}.Report(e, cells)
		if got := r.Metrics[0].Results[0].Units; got != want {
			t.Errorf("after %d days %d units count, want %d", day, got, want)
		}
	}
}

// TestFunnel: steps in order, each in time after the one before; a later view
// gives a later cart its time again.
func TestFunnel(t *testing.T) {
	t.Parallel()
	m := metric(t, "path", `{"kind":"funnel","window":"240h","steps":[{"event":"product.viewed","within":"24h"},{"event":"product.added","within":"2h"},{"event":"order.placed"}]}`)
	for _, c := range []struct {
		name string
		what []happened
		want []int64 // viewed, added, placed
	}{
		{"nothing", nil, []int64{0, 0, 0}},
		{"straight on", []happened{viewed(1), added(2), placed(3)}, []int64{1, 1, 1}},
		{"at one moment", []happened{viewed(1), added(1), placed(1)}, []int64{1, 1, 1}},
		{"in the wrong order", []happened{placed(1), added(2), viewed(3)}, []int64{1, 0, 0}},
		{"without the first", []happened{added(2), placed(3)}, []int64{0, 0, 0}},
		{"viewed too late", []happened{viewed(inDays + 1)}, []int64{0, 0, 0}},
		{"added too late", []happened{viewed(1), added(150), placed(160)}, []int64{1, 0, 0}},
		{"viewed again", []happened{viewed(1), viewed(100), added(150), placed(9 * inDays)}, []int64{1, 1, 1}},
		{"paid after the window", []happened{viewed(1), added(2), placed(10 * inDays)}, []int64{1, 1, 0}},
		{"before the exposure", []happened{viewed(-1), added(2)}, []int64{0, 0, 0}},
	} {
		v := m.vector(opening, factsOf(t, c.what...))
		if d := cmp.Diff(c.want, []int64{v[2], v[3], v[1]}); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
	twice := metric(t, "twice", `{"kind":"funnel","steps":[{"event":"product.viewed"},{"event":"product.viewed"}]}`)
	if v := twice.vector(opening, factsOf(t, viewed(1))); v[1] != 0 || v[2] != 1 {
		t.Errorf("one view is two steps: %v", v)
	}

	e := running(t, "checkout", `{"unit":"user","primary":"path","variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}`)
	e.Metrics = []Metric{*m}
	cells := Cells{}
	fill2 := func(variant string, n int64, v ...int64) { fill(cells, "path", variant, n, v...) }
	fill2("control", 60, 1, 0, 0, 0)
	fill2("control", 30, 1, 0, 1, 0)
	fill2("control", 10, 1, 1, 1, 1)
	fill2("b", 50, 1, 0, 0, 0)
	fill2("b", 30, 1, 0, 1, 1)
	fill2("b", 20, 1, 1, 1, 1)
	steps := newReport(e, cells, "", opening).Metrics[0].Steps
	last := steps[2].Results[0]
	if steps[0].Name != "product.viewed" || steps[0].Control.Units != 40 || steps[0].Results[0].Units != 50 || last.Share != 0.2 || last.Onward != 0.4 {
		t.Errorf("the steps are %+v", steps)
	}
	if last.FromStart == nil || last.FromPrevious == nil || last.FromStart.Estimate < 0.0999 || last.FromPrevious.Estimate > -0.59 {
		t.Errorf("the last step is %+v %+v", last.FromStart, last.FromPrevious)
	}
}
