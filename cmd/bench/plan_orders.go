package main

import (
	"cmp"
	"context"
	"fmt"
	"hash/crc32"
	"math"
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

// promise is a service level that the plans are made for, and what it is about.
type promise struct {
	level float64
	over  string // forecast.ServiceOverSKU or ServiceOverPlan
}

func promises() []promise {
	return []promise{{.9, forecast.ServiceOverSKU}, {.9, forecast.ServiceOverPlan}, {.95, forecast.ServiceOverSKU}, {.95, forecast.ServiceOverPlan}}
}

// planOrders plans every product that sells, week by week through the weeks
// held out, for two weeks each (one of lead time, one until the next order),
// and compares with the textbook's mean + z·sd of the last half year. Service
// is counted by product and origin: a target serves if it is at least what was
// sold in its two weeks. What is reported are the products that nothing was
// tuned on: half of them, by a hash of their names.
func planOrders(ctx context.Context, t *table, values map[string]float64, file string) error {
	products, end, err := readOrders(file)
	if err != nil {
		return err
	}
	var targets []target
	for origin := end - heldOut + 1; origin+13 <= end; origin += 7 {
		if err := ctx.Err(); err != nil {
			return err
		}
		more, err := planWeek(products, origin)
		if err != nil {
			return err
		}
		targets = append(targets, more...)
	}
	targets = slices.DeleteFunc(targets, func(x target) bool { return crc32.ChecksumIEEE([]byte(x.sku))%2 == 0 })
	name, others := file[strings.LastIndex(file, "/")+1:], withoutBestSeller(targets)
	for k, p := range promises() {
		own := func(x *target) float64 { return x.ours[k].pieces }
		ours := served(targets, own)
		book := served(targets, func(x *target) float64 { return x.textbook(distuv.UnitNormal.Quantile(p.level)) })
		z := equalService(targets, ours.share)
		asMuch := func(x *target) float64 { return x.textbook(z) }
		equal, difference := served(targets, asMuch), served(others, own).pieces/served(others, asMuch).pieces-1
		says, even := rounding(targets, k, p.level)
		key, shared := fmt.Sprintf("%s %.2f ", name, p.level), fmt.Sprintf("%.3f", even)
		if p.over == forecast.ServiceOverPlan {
			key, shared = key+"over the plan ", ""
		}
		t.add(name, strconv.Itoa(len(targets)), fmt.Sprintf("%.2f", p.level), p.over, fmt.Sprintf("%.3f", ours.share), fmt.Sprintf("%.3f", says), shared,
			fmt.Sprintf("%.3f", book.share), fmt.Sprintf("%.2f", z), fmt.Sprintf("%.0f", ours.pieces), fmt.Sprintf("%.0f", equal.pieces),
			percentOf(ours.pieces/equal.pieces-1), percentOf(difference), fmt.Sprintf("%.0f", ours.value), percentOf(ours.value/equal.value-1), fmt.Sprintf("%.2f / %.2f", ours.weeks, equal.weeks), fmt.Sprintf("%.3f / %.3f", ours.fill, equal.fill))
		for what, v := range map[string]float64{
			"held": ours.share, "value": ours.value, "held as it says": says, "held, rounding shared out": even, "weeks against textbook": ours.weeks / equal.weeks, "stock": ours.pieces, "stock of others against textbook": difference, "textbook held": book.share, "textbook stock": book.pieces,
			"textbook stock at our level": equal.pieces, "value against textbook": ours.value / equal.value,
		} {
			values[key+what] = v
		}
	}
	return nil
}

// target is one product's at one origin.
type target struct {
	sku           events.SKU
	ours          []aim   // by promise
	mean, sd      float64 // the textbook's demand of two weeks
	wanted        float64
	price, enough float64 // of a piece; the textbook's z that would just have served
}

// aim is a target in whole pieces, with the probability that demand is at most
// that, and at most one piece less.
type aim struct{ pieces, chance, chanceBelow float64 }

// textbook is mean + z·sd in whole pieces.
func (x *target) textbook(z float64) float64 {
	if x.sd == 0 {
		return math.Ceil(x.mean)
	}
	return math.Max(0, math.Ceil(x.mean+z*x.sd))
}

// service is what targets came to.
type service struct {
	share         float64 // of the targets that were enough
	weeks         float64 // of its own mean demand that a target lasts, on average
	fill          float64 // of the pieces wanted that the targets held
	pieces, value float64
}

func served(all []target, of func(*target) float64) (s service) {
	wanted := 0.
	for i := range all {
		x := &all[i]
		stock := of(x)
		s.share += within(x.wanted, 0, stock) / float64(len(all))
		s.fill += min(x.wanted, stock)
		wanted += x.wanted
		s.pieces += stock
		s.value += stock * x.price
		s.weeks += 2 * stock / x.mean / float64(len(all))
	}
	s.fill /= wanted
	return s
}

// withoutBestSeller leaves out the product that sold most pieces before the
// targets.
func withoutBestSeller(all []target) []target {
	best := slices.MaxFunc(all, func(a, b target) int { return cmp.Compare(a.mean, b.mean) }).sku
	return slices.DeleteFunc(slices.Clone(all), func(x target) bool { return x.sku == best })
}

// rounding is how often our distributions say that targets are enough, and how
// often they would have been if a piece were left out as often as makes the stated
// level exact: whole pieces make the first higher than the level.
func rounding(all []target, k int, level float64) (says, even float64) {
	for i := range all {
		x, a := &all[i], all[i].ours[k]
		less := 0.
		if a.chance > a.chanceBelow {
			less = min(max((a.chance-level)/(a.chance-a.chanceBelow), 0), 1)
		}
		says += a.chance / float64(len(all))
		even += (less*within(x.wanted, 0, a.pieces-1) + (1-less)*within(x.wanted, 0, a.pieces)) / float64(len(all))
	}
	return says, even
}

// equalService is the textbook's least z that serves as large a share.
func equalService(all []target, share float64) float64 {
	zs := make([]float64, len(all))
	for i := range all {
		zs[i] = all[i].enough
	}
	slices.Sort(zs)
	return zs[min(max(int(math.Ceil(share*float64(len(zs))-1e-9))-1, 0), len(zs)-1)]
}

// planWeek plans as of the day before origin.
func planWeek(all []product, origin forecast.Day) ([]target, error) {
	var known []*forecast.Series
	var of []*product
	for i := range all {
		s := all[i].series
		n := int(origin - s.Start)
		if n < 28 {
			continue
		}
		past := &forecast.Series{SKU: s.SKU, Start: s.Start, Sold: s.Sold[:n]}
		if regular(past.Sold) {
			known, of = append(known, past), append(of, &all[i])
		}
	}
	calendar := ordinary()
	pool := forecast.FitPool(known, calendar, 14)
	out, sums, items := make([]target, len(known)), make([]forecast.Distribution, len(known)), make([]forecast.GroupItem, len(known))
	for i, s := range known {
		m, err := forecast.Fit(s, calendar, forecast.Options{Horizon: 14, Pool: pool})
		if err != nil {
			return nil, err
		}
		f := m.Predict(14)
		x := target{sku: s.SKU, wanted: max(0, sum(of[i].series.Sold[len(s.Sold):len(s.Sold)+14])), price: of[i].price}
		sums[i] = f.Sum(origin, origin+13)
		items[i] = forecast.GroupItem{SKU: s.SKU, Demand: sums[i], Cost: x.price}
		x.mean, x.sd = twoWeeks(s.Sold)
		switch {
		case x.sd > 0:
			x.enough = (x.wanted-1-x.mean)/x.sd + 1e-9 // rounded up, this is enough
		case x.wanted <= x.mean:
			x.enough = math.Inf(-1)
		default:
			x.enough = math.Inf(1)
		}
		out[i] = x
	}
	for _, p := range promises() {
		var together []int64
		if p.over == forecast.ServiceOverPlan {
			together = forecast.GroupTargets(p.level, items)
		}
		for i, own := range sums {
			pieces := math.Floor(own.Quantile(p.level))
			if together != nil {
				pieces = float64(together[i])
			}
			out[i].ours = append(out[i].ours, aim{pieces, own.CDF(pieces), own.CDF(pieces - 1)})
		}
	}
	return out, nil
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
