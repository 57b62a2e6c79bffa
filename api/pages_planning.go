package api

import (
	"net/http"

	"github.com/peakday/peakday/api/ui"
	"github.com/peakday/peakday/forecast"
)

// alertsPage shows what may sell out.
func alertsPage(x *exchange) error {
	alerts, err := x.Forecasts.Alerts(x.ctx(), forecast.AlertQuery{}, x.now())
	if err != nil {
		return err
	}
	v := ui.Alerts{Currency: string(x.Shop), All: len(alerts)}
	for _, a := range alerts[:min(len(alerts), maxPlanRows)] {
		row := ui.AlertRow{
			SKU: string(a.SKU), Category: a.Category, OnHand: a.OnHand, OnOrder: a.OnOrder, Order: a.Order, Until: (a.Until + 1).String(),
			Mean: a.Demand.Mean, Chance: a.Chance, Cover: a.Cover, Risk: x.Shop.Format(a.Lost),
		}
		if a.Receipt != nil {
			row.Receipt = a.Receipt.Date.String()
		}
		if a.Date != nil {
			row.Date = a.Date.String()
		}
		v.AsOf = x.formatTime(a.AsOf)
		v.Rows = append(v.Rows, row)
	}
	return x.renderPage(http.StatusOK, "alerts", "What may sell out", v)
}

// accuracyPage shows what past plans and overrides were worth.
func accuracyPage(x *exchange) error {
	plans, err := x.Forecasts.Accuracy(x.ctx(), "", "", x.now())
	if err != nil {
		return err
	}
	worth, err := x.Forecasts.ValueAdded(x.ctx(), x.now())
	if err != nil {
		return err
	}
	var v ui.Accuracy
	for _, a := range plans {
		v.Plans = append(v.Plans, ui.AccuracyRow{
			Plan: a.Plan, Event: a.Event, From: a.From.String(), To: a.To.String(), SKUs: a.SKUs, Planned: a.Planned, Sold: a.Sold,
			Stocking: a.Stocking, WAPE: a.WAPE, Bias: a.Bias, Within80: a.Within80, Enough: a.Enough, Aimed: a.Aimed, LastYear: a.LastYear,
		})
	}
	v.Overrides = overrideValues(worth)
	return x.renderPage(http.StatusOK, "accuracy", "Accuracy of past plans", v)
}
