package api

import (
	"bytes"
	"io"
	"mime"
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

// putSupplies takes the table that listSupply gives. All of it is checked before
// any of it is stored.
func putSupplies(x *exchange) error {
	if kind, _, err := mime.ParseMediaType(x.r.Header.Get("Content-Type")); err != nil || kind != "text/csv" {
		return errorf("unsupported_media_type", "Content-Type must be text/csv, got %q", events.Clip(x.r.Header.Get("Content-Type")))
	}
	body, err := x.ownedBody()
	if err != nil {
		return err
	}
	rows, err := forecast.ReadSupplies(bytes.NewReader(body), x.Shop)
	if err != nil {
		return err
	}
	for _, s := range rows {
		s.Version = forecast.AnyVersion
		if _, err := x.Plans.PutSupply(x.ctx(), s); err != nil {
			return unavailable("not all of the supply data could be stored; send it again", err)
		}
	}
	return x.json(http.StatusOK, storedSupplies{len(rows)})
}

type storedSupplies struct {
	SKUs int `json:"skus" doc:"whose supply data is now as the table says"`
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
