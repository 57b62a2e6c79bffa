package api

import (
	"net/http"
	"slices"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
)

// getStock says what is left of a SKU, as of the newest stock event.
func getStock(x *exchange) error {
	sku, region := events.SKU(x.param("sku")), x.get("region")
	if err := events.CheckID("sku", string(sku)); err != nil {
		return err
	}
	if err := checkID("region", region); err != nil {
		return err
	}
	out, ok := x.stockOf(sku, region)
	if !ok {
		return errorf("not_found", "no event has named the SKU %q", events.Clip(string(sku)))
	}
	return x.json(http.StatusOK, out)
}

// stockOf asks the catalogue; ok is false for a SKU that no event has named.
func (a *API) stockOf(sku events.SKU, region string) (out stock, ok bool) {
	it, ok := a.Items.ItemOf(sku)
	if !ok || it == nil {
		return stock{}, false
	}
	out = stock{SKU: sku, Item: it.ID, Locations: []stockAt{}}
	at := slices.IndexFunc(it.Offers, func(o recommend.Offer) bool { return o.SKU == sku })
	if at < 0 {
		out.Available = it.Available(region)
		return out, true
	}
	o := &it.Offers[at]
	out.Available = it.Published && o.Published && o.InStock(region)
	if pieces, known := o.Stock(region); known {
		out.Remaining = &pieces
	}
	for _, s := range o.Locations {
		if region != "" && s.Region != region {
			continue
		}
		here := stockAt{Location: s.Location, Region: s.Region}
		if s.Known {
			here.Remaining = &s.Pieces
		}
		out.Locations = append(out.Locations, here)
	}
	return out, true
}

type stock struct {
	SKU       events.SKU    `json:"sku"`
	Item      events.ItemID `json:"item"`
	Available bool          `json:"available" doc:"can be bought; a SKU without any stock event can"`
	Remaining *int64        `json:"remaining" doc:"pieces over the locations; null while no level has been reported"`
	Locations []stockAt     `json:"locations"`
}

type stockAt struct {
	Location  string `json:"location"`
	Region    string `json:"region"`
	Remaining *int64 `json:"remaining"`
}
