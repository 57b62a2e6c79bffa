package api

import (
	"io"
	"net/http"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

// maxHorizon is how many days ahead may be asked for.
const maxHorizon = 366

// getForecast forecasts the days after the last closed sales day.
func getForecast(x *exchange) error {
	q, err := x.forecastQuery()
	if err != nil {
		return err
	}
	found, err := x.Forecasts.Forecast(x.ctx(), q, x.now())
	if err != nil {
		return err
	}
	asCSV, err := x.wantsCSV()
	if err != nil {
		return err
	}
	if asCSV {
		return x.csv("forecast", func(w io.Writer) error { return forecast.WriteForecasts(w, found) })
	}
	if q.Level == forecast.LevelRegion {
		return x.json(http.StatusOK, listing[*forecast.Forecast]{Items: orEmpty(found)})
	}
	return x.json(http.StatusOK, found[0])
}

func (x *exchange) forecastQuery() (q forecast.Query, err error) {
	q.SKU = events.SKU(x.param("sku"))
	if err := events.CheckID("sku", string(q.SKU)); err != nil {
		return q, err
	}
	if q.Level, err = x.oneOf("level", forecast.LevelSKU, forecast.LevelCategory, forecast.LevelRegion); err != nil {
		return q, err
	}
	if q.Horizon, err = x.integer("horizon", 30, 1, maxHorizon); err != nil {
		return q, err
	}
	q.Fresh, err = x.flag("fresh")
	return q, err
}

// eventForecasts forecasts every SKU that sold lately over the next sale of an
// event.
func eventForecasts(x *exchange) error {
	event := x.get("event")
	if err := events.CheckKey("event", event); err != nil {
		return err
	}
	asCSV, err := x.wantsCSV()
	if err != nil {
		return err
	}
	level, err := x.oneOf("level", forecast.LevelSKU, forecast.LevelCategory, forecast.LevelRegion)
	if err != nil {
		return err
	}
	fresh, err := x.flag("fresh")
	if err != nil {
		return err
	}
	found, err := x.Forecasts.EventForecasts(x.ctx(), event, level, fresh, x.now())
	if err != nil {
		return err
	}
	if asCSV {
		return x.csv("forecasts-"+event, func(w io.Writer) error { return forecast.WriteForecasts(w, found) })
	}
	// A part costs as much as the whole: all SKUs are forecast for it.
	list, err := paginateBy(x, found, func(f *forecast.Forecast) string { return string(f.SKU) + f.Category + f.Region }, maxItems)
	if err != nil {
		return err
	}
	return x.json(http.StatusOK, list)
}

func orEmpty[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}
