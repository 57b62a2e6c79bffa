package main

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

// heldOut is how many days at the end of the orders are kept from the plans.
const heldOut = 56

// planOrders plans every product that sells, week by week through the weeks
// held out, for two weeks each (one of lead time, one until the next order),
// and compares with the textbook's mean + z·sd of the last half year.
func planOrders(ctx context.Context, r *report, file string) error {
	series, end, err := readOrders(file)
	if err != nil {
		return err
	}
	name := file[strings.LastIndex(file, "/")+1:]
	levels := []float64{.9, .95}
	ours, book := make([]tallyOf, len(levels)), make([]tallyOf, len(levels))
	for origin := end - heldOut + 1; origin+13 <= end; origin += 7 {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := planWeek(series, origin, levels, ours, book); err != nil {
			return err
		}
	}
	for i, level := range levels {
		ours, book := &ours[i], &book[i]
		z, equal := book.equal(ours.covered / ours.n)
		r.add(name, fmt.Sprintf("service level %.2f, held by", level), fmt.Sprintf("%.3f", ours.covered/ours.n), "", fmt.Sprintf("textbook %.3f", book.covered/book.n), "", "")
		r.add(name, "stock for it, pieces", fmt.Sprintf("%.0f", ours.stock), "", fmt.Sprintf("textbook %.0f (%.0f at z = %.2f, which holds the same level)", book.stock, equal, z), "", "")
		key := fmt.Sprintf("%s %.2f ", name, level)
		r.Values[key+"held"], r.Values[key+"stock"] = ours.covered/ours.n, ours.stock
		r.Values[key+"textbook held"], r.Values[key+"textbook stock"], r.Values[key+"textbook stock at our level"] = book.covered/book.n, book.stock, equal
	}
	r.note("%s: %d products; at seven origins a week apart within the last eight weeks, a target for the next two weeks of every product that sold in eight of the 26 weeks before. Lines of negative quantity and of price 0 are left out. The textbook's target is mean + z·sd of the last 26 weeks.", name, len(series))
	return nil
}

// tallyOf sums plans up.
type tallyOf struct {
	n, covered, stock float64
	at                []margin
}

// margin is a product's two weeks by the textbook: the z that would have been
// just enough.
type margin struct{ z, mean, sd float64 }

// equal is the textbook's z that holds a level, and its stock.
func (t *tallyOf) equal(level float64) (z, stock float64) {
	zs := make([]float64, len(t.at))
	for i, m := range t.at {
		zs[i] = m.z
	}
	slices.Sort(zs)
	z = zs[min(int(level*float64(len(zs))), len(zs)-1)]
	if math.IsInf(z, 0) {
		return z, math.Inf(1)
	}
	for _, m := range t.at {
		stock += math.Max(0, math.Ceil(m.mean+z*m.sd))
	}
	return z, stock
}

// planWeek plans as of the day before origin.
func planWeek(all []*forecast.Series, origin forecast.Day, levels []float64, ours, book []tallyOf) error {
	var known []*forecast.Series
	var truth []float64
	for _, s := range all {
		n := int(origin - s.Start)
		if n < 28 {
			continue
		}
		past := &forecast.Series{SKU: s.SKU, Start: s.Start, Sold: s.Sold[:n]}
		if !regular(past.Sold) {
			continue
		}
		known = append(known, past)
		truth = append(truth, sum(s.Sold[n:n+14]))
	}
	calendar := ordinary()
	pool := forecast.FitPool(known, calendar, 14)
	for i, s := range known {
		m, err := forecast.Fit(s, calendar, forecast.Options{Horizon: 14, Pool: pool})
		if err != nil {
			return err
		}
		f := m.Predict(14)
		mean, sd := twoWeeks(s.Sold)
		just := math.Inf(1)
		if sd > 0 {
			just = (truth[i] - mean) / sd
		} else if truth[i] <= mean {
			just = math.Inf(-1)
		}
		for k, level := range levels {
			it := forecast.PlanSKU(f, origin, origin+13, nil, forecast.Supply{}, 0, forecast.Terms{ServiceLevel: level})
			ours[k].add(truth[i], float64(it.Target))
			book[k].add(truth[i], math.Max(0, math.Ceil(mean+distuv.UnitNormal.Quantile(level)*sd)))
			book[k].at = append(book[k].at, margin{just, mean, sd})
		}
	}
	return nil
}

