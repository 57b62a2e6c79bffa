package forecast

import (
	"time"

	"github.com/peakday/peakday/events"
)

// OnHand is the stock of one SKU: what is left now, and when there was nothing
// left. A SKU without any stock event is available and its stock is unknown.
type OnHand struct {
	All     StockState
	Regions map[string]*StockState
}

// StockState is the stock of some locations together.
type StockState struct {
	Pieces  int64   // the sum; negative when more was sold than reported
	Known   bool    // a level has been reported
	Outages []Span  // times without stock, in order, apart from each other
	Average float64 // pieces on average over the time that the caller averages

	since, until, last time.Time // of Average
	first              time.Time // level
	held               float64   // pieces × hours in it so far

	locations int // of those with a level
}

// Span is a time from From until before To.
type Span struct {
	From, To time.Time // To is zero while it lasts
}

// NewOnHand folds all moves of one SKU, in any order, in event time.
func NewOnHand(moves []StockMove) *OnHand { return newOnHand(moves, time.Time{}, time.Time{}) }

// newOnHand averages the stock of all locations over a time, too.
func newOnHand(moves []StockMove, since, until time.Time) *OnHand {
	sorted := append([]StockMove(nil), moves...)
	sortMoves(sorted)
	h := &OnHand{Regions: map[string]*StockState{}}
	h.All.since, h.All.until = since, until
	locations := map[string]*location{}
	for i := range sorted {
		m := &sorted[i]
		l := locations[m.Location]
		if l == nil {
			l = &location{}
			locations[m.Location] = l
		}
		h.All.accumulate(m.Time)
		l.count(h, -1)
		l.shelf.Apply(m.fact())
		l.count(h, +1)
		if i+1 == len(sorted) || !sorted[i+1].Time.Equal(m.Time) {
			h.All.note(m.Time)
			for _, r := range h.Regions {
				r.note(m.Time)
			}
		}
	}
	h.All.accumulate(until)
	if known := h.All.known(); known > 0 {
		h.All.Average = h.All.held / known
	}
	return h
}

// accumulate counts what was in stock from the last move to t.
func (s *StockState) accumulate(t time.Time) {
	if !s.last.IsZero() && s.locations > 0 {
		s.held += float64(max(0, s.Pieces)) * Span{From: s.last, To: t}.within(s.since, s.until).Hours()
	}
	s.last = t
}

// known is how many hours of the time to average lie behind the first outage
// or move that was seen; stock was unknown before.
func (s *StockState) known() float64 {
	return Span{From: s.first, To: s.until}.within(s.since, s.until).Hours()
}

// In gives the stock of a region, or of all if region is empty or no location
// is known to lie in it.
func (h *OnHand) In(region string) *StockState {
	if h == nil {
		return &StockState{}
	}
	if r := h.Regions[region]; r != nil {
		return r
	}
	return &h.All
}

type location struct{ shelf events.Inventory }

// count adds the location's stock to the sums, or takes it away.
func (l *location) count(h *OnHand, sign int) {
	pieces, known := l.shelf.Remaining()
	if !known {
		return
	}
	r := h.Regions[l.shelf.Region()]
	if r == nil {
		r = &StockState{}
		h.Regions[l.shelf.Region()] = r
	}
	for _, s := range []*StockState{&h.All, r} {
		s.Pieces += int64(sign) * pieces
		s.locations += sign
	}
}

// note opens or closes an outage at t.
func (s *StockState) note(t time.Time) {
	s.Known = s.locations > 0
	if s.Known && s.first.IsZero() {
		s.first = t
	}
	out := s.Known && s.Pieces <= 0
	last := len(s.Outages) - 1
	open := last >= 0 && s.Outages[last].To.IsZero()
	switch {
	case out && !open && last >= 0 && s.Outages[last].To.Equal(t):
		s.Outages[last].To = time.Time{}
	case out && !open:
		s.Outages = append(s.Outages, Span{From: t})
	case !out && open:
		s.Outages[last].To = t
	}
}

// within is how much of [from, to) lies in the span.
func (s Span) within(from, to time.Time) time.Duration {
	if s.From.After(from) {
		from = s.From
	}
	if !s.To.IsZero() && s.To.Before(to) {
		to = s.To
	}
	return max(0, to.Sub(from))
}
