package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWriteIntoKeepsOtherSections writes two reports, and the first of them
// again.
func TestWriteIntoKeepsOtherSections(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "docs", "benchmarks.md")
	write := func(name, headline, cell string) string {
		t.Helper()
		r := newReport("what", "result")
		r.Name, r.About, r.Headline, r.Command = name, "About it", headline, "go run ./cmd/bench "+name
		r.add("a | b", cell)
		if err := r.writeInto(path); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	write("plan", "It holds", "old")
	write("ann: 500,000 synthetic", "It is fast", "kept")
	text := write("plan", "It holds well", "new")
	for _, want := range []string{
		"| benchmark | result |\n| --- | --- |\n| [plan](#plan) | It holds well |\n| [ann: 500,000 synthetic](#ann-500000-synthetic) | It is fast |\n\n## plan\n",
		"**It holds well.**", "| a \\| b | new |\n\n## ann: 500,000 synthetic\n", "| a \\| b | kept |\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "| old |") || strings.Count(text, "## plan") != 1 {
		t.Errorf("the first section stays:\n%s", text)
	}
}

func TestHeadlines(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, benchmark string
		values          map[string]float64
		want            string
	}{
		{"all there", "load", map[string]float64{"one flag, ratio": .9, "all of 300 flags, ratio": .87}, "0.90 of a bare handler's requests/s for one flag, 0.87 for 300"},
		{"one missing", "load", map[string]float64{"one flag, ratio": .9}, ""},
		{"ratios", "ann", map[string]float64{"x, queries/s at recall@10 of 0.95, ratio": 2.5, "x, queries/s at recall@10 of 0.99, ratio": 1.625, "x, build, ratio": 9}, "1.62 to 2.50 times hnswlib's queries/s at recalls of .95 to .99"},
		{"no peer", "ann", map[string]float64{"x, exact scan, µs": 3}, ""},
		{"the best baseline", "evaluate", map[string]float64{"blend hr@10": .119, "two-tower hr@10": .117, "ease hr@10": .0875, "transitions hr@10": .0951, "transitions ndcg@10": .9}, "HR@10 of the blend 0.1190, of the best baseline (transitions) 0.0951"},
		{"no baseline", "evaluate", map[string]float64{"blend hr@10": .119}, ""},
		{"counts by the median", "forecast", map[string]float64{
			"parts/peakday/mase": 1.22, "parts/peakday, median/mase": .95, "parts/ets *, 25 of 201/mase": .1, "parts/ets */mase": 1, "parts/naive2/mase": .2, "parts/thetaf/mase": 1.5, "parts/ets */owa": .3,
			"hourly/peakday/mase": .75, "hourly/stlf/mase": 1,
		}, "MASE relative to the best other method: hourly 0.75, parts 0.95"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := headline(c.benchmark, c.values); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