// regular reports whether a product sold in eight of the last 26 weeks: of
// rarer ones even the true distribution covers more than it says.
func regular(sold []float64) bool {
	weeks := 0
	for end := len(sold); end >= 7 && end > len(sold)-26*7; end -= 7 {
		if sum(sold[end-7:end]) > 0 {
			weeks++
		}
	}
	return weeks >= 8
}

// ordinary is a calendar without the built-in sales: these shops have others.
func ordinary() *forecast.Calendar {
	events := forecast.BuiltinEvents()
	long := forecast.NewDay(1971, time.January, 1)
	for i := range events {
		events[i].Occurrences = []forecast.Occurrence{{Year: 1971, Phases: []forecast.Phase{{Phase: forecast.PhaseDay, From: long, To: long}}}}
	}
	return forecast.NewCalendar(events)
}

// add counts a target.
func (t *tallyOf) add(truth, target float64) {
	t.n++
	t.stock += target
	t.covered += within(truth, 0, target)
}

// twoWeeks is the textbook's demand of two weeks: from the mean and the
// standard deviation of the last 26 weeks.
func twoWeeks(sold []float64) (mean, sd float64) {
	var weeks []float64
	for end := len(sold); end >= 7 && len(weeks) < 26; end -= 7 {
		weeks = append(weeks, sum(sold[end-7:end]))
	}
	n := float64(len(weeks))
	for _, w := range weeks {
		mean += w / n
	}
	for _, w := range weeks {
		sd += (w - mean) * (w - mean) / math.Max(1, n-1)
	}
	return 2 * mean, math.Sqrt(2 * sd)
}

func sum(xs []float64) float64 {
	total := 0.
	for _, x := range xs {
		total += x
	}
	return total
}

// readOrders reads order lines into daily series. The columns are found by the
// names that the data sets known here use.
func readOrders(file string) ([]*forecast.Series, forecast.Day, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	var in io.Reader = f
	if strings.HasSuffix(file, ".gz") {
		if in, err = gzip.NewReader(f); err != nil {
			return nil, 0, err
		}
	}
	rows := csv.NewReader(in)
	rows.FieldsPerRecord, rows.LazyQuotes = -1, true
	head, err := rows.Read()
	if err != nil {
		return nil, 0, err
	}
	sku, at, quantity, price := column(head, "StockCode", "product_id", "sku"), column(head, "InvoiceDate", "transaction_timestamp", "time"), column(head, "Quantity", "quantity"), column(head, "UnitPrice", "sales_value", "price")
	if sku < 0 || at < 0 || quantity < 0 {
		return nil, 0, fmt.Errorf("needs columns of product, time and quantity, has %s", strings.Join(head, ", "))
	}
	days := map[string]map[forecast.Day]float64{}
	last := forecast.Day(0)
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, 0, err
		}
		when, err := time.Parse("2006-01-02 15:04:05", row[at])
		n, bad := strconv.ParseFloat(row[quantity], 64)
		if err != nil || bad != nil || n <= 0 || price >= 0 && row[price] == "0" {
			continue
		}
		d := forecast.DayOf(when, time.UTC)
		last = max(last, d)
		if days[row[sku]] == nil {
			days[row[sku]] = map[forecast.Day]float64{}
		}
		days[row[sku]][d] += n
	}
	return seriesOf(days, last), last, nil
}

func seriesOf(days map[string]map[forecast.Day]float64, last forecast.Day) []*forecast.Series {
	var out []*forecast.Series
	for sku, of := range days {
		start := last
		for d := range of {
			start = min(start, d)
		}
		s := &forecast.Series{SKU: events.SKU(sku), Start: start, Sold: make([]float64, last-start+1)}
		for d, n := range of {
			s.Sold[d-start] = n
		}
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b *forecast.Series) int { return strings.Compare(string(a.SKU), string(b.SKU)) })
	return out
}

func column(head []string, names ...string) int {
	for _, n := range names {
		if i := slices.IndexFunc(head, func(h string) bool { return strings.Trim(h, "\ufeff\"") == n }); i >= 0 {
			return i
		}
	}
	return -1
}
