package main

import (
	"compress/gzip"
	"crypto/md5"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

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

func readTime(text string) (time.Time, error) {
	if len(text) == len(time.DateOnly) {
		return time.Parse(time.DateOnly, text)
	}
	return time.Parse(time.DateTime, text)
}

// readTable visits the rows of a CSV file.
func readTable(path string, visit func(get func(string) string) error) error {
	rows, file, err := openTable(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	rows.ReuseRecord = true
	head, err := rows.Read()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	names := slices.Clone(head)
	for line := 2; ; line++ {
		record, err := rows.Read()
		if record == nil {
			if err.Error() == "EOF" {
				return nil
			}
			return fmt.Errorf("%s: %w", path, err)
		}
		get := func(name string) string {
			if i := slices.Index(names, name); i >= 0 {
				return record[i]
			}
			return ""
		}
		if err := visit(get); err != nil {
			return fmt.Errorf("%s:%d: %w", path, line, err)
		}
	}
}

// openTable opens a CSV file, gzipped if its name says so.
func openTable(path string) (*csv.Reader, io.Closer, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	if !strings.HasSuffix(path, ".gz") {
		return csv.NewReader(file), file, nil
	}
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("%s: %w", path, err), file.Close())
	}
	return csv.NewReader(unzipped), file, nil
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

// onlineRetail is the pieces that each product of the shop sold by the week.
func onlineRetail(dir string, tuning bool) (*trial, error) {
	weekly := newWeekly()
	err := readTable(filepath.Join(dir, "online-retail", "online_retail.csv.gz"), func(get func(string) string) error {
		at, err := time.Parse(time.DateTime, get("InvoiceDate"))
		if err != nil {
			return err
		}
		pieces, err := strconv.ParseFloat(get("Quantity"), 64)
		if err != nil {
			return err
		}
		price, err := strconv.ParseFloat(get("UnitPrice"), 64)
		if err != nil {
			return err
		}
		if price > 0 && (pieces > 0 || strings.HasPrefix(get("InvoiceNo"), "C")) {
			weekly.add(strings.Clone(get("StockCode")), at, pieces)
		}
		return nil
	})
	return weekly.trial(8, tuning), err
}

// completeJourney is the pieces of each product of the grocer by the week.
func completeJourney(dir string, tuning bool) (*trial, error) {
	weekly := newWeekly()
	err := readTable(filepath.Join(dir, "completejourney", "transactions_sample.csv.gz"), func(get func(string) string) error {
		at, err := time.Parse(time.DateTime, get("transaction_timestamp"))
		if err != nil {
			return err
		}
		pieces, err := strconv.ParseFloat(get("quantity"), 64)
		if err != nil {
			return err
		}
		if pieces < 1000 { // petrol is sold by the millilitre
			weekly.add(strings.Clone(get("product_id")), at, pieces)
		}
		return nil
	})
	return weekly.trial(8, tuning), err
}

// weekly adds pieces up by product and week.
type weekly struct {
	sold        map[string]map[int]float64
	first, last int // weeks since 1970
}

func newWeekly() *weekly { return &weekly{sold: map[string]map[int]float64{}, first: math.MaxInt} }

func (w *weekly) add(product string, at time.Time, pieces float64) {
	week := int((at.Unix()/86400 + 3) / 7) // Monday to Sunday
	if w.sold[product] == nil {
		w.sold[product] = map[int]float64{}
	}
	w.sold[product][week] += pieces
	w.first, w.last = min(w.first, week), max(w.last, week)
}

// trial holds the last h whole weeks out, of products that were sold in at
// least a dozen weeks before them. What came back counts as not sold, never
// as less than nothing.
func (w *weekly) trial(h int, tuning bool) *trial {
	t := &trial{truth: map[string][]float64{}}
	p := &panel.Panel{Step: panel.Step{Every: 7 * 24 * time.Hour}}
	end := w.last // the last week is not whole
	names := make([]string, 0, len(w.sold))
	for name := range w.sold {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		first, active := math.MaxInt, 0
		for week, pieces := range w.sold[name] {
			if week < end-h && pieces > 0 {
				first = min(first, week)
				active++
			}
		}
		if active < 12 {
			continue
		}
		s := &panel.Series{Name: name, Start: time.Unix(int64(first*7-3)*86400, 0).UTC()}
		for week := first; week < end; week++ {
			pieces := max(0, w.sold[name][week])
			if week < end-h {
				s.Y = append(s.Y, pieces)
			} else {
				t.truth[name] = append(t.truth[name], pieces)
			}
		}
		p.Series = append(p.Series, s)
		if reported(name) != tuning {
			t.report = append(t.report, name)
		}
	}
	t.panels = []*panel.Panel{p}
	return t
}
