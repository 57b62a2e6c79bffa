package forecast

import (
	"time"

	"github.com/peakday/peakday/events"
)

// Plan is a stock plan: what to order of each SKU before an event.
type Plan struct {
	ID       string
	Created  time.Time
	AsOf     Day // the last closed sales day it knows
	Event    string
	From, To Day // the window of demand that it covers
	Currency events.Currency
	Items    []PlanItem
}

// PlanItem is the plan of one SKU.
type PlanItem struct {
	SKU events.SKU
}
