package api

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/peakday/peakday/api/ui"
	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

// forecastsPage asks for a SKU.
func forecastsPage(x *exchange) error {
	if sku := x.get("sku"); sku != "" {
		x.redirect("/forecasts/" + url.PathEscape(sku))
		return nil
	}
	coming, err := x.comingSales()
	if err != nil {
		return err
	}
	v := ui.Forecasts{Coming: coming}
	if v.SKUs, err = x.offeredSKUs(); err != nil {
		return err
	}
	return x.renderPage(http.StatusOK, "forecasts", "Forecasts", v)
}

// maxOfferedSKUs bounds the names that forms complete.
const maxOfferedSKUs = 1000

// offeredSKUs are those that a form completes.
func (x *exchange) offeredSKUs() ([]string, error) {
	skus, err := x.Forecasts.SKUs(x.ctx(), maxOfferedSKUs, x.now())
	out := make([]string, len(skus))
	for i, sku := range skus {
		out[i] = string(sku)
	}
	return out, err
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
	if err := x.forecastNotes(q.SKU, f.AsOf, &v); err != nil {
		return err
	}
	return x.renderPage(http.StatusOK, "forecast", "Forecast of "+string(f.SKU), v)
}

// forecastNotes adds what a planner said, and the days that lacked stock.
func (x *exchange) forecastNotes(sku events.SKU, asOf forecast.Day, v *ui.Forecast) error {
	said, err := x.Forecasts.Reader.Overrides(x.ctx(), []events.SKU{sku})
	if err != nil {
		return unavailable("the overrides cannot be read", err)
	}
	if n := len(said); n > 0 && said[n-1].Holds(x.now()) {
		o := &said[n-1]
		v.Override = fmt.Sprintf("%s overrides %s to %s: %s (%.0f pieces by the model, %.0f with the override).", o.Author, o.From, o.To, o.Reason, o.Model, o.Planned)
	}
	lost, err := x.Forecasts.LostDemand(x.ctx(), sku, asOf-364, asOf, x.now())
	if err != nil {
		return err
	}
	for _, l := range lost[max(0, len(lost)-30):] {
		v.Lost = append(v.Lost, ui.Lost{Date: l.Day.String(), Open: l.Open, Sold: l.Sold, Demand: l.Demand})
	}
	return nil
}

func dayView(p forecast.ForecastPoint, c *forecast.Calendar) ui.Day {
	d := ui.Day{Date: p.Day.String(), Mean: p.Mean, Weekday: [...]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}[p.Day.Weekday()]}
	for _, q := range []struct {
		p    float64
		into *float64
	}{{.025, &d.Q025}, {.1, &d.Q10}, {.5, &d.Q50}, {.9, &d.Q90}, {.975, &d.Q975}} {
		*q.into, _ = p.Quantiles.At(q.p)
	}
	if change := p.Components.Presale; change >= .5 || change <= -.5 {
		d.Presale = fmt.Sprintf("%+.0f by deposits and today", change)
	}
	for _, l := range c.Labels(p.Day) {
		d.Events = append(d.Events, l.Event+" "+l.Phase)
	}
	return d
}
