package forecast

import (
	"time"

	"github.com/peakday/peakday/events"
)

// StockMove is one stock event of a SKU at one location, kept as it came:
// from all of them follow what is left and when there was nothing left.
type StockMove struct {
	ID       events.RecordID
	SKU      events.SKU
	Location string
	Region   string    // of the location
	Level    bool      // Quantity is what is available; else it is a change
	Quantity int64     // pieces
	Version  int64     // orders the moves of a location
	Time     time.Time // when it happened
}

// moveOf reads the fact of a SKU's record; ok is false if it is not of stock.
func moveOf(d events.Delivery) (m StockMove, ok bool) {
	s, ok := d.Fact.Data.(*events.Stock)
	if !ok {
		return StockMove{}, false
	}
	return StockMove{
		ID: d.RecordID(), SKU: s.SKU, Location: s.Location, Region: s.Region,
		Level: d.Type == events.StockLevelled, Quantity: s.Quantity, Version: s.Version, Time: d.Fact.Time,
	}, true
}
