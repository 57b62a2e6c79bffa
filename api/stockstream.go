package api

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/peakday/peakday/events"
)

// maxWatchedSKUs is how many SKUs one stream may watch: those of a page.
const maxWatchedSKUs = 100

// watchStock streams what is left of SKUs: of each first as it is, and then
// whenever it changes, so that what has sold out leaves a shop's page at once. A
// SKU that no event has named yet is silent until one does.
func watchStock(x *exchange) error {
	skus, err := x.watchedSKUs()
	if err != nil {
		return err
	}
	region := x.get("region")
	if err := checkID("region", region); err != nil {
		return err
	}
	changed, stop := x.Items.WatchStock(skus)
	defer stop()
	sent := make([]string, len(skus)) // the newest message of each
	return x.stream(func(message []byte) ([]byte, <-chan struct{}) {
		for i, sku := range skus {
			now, ok := x.stockOf(sku, region)
			if !ok {
				continue
			}
			data, err := json.Marshal(now)
			if err != nil || string(data) == sent[i] {
				continue
			}
			sent[i] = string(data)
			message = append(append(append(message, "event: stock\ndata: "...), data...), "\n\n"...)
		}
		return message, changed
	})
}

func (x *exchange) watchedSKUs() ([]events.SKU, error) {
	names := x.list("sku")
	if len(names) == 0 || len(names) > maxWatchedSKUs {
		return nil, &events.Invalid{Field: "sku", Problem: fmt.Sprintf("must name 1 to %d SKUs, got %d", maxWatchedSKUs, len(names))}
	}
	var skus []events.SKU
	for i, name := range names {
		if err := events.CheckID(fmt.Sprintf("sku[%d]", i), name); err != nil {
			return nil, err
		}
		if !slices.Contains(skus, events.SKU(name)) {
			skus = append(skus, events.SKU(name))
		}
	}
	return skus, nil
}
