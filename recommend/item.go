package recommend

import (
	"slices"
	"time"

	"github.com/peakday/peakday/events"
)

// Item is what the catalogue knows of an item at one moment. It never changes:
// a later fact makes another Item. What the item itself does not say is filled
// in from its SKUs, then from order lines.
type Item struct {
	ID         events.ItemID
	Title      string
	Category   string
	Brand      string
	Price      events.Money // in the shop's currency; the lowest of its SKUs
	Priced     bool         // Price is known
	Attributes map[string]any
	Regions    []string // where it is sold, sorted; empty: everywhere
	Published  bool
	Launched   time.Time // the first time that any fact named it
	Sold       time.Time // the last time that it was ordered; zero if never
	Offers     []Offer   // its SKUs, by id

	standing  source // the best source that named it
	available bool   // in some region
	freshest  int64  // Launched or Sold, whichever is later, in microseconds since 1970
}

// Offer is one SKU of an item.
type Offer struct {
	SKU       events.SKU
	Title     string
	Price     events.Money
	Priced    bool
	Regions   []string // its own; empty: those of the item
	Published bool
	Locations []LocationStock // by location; none: no stock event has come, it is available
}

// LocationStock is what is left of a SKU at one location.
type LocationStock struct {
	Location string
	Region   string
	Pieces   int64
	Known    bool // a level has been seen
}

// Available reports whether the item can be bought in region, or anywhere if
// region is empty: it is published, sold there, and any SKU of it is in stock.
func (it *Item) Available(region string) bool {
	if region == "" {
		return it.available
	}
	return it.available && it.availableIn(region)
}

func (it *Item) availableIn(region string) bool {
	if !it.Published {
		return false
	}
	if len(it.Offers) == 0 {
		return soldIn(it.Regions, region)
	}
	for i := range it.Offers {
		o := &it.Offers[i]
		regions := o.Regions
		if len(regions) == 0 {
			regions = it.Regions
		}
		if o.Published && soldIn(regions, region) && o.InStock(region) {
			return true
		}
	}
	return false
}

func soldIn(regions []string, region string) bool {
	return region == "" || len(regions) == 0 || slices.Contains(regions, region)
}

// InStock reports whether pieces are left in region, or anywhere if region is
// empty. Without any stock event, or while only changes but no level have been
// reported there, it is.
func (o *Offer) InStock(region string) bool {
	if len(o.Locations) == 0 {
		return true
	}
	pieces, known := o.Stock(region)
	return pieces > 0 || !known
}

// Stock is the sum over the locations of region, or over all if region is
// empty. It is not known while no level has been seen at one of them, nor if
// no stock event has come at all.
func (o *Offer) Stock(region string) (pieces int64, known bool) {
	known = len(o.Locations) > 0
	for _, s := range o.Locations {
		if region != "" && s.Region != region {
			continue
		}
		pieces += s.Pieces
		known = known && s.Known
	}
	return pieces, known
}

// Stock is the sum over the item's SKUs in region, or everywhere if region is
// empty. It is not known if that of one of them is not.
func (it *Item) Stock(region string) (pieces int64, known bool) {
	known = len(it.Offers) > 0
	for i := range it.Offers {
		n, ok := it.Offers[i].Stock(region)
		pieces += n
		known = known && ok
	}
	return pieces, known
}
