package main

import (
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/peakday/peakday/forecast/panel"
)

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
