package api

import (
	"net/http"
	"net/url"

	"github.com/peakday/peakday/api/ui"
	"github.com/peakday/peakday/forecast"
)

// forecastsPage asks for a SKU.
func forecastsPage(x *exchange) error {
	if sku := x.get("sku"); sku != "" {
		x.see("/forecasts/" + url.PathEscape(sku))
		return nil
	}
	coming, err := x.comingSales()
	if err != nil {
		return err
	}
	return x.show(http.StatusOK, "forecasts", "Forecasts", ui.Forecasts{Coming: coming})
}

// forecastPage shows a SKU's forecast, day by day.
func forecastPage(x *exchange) error {
	q, err := x.forecastQuery()
	if err != nil {
		return err
	}
	q.Level = forecast.LevelSKU
	found, err := x.Forecasts.Forecast(x.ctx(), q, x.now())
	if err != nil {
		return err
	}
	calendar, err := x.Forecasts.Calendar(x.ctx())
	if err != nil {
		return unavailable("the calendar cannot be read", err)
	}
	f := found[0]
	v := ui.Forecast{SKU: string(f.SKU), Category: f.Category, Model: f.Model, AsOf: f.AsOf.String(), Horizon: q.Horizon}
	for _, p := range f.Points {
		v.Days = append(v.Days, dayView(p, calendar))
		v.Total += p.Mean
	}
	v.Chart = ui.NewChart(v.Days)
	return x.show(http.StatusOK, "forecast", "Forecast of "+string(f.SKU), v)
}

func dayView(p forecast.ForecastPoint, c *forecast.Calendar) ui.Day {
	d := ui.Day{Date: p.Day.String(), Mean: p.Mean, Weekday: [...]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}[p.Day.Weekday()]}
	for _, q := range []struct {
		p    float64
		into *float64
	}{{.025, &d.Q025}, {.1, &d.Q10}, {.5, &d.Q50}, {.9, &d.Q90}, {.975, &d.Q975}} {
		*q.into, _ = p.Quantiles.At(q.p)
	}
	for _, l := range c.Labels(p.Day) {
		d.Events = append(d.Events, l.Event+" "+l.Phase)
	}
	return d
}
