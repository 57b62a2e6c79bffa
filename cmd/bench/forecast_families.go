package main

import (
	"crypto/md5"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/peakday/peakday/forecast/panel"
)

// family is a set of series of one kind, and how it is forecast and scored.
type family struct {
	name       string
	season     int // for the scale of errors and for Naive2
	long       int // the second season of the peers, 0 if there is none
	horizon    int
	regressors []string
	group      string
	event      string
	missing    string
	peers      []string
	slow       []string // peers that are run on a sample of the series
	counts     bool
	alone      bool // each series is a panel of its own
	ours       func(dir string, tuning bool) (*trial, error)
}

// trial is what a family is tried on.
type trial struct {
	panels []*panel.Panel // one, or one a series
	truth  map[string][]float64
	report []string // the series that are reported; the others were tuned on
}

func families() []family {
	return []family{
		{name: "m4_hourly", season: 24, long: 168, horizon: 48, peers: []string{"snaive", "thetaf", "stlf", "sf_mstl", "sf_theta"}, slow: []string{"prophet", "prophet_multiplicative"}},
		{name: "m3_monthly", season: 12, horizon: 18, peers: []string{"snaive", "ets", "thetaf", "stlf", "sf_ets", "sf_theta"}, slow: []string{"prophet", "prophet_multiplicative"}},
		{name: "m5_total_daily", season: 7, horizon: 28, event: "event", alone: true, peers: []string{"snaive", "ets", "thetaf", "stlf", "sf_ets", "sf_mstl", "prophet", "prophet_multiplicative", "prophet_events"}, ours: rollingTotal},
		{name: "oj_weekly_promo", season: 1, horizon: 8, regressors: []string{"price", "deal", "feat"}, group: "brand", missing: "missing", peers: []string{"ets", "thetaf", "arimax_log"}, slow: []string{"prophet_regressors", "prophet_log"}},
		{name: "carparts_intermittent", season: 1, horizon: 6, counts: true, peers: []string{"ets", "thetaf"}},
		{name: "online-retail", season: 1, horizon: 8, counts: true, peers: []string{"snaive", "ets", "thetaf"}, slow: []string{"prophet"}, ours: onlineRetail},
		{name: "completejourney", season: 1, horizon: 8, counts: true, peers: []string{"snaive", "ets", "thetaf"}, slow: []string{"prophet"}, ours: completeJourney},
	}
}

// reported tells the series that are reported from those that the methods may
// be tuned on: a third, by a hash of the name.
func reported(series string) bool { return md5.Sum([]byte(series))[0]%3 == 0 }

// load reads a family's training and test files; tuning reports the series that
// methods may be tuned on instead of the others.
func (f family) load(dir string, tuning bool) (*trial, error) {
	if f.ours != nil {
		return f.ours(dir, tuning)
	}
	t := &trial{truth: map[string][]float64{}}
	b := panel.Builder{Regressors: f.regressors}
	folder := filepath.Join(dir, "forecast", f.name)
	err := readTable(filepath.Join(folder, "train.csv.gz"), func(get func(string) string) error {
		row, err := f.row(get)
		if err == nil {
			b.Add(row)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	err = readTable(filepath.Join(folder, "test.csv.gz"), func(get func(string) string) error {
		row, err := f.row(get)
		if err == nil {
			t.truth[row.Series] = append(t.truth[row.Series], row.Value)
			b.AddFuture(row)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	p, _, err := b.Build()
	if err != nil {
		return nil, err
	}
	t.panels = []*panel.Panel{p}
	for _, s := range p.Series {
		if reported(s.Name) != tuning {
			t.report = append(t.report, s.Name)
		}
	}
	return t, nil
}

func (f family) row(get func(string) string) (r panel.Row, err error) {
	r.Series = strings.Clone(get("series"))
	if r.Time, err = readTime(get("time")); err != nil {
		return r, err
	}
	if r.Value, err = strconv.ParseFloat(get("value"), 64); err != nil {
		return r, err
	}
	if f.missing != "" && get(f.missing) == "1" {
		r.Value = math.NaN()
	}
	for _, name := range f.regressors {
		x, err := strconv.ParseFloat(get(name), 64)
		if err != nil {
			return r, err
		}
		r.Regressors = append(r.Regressors, x)
	}
	if f.group != "" {
		r.Groups = []string{strings.Clone(get(f.group))}
	}
	if f.event != "" && get(f.event) != "" {
		r.Events = strings.Split(strings.Clone(get(f.event)), "|")
	}
	return r, nil
}

// rollingTotal is the one daily series from its last twelve origins, 28 days
// apart, or from the twelve before.
func rollingTotal(dir string, tuning bool) (*trial, error) {
	f := family{name: "m5_total_daily", event: "event"}
	whole, err := f.load(dir, false)
	if err != nil {
		return nil, err
	}
	s := whole.panels[0].Series[0]
	y := append(slices.Clone(s.Y), whole.truth[s.Name]...)
	t := &trial{truth: map[string][]float64{}}
	for o := 12; o >= 1; o-- {
		cut := *s
		n := len(y) - 28*o
		if tuning {
			n -= 12 * 28
		}
		cut.Name, cut.Y = fmt.Sprintf("origin-%02d", 13-o), y[:n]
		t.panels = append(t.panels, &panel.Panel{Step: whole.panels[0].Step, Series: []*panel.Series{&cut}})
		t.truth[cut.Name] = y[n : n+28]
		t.report = append(t.report, cut.Name)
	}
	return t, nil
}
