package api

import (
	"io"
	"net/http"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

// listSupply lists how SKUs are bought.
func listSupply(x *exchange) error {
	rows, err := x.Forecasts.Reader.Supplies(x.ctx(), nil)
	if err != nil {
		return unavailable("the supply data cannot be read", err)
	}
	return tableOf(x, "supply", rows, func(w io.Writer) error { return forecast.WriteSupplies(w, rows) }, identity[forecast.Supply])
}

func getSupply(x *exchange) error {
	sku := events.SKU(x.param("sku"))
	s, err := x.Plans.Supply(x.ctx(), sku)
	if isForecastNotFound(err) {
		return errorf("not_found", "there is no supply data of the SKU %q", events.Clip(string(sku)))
	}
	if err != nil {
		return err
	}
	return x.versioned(http.StatusOK, s.Version, s)
}

// putSupply says what a SKU costs, how long it takes to come, and what is on
// its way.
func putSupply(x *exchange) error {
	body, err := x.ownedBody()
	if err != nil {
		return err
	}
	s, err := forecast.ParseSupply(events.SKU(x.param("sku")), body, x.Shop)
	if err != nil {
		return err
	}
	s.Version, err = x.versionToReplace(func() error {
		_, err := x.Plans.Supply(x.ctx(), s.SKU)
		return err
	})
	if err != nil {
		return err
	}
	if s.Version, err = x.Plans.PutSupply(x.ctx(), s); err != nil {
		return err
	}
	return x.versioned(createdOrOK(s.Version), s.Version, s)
}
