package forecast

import (
	"cmp"
	"time"

	"github.com/peakday/peakday/events"
)

// Hour holds the sales of a SKU in one region in one hour of the shop's clock.
// As the argument of AddSaleHours it holds their change.
type Hour struct {
	SKU      events.SKU
	Region   string       // empty if unknown
	Start    time.Time    // the beginning of the hour
	Quantity int64        // pieces demanded, less those taken back; negative where returns found no sale
	Revenue  events.Money // the value of Quantity at the prices of its sales; a presale's is deposits plus balance
	Foreign  int64        // of Quantity, the pieces priced in another currency: not in Revenue
	Deposits int64        // pieces for which a presale's deposit was paid in this hour: a signal, not demand
}

// hourKey is what identifies a row.
type hourKey struct {
	sku    events.SKU
	region string
	start  int64 // Unix seconds
}

// hours collects rows by key.
type hours map[hourKey]*Hour

// at returns the row of an hour, made if need be. zone is the shop's: a day
// of its clock must begin with an hour, also where that is at half past.
func (hs hours) at(sku events.SKU, region string, t time.Time, zone *time.Location) *Hour {
	start := hourStart(t, zone)
	k := hourKey{sku, region, start}
	h := hs[k]
	if h == nil {
		h = &Hour{SKU: sku, Region: region, Start: time.Unix(start, 0).UTC()}
		hs[k] = h
	}
	return h
}

// hourStart is the Unix second at which the hour of t began on zone's clock.
func hourStart(t time.Time, zone *time.Location) int64 {
	_, offset := t.In(zone).Zone()
	local := t.Unix() + int64(offset)
	return t.Unix() - ((local%3600)+3600)%3600
}

func (h *Hour) subtract(o *Hour) {
	h.Quantity -= o.Quantity
	h.Revenue -= o.Revenue
	h.Foreign -= o.Foreign
	h.Deposits -= o.Deposits
}

func (h *Hour) zero() bool {
	return h.Quantity == 0 && h.Revenue == 0 && h.Foreign == 0 && h.Deposits == 0
}

func (h *Hour) compare(o *Hour) int {
	return cmp.Or(cmp.Compare(h.SKU, o.SKU), h.Start.Compare(o.Start), cmp.Compare(h.Region, o.Region))
}
