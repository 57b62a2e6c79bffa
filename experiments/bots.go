package experiments

import (
	"time"

	"github.com/peakday/peakday/events"
)

// BotReason is why a unit is taken for a bot or for a brush buyer.
type BotReason string

// The reasons, in the order in which they are looked for.
const (
	Flagged    BotReason = "flagged"    // user.changed says bot, brush or flagged
	TooFast    BotReason = "rate"       // more events in an hour than a person can cause
	Repetitive BotReason = "repetition" // many orders, or many of one thing, in a day
)

// What a person does not do.
const (
	mostEventsAnHour    = 600
	mostOrdersADay      = 30
	mostOrdersOfOneADay = 5   // orders of the same SKU
	mostViewsOfOneADay  = 100 // of the same product
)

// botTypes lists the facts by which bots are known.
func botTypes() []events.Type {
	return []events.Type{
		events.ProductViewed, events.ProductClicked, events.ProductAdded, events.ProductFavorited,
		events.OrderPlaced, events.OrderCompleted, events.UserChanged,
	}
}

// botReasonOf looks at the facts of a unit of a kind, sorted by time; empty if
// there is none. A shop, a region or a team is many people: what one person does
// not do, they do all day.
func botReasonOf(kind events.UnitKind, facts []UnitFact) BotReason {
	if kind == events.Shop || kind == events.Region || kind == events.Team {
		return ""
	}
	for i := range facts {
		if t, ok := facts[i].data.(*events.Traits); ok && flagged(t.Attributes) {
			return Flagged
		}
	}
	fast := newRate(time.Hour, mostEventsAnHour)
	orders := newRate(24*time.Hour, mostOrdersADay)
	bought, viewed := map[string]*rate{}, map[string]*rate{}
	repeats := false
	for i := range facts {
		f := &facts[i]
		switch d := f.data.(type) {
		case *events.Behaviour:
			if fast.add(f.At) {
				return TooFast
			}
			if f.Type == events.ProductViewed {
				repeats = repeats || rateOf(viewed, string(d.Item), mostViewsOfOneADay).add(f.At)
			}
		case *events.Order:
			if f.Type != events.OrderPlaced && f.Type != events.OrderCompleted {
				continue
			}
			repeats = repeats || orders.add(f.At)
			for _, l := range d.Lines {
				repeats = repeats || rateOf(bought, string(l.SKU), mostOrdersOfOneADay).add(f.At)
			}
		}
	}
	if repeats {
		return Repetitive
	}
	return ""
}

func flagged(attributes map[string]any) bool {
	for _, name := range []string{"bot", "brush", "flagged"} {
		if yes, ok := attributes[name].(bool); ok && yes {
			return true
		}
	}
	return false
}

// rate tells when more than most things happen within a time.
type rate struct {
	within time.Duration
	most   int
	times  []time.Time // the last most of them, a ring
	next   int
}

func newRate(within time.Duration, most int) *rate {
	return &rate{within: within, most: most}
}

func rateOf(rates map[string]*rate, key string, most int) *rate {
	r := rates[key]
	if r == nil {
		r = newRate(24*time.Hour, most)
		rates[key] = r
	}
	return r
}

// add reports whether it is one more than may happen.
func (r *rate) add(at time.Time) bool {
	if len(r.times) < r.most {
		r.times = append(r.times, at)
		return false
	}
	oldest := r.times[r.next]
	r.times[r.next] = at
	r.next = (r.next + 1) % len(r.times)
	return at.Sub(oldest) < r.within
}
