package forecast

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/peakday/peakday/events"
)

// Forecast is the demand of a series, day by day.
type Forecast struct {
	SKU      events.SKU         `json:"sku,omitempty"`
	Category string             `json:"category,omitempty"` // of the SKU, or of all its SKUs together if SKU is empty
	Region   string             `json:"region,omitempty"`   // of a forecast for one region
	Model    string             `json:"model"`              // the methods that count most, such as theta+ses
	AsOf     Day                `json:"as_of"`              // the last day that it knows
	Members  map[string]float64 `json:"members"`            // the weight of each method
	Points   []ForecastPoint    `json:"points"`

	days, sums *recalibration
}

// ForecastPoint is the forecast of one day, in pieces.
type ForecastPoint struct {
	Day        Day        `json:"date"`
	Mean       float64    `json:"mean"`
	Quantiles  Quantiles  `json:"quantiles"`
	Components Components `json:"components"`

	sure   float64 // pieces of Mean that have come already
	own    float64 // variance of the rest that no other day shares
	shared float64 // standard deviation that all days share
	pieces bool
	batch  float64 // variance of counting over the mean, of pieces: above 1 where many are bought at once
}

// Components explain a mean; they add up to it.
type Components struct {
	Level   float64 `json:"level"`   // of an average day, tomorrow
	Trend   float64 `json:"trend"`   // how the level moves until then
	Weekday float64 `json:"weekday"` // more or less than on an average day
	Event   float64 `json:"event"`   // what the calendar's events add

	Presale   float64 `json:"presale,omitempty"`   // what deposits and balances, or today's sales so far, change
	Promotion float64 `json:"promotion,omitempty"` // what a price or a promotion's uplift adds
	Whole     float64 `json:"hierarchy,omitempty"` // what category, region and shop together change
	Override  float64 `json:"override,omitempty"`  // what a planner changes
}

// Sum is the mean that the components explain.
func (c Components) Sum() float64 {
	return c.Level + c.Trend + c.Weekday + c.Event + c.Presale + c.Promotion + c.Whole + c.Override
}

// Quantile is the value that is not exceeded with probability P.
type Quantile struct {
	P, Value float64
}

// Quantiles rise with P. As JSON they are an object: {"0.1":3,"0.5":7}.
type Quantiles []Quantile

// Probabilities are those of the quantiles that a forecast states.
func Probabilities() []float64 { return []float64{.025, .1, .5, .9, .975} }

func quantilesOf(d Distribution) Quantiles {
	var out Quantiles
	for _, p := range Probabilities() {
		out = append(out, Quantile{p, d.Quantile(p)})
	}
	return out
}

// At is the value at probability p, if it is stated.
func (q Quantiles) At(p float64) (value float64, ok bool) {
	for _, v := range q {
		if v.P == p {
			return v.Value, true
		}
	}
	return 0, false
}

// UnmarshalJSON implements json.Unmarshaler.
func (q *Quantiles) UnmarshalJSON(body []byte) error {
	var values map[string]float64
	if err := json.Unmarshal(body, &values); err != nil {
		return err
	}
	*q = nil
	for text, v := range values {
		p, err := strconv.ParseFloat(text, 64)
		if err != nil || !(p > 0 && p < 1) {
			return &events.Invalid{Field: "quantiles", Problem: fmt.Sprintf("must be named by a probability, got %q", events.Clip(text))}
		}
		*q = append(*q, Quantile{p, v})
	}
	slices.SortFunc(*q, func(a, b Quantile) int { return cmp.Compare(a.P, b.P) })
	return nil
}

// MarshalJSON implements json.Marshaler.
func (q Quantiles) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, v := range q {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('"')
		b.WriteString(strconv.FormatFloat(v.P, 'f', -1, 64))
		b.WriteString(`":`)
		b.WriteString(strconv.FormatFloat(v.Value, 'g', -1, 64))
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func (p *ForecastPoint) distribution(w *recalibration) Distribution {
	return Distribution{Mean: p.Mean, Variance: p.own + p.shared*p.shared, Pieces: p.pieces, recalibration: w, sure: math.Floor(p.sure)}
}

// Sum is the distribution of the demand from one day to another, both
// included, as far as they are forecast. It is not the sum of quantiles: the
// noise of single days cancels out, an error of the level does not.
func (f *Forecast) Sum(from, to Day) Distribution {
	sum := Distribution{recalibration: f.sums}
	shared, sure, days := 0., 0., 0
	for i := range f.Points {
		p := &f.Points[i]
		if p.Day < from || p.Day > to {
			continue
		}
		sum.Mean += p.Mean
		sum.Variance += p.own
		shared += p.shared
		sure += p.sure
		sum.Pieces = p.pieces
		days++
	}
	sum.Variance += shared * shared
	sum.sure = math.Floor(sure)
	if days == 1 {
		sum.recalibration = f.days
	}
	return sum
}
