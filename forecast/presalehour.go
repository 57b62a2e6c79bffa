package forecast

import (
	"cmp"
	"time"

	"github.com/peakday/peakday/events"
)

// PresaleHour counts, for a SKU and an event of the calendar, what became of
// the deposits that were paid in one hour of the shop's clock, and how many
// balances were paid in it. As the argument of AddPresaleHours it holds the
// change. All but DepositValue are pieces.
//
// The row is the state of a cohort: Deposits − Void − Paid of it still wait
// for their balance.
type PresaleHour struct {
	SKU          events.SKU
	Event        string
	Start        time.Time    // the beginning of the hour
	Deposits     int64        // deposits paid in the hour
	DepositValue events.Money // what they came to
	Void         int64        // of these deposits, cancelled without a balance
	Paid         int64        // of these deposits, those whose balance has been paid
	Returned     int64        // of Paid, taken back since
	Balances     int64        // balances paid in this hour, for deposits of any hour
}

// presaleKey is what identifies a row.
type presaleKey struct {
	sku   events.SKU
	event string
	start int64 // Unix seconds
}

// presales collects rows by key.
type presales map[presaleKey]*PresaleHour

func (ps presales) at(sku events.SKU, event string, t time.Time, zone *time.Location) *PresaleHour {
	start := hourStart(t, zone)
	k := presaleKey{sku, event, start}
	p := ps[k]
	if p == nil {
		p = &PresaleHour{SKU: sku, Event: event, Start: time.Unix(start, 0).UTC()}
		ps[k] = p
	}
	return p
}

// enter counts one presale order of a SKU; sales are its balances with what is
// left of them. What was paid or cancelled is laid to its deposits in order of
// time.
func (ps presales) enter(o *order, sales []*sale, zone *time.Location) {
	paid, kept := int64(0), int64(0)
	for _, s := range sales {
		paid += s.line.Quantity
		kept += s.left
		ps.at(s.line.SKU, s.line.Event, s.line.Time, zone).Balances += s.line.Quantity
	}
	void := int64(0)
	if paid == 0 {
		void = o.cancelled
	}
	returned := paid - kept
	for _, d := range o.deposits {
		row := ps.at(d.SKU, d.Event, d.Time, zone)
		row.Deposits += d.Quantity
		row.DepositValue += d.Amount
		row.Void += take(&void, d.Quantity)
		mine := take(&paid, d.Quantity)
		row.Paid += mine
		row.Returned += take(&returned, mine)
	}
}

// take moves up to most out of from.
func take(from *int64, most int64) int64 {
	n := min(*from, most)
	*from -= n
	return n
}

func (p *PresaleHour) subtract(o *PresaleHour) {
	p.Deposits -= o.Deposits
	p.DepositValue -= o.DepositValue
	p.Void -= o.Void
	p.Paid -= o.Paid
	p.Returned -= o.Returned
	p.Balances -= o.Balances
}

func (p *PresaleHour) zero() bool {
	return p.Deposits == 0 && p.DepositValue == 0 && p.Void == 0 && p.Paid == 0 && p.Returned == 0 && p.Balances == 0
}

func (p *PresaleHour) compare(o *PresaleHour) int {
	return cmp.Or(cmp.Compare(p.SKU, o.SKU), cmp.Compare(p.Event, o.Event), p.Start.Compare(o.Start))
}
