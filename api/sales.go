package api

import (
	"fmt"
	"io"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

// getSales says what was sold, by SKU, region and day or hour.
func getSales(x *exchange) error {
	return tableFor(x, "sales", x.salesQuery, func(q forecast.SalesQuery) ([]forecast.SalesRow, error) {
		return x.Forecasts.Sales(x.ctx(), q)
	}, forecast.WriteSales, func(r forecast.SalesRow) saleRow { return saleRow{r, x.Shop.Format(r.Revenue)} })
}

type saleRow struct {
	forecast.SalesRow
	Revenue string `json:"revenue" doc:"in the shop's currency, a decimal"`
}

func (x *exchange) salesQuery() (q forecast.SalesQuery, err error) {
	for i, sku := range x.list("sku") {
		if err := events.CheckID(fmt.Sprintf("sku[%d]", i), sku); err != nil {
			return q, err
		}
		q.SKUs = append(q.SKUs, events.SKU(sku))
	}
	if x.values().Has("region") {
		region := x.get("region")
		if err := checkID("region", region); err != nil {
			return q, err
		}
		q.Region = &region
	}
	by, err := x.oneOf("by", "day", "hour")
	if err != nil {
		return q, err
	}
	q.Hourly = by == "hour"
	if q.AllArea, err = x.flag("together"); err != nil {
		return q, err
	}
	q.From, q.To, err = x.days(30)
	return q, err
}

// days are ?from= and ?to=, the last few days to today if left out.
func (x *exchange) days(back int) (from, to forecast.Day, err error) {
	zone := x.Zone
	if zone == nil {
		zone = time.UTC
	}
	to = forecast.DayOf(x.now(), zone)
	if to, err = x.salesDay("to", to); err != nil {
		return 0, 0, err
	}
	if from, err = x.salesDay("from", to-forecast.Day(back-1)); err != nil {
		return 0, 0, err
	}
	if from > to {
		return 0, 0, &events.Invalid{Field: "from", Problem: fmt.Sprintf("must not be after to (%s), got %s", to, from)}
	}
	return from, to, nil
}

func (x *exchange) salesDay(name string, otherwise forecast.Day) (forecast.Day, error) {
	text := x.get(name)
	if text == "" {
		return otherwise, nil
	}
	d, err := forecast.ParseDay(text)
	if err != nil {
		return 0, &events.Invalid{Field: name, Problem: err.Error()}
	}
	return d, nil
}

// getLostDemand estimates what could not be sold for want of stock.
func getLostDemand(x *exchange) error {
	sku := events.SKU(x.get("sku"))
	if err := checkID("sku", string(sku)); err != nil {
		return err
	}
	from, to, err := x.days(365)
	if err != nil {
		return err
	}
	rows, err := x.Forecasts.LostDemand(x.ctx(), sku, from, to, x.now())
	if err != nil {
		return err
	}
	return tableOf(x, "lost-demand", rows, func(w io.Writer) error { return forecast.WriteLost(w, x.Shop, rows) }, func(r forecast.LostRow) lostRow {
		return lostRow{r, x.Shop.Format(r.Worth)}
	})
}

type lostRow struct {
	forecast.LostRow
	Worth string `json:"worth" doc:"at the SKU's price lately, a decimal"`
}
