package forecast

import (
	"time"

	"github.com/peakday/peakday/events"
)

// OnHand is the stock of one SKU: what is left now, and when there was nothing
// left. A SKU without any stock event is available and its stock is unknown.
type OnHand struct {
	All     Shelves
	Regions map[string]*Shelves
}

// Shelves is the stock of some locations together.
type Shelves struct {
	Pieces  int64  // the sum; negative when more was sold than reported
	Known   bool   // a level has been reported
	Outages []Span // times without stock, in order, apart from each other

	locations int // of those with a level
}

// Span is a time from From until before To.
type Span struct {
	From, To time.Time // To is zero while it lasts
}

// NewOnHand folds all moves of one SKU, in any order, in event time.
func NewOnHand(moves []StockMove) *OnHand {
	sorted := append([]StockMove(nil), moves...)
	sortMoves(sorted)
	h := &OnHand{Regions: map[string]*Shelves{}}
	locations := map[string]*location{}
	for i := range sorted {
		m := &sorted[i]
		l := locations[m.Location]
		if l == nil {
			l = &location{}
			locations[m.Location] = l
		}
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
	return h
}

// In gives the stock of a region, or of all if region is empty or no location
// is known to lie in it.
func (h *OnHand) In(region string) *Shelves {
	if h == nil {
		return &Shelves{}
	}
	if r := h.Regions[region]; r != nil {
		return r
	}
	return &h.All
}

type location struct{ shelf events.Shelf }

// count adds the location's stock to the sums, or takes it away.
func (l *location) count(h *OnHand, sign int) {
	pieces, known := l.shelf.Remaining()
	if !known {
		return
	}
	r := h.Regions[l.shelf.Region()]
	if r == nil {
		r = &Shelves{}
		h.Regions[l.shelf.Region()] = r
	}
	for _, s := range []*Shelves{&h.All, r} {
		s.Pieces += int64(sign) * pieces
		s.locations += sign
	}
}

// note opens or closes an outage at t.
func (s *Shelves) note(t time.Time) {
	s.Known = s.locations > 0
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
