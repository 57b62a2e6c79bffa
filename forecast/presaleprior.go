package forecast

import (
	"fmt"

	"github.com/peakday/peakday/events"
)

// PresalePrior is what is believed of a presale before the shop has seen one.
// The planner may say it with the event.
type PresalePrior struct {
	Paid     float64 `json:"paid"`     // the share of deposits whose balance is paid: .8 if 0
	Returned float64 `json:"returned"` // the share of those that comes back: .05 if 0
	Share    float64 `json:"share"`    // presale's share of the demand on days when balances are paid: .25 if 0
	Pieces   float64 `json:"pieces"`   // how many pieces of experience it is worth: 50 if 0
}

func (p *PresalePrior) check() error {
	if p == nil {
		return nil
	}
	for _, f := range []struct {
		name  string
		value float64
	}{{"paid", p.Paid}, {"returned", p.Returned}, {"share", p.Share}} {
		if !(f.value >= 0 && f.value <= 1) {
			return &events.Invalid{Field: "presale." + f.name, Problem: fmt.Sprintf("must be 0 to 1, got %g", f.value)}
		}
	}
	if !(p.Pieces >= 0 && p.Pieces <= maxPieces) {
		return &events.Invalid{Field: "presale.pieces", Problem: "must not be negative"}
	}
	return nil
}

// orDefault fills in what is not said.
func (p *PresalePrior) orDefault() PresalePrior {
	out := PresalePrior{Paid: .8, Returned: .05, Share: .25, Pieces: 50}
	if p == nil {
		return out
	}
	for _, f := range []struct {
		said float64
		into *float64
	}{{p.Paid, &out.Paid}, {p.Returned, &out.Returned}, {p.Share, &out.Share}, {p.Pieces, &out.Pieces}} {
		if f.said > 0 {
			*f.into = f.said
		}
	}
	return out
}
