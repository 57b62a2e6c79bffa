package forecast

import "github.com/peakday/peakday/events"

// Supply is what a planner tells about buying one SKU.
type Supply struct {
	SKU          events.SKU
	Currency     events.Currency
	Cost         events.Money // of one piece; 0 if unknown
	Price        events.Money // that one piece sells for; 0 if unknown
	LeadTimeDays float64      // from order to receipt, on average
	LeadTimeSD   float64      // its standard deviation, in days
	Pack         int64        // orders are multiples of it, at least 1
	MinOrder     int64        // no order is smaller, 0 for no limit
	OnOrder      []Receipt    // what was ordered and has not come yet, by date
	Version      int64
}

// Receipt is a quantity that is expected on a day.
type Receipt struct {
	Date     Day   `json:"date"`
	Quantity int64 `json:"quantity"`
}
