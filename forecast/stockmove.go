package forecast

import (
	"cmp"
	"encoding/binary"
	"slices"
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

// fact is what an events.Shelf wants of the move.
func (m *StockMove) fact() events.Fact {
	f := events.Fact{Type: events.StockAdjusted, Time: m.Time, Data: &events.Stock{
		SKU: m.SKU, Location: m.Location, Region: m.Region, Quantity: m.Quantity, Version: m.Version,
	}}
	if m.Level {
		f.Type = events.StockLevelled
	}
	var id [16]byte // equal moves are one to the shelf; different ones must stay different
	binary.BigEndian.PutUint64(id[:8], uint64(m.ID.Hi))
	binary.BigEndian.PutUint64(id[8:], uint64(m.ID.Lo))
	f.ID = string(id[:])
	return f
}

// sortMoves orders moves as they happened.
func sortMoves(moves []StockMove) {
	slices.SortFunc(moves, func(a, b StockMove) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Version, b.Version),
			cmp.Compare(a.ID.Hi, b.ID.Hi), cmp.Compare(a.ID.Lo, b.ID.Lo))
	})
}
