package api

import (
	"io"
	"net/http"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

// postWhatIf says what another price or a promotion would do.
func postWhatIf(x *exchange) error {
	body, err := x.ownedBody()
	if err != nil {
		return err
	}
	if body, err = x.withMeasuredUplift(body, "promotion"); err != nil {
		return err
	}
	q, err := forecast.ParseWhatIf(body, x.Shop)
	if err != nil {
		return err
	}
	a, err := x.Forecasts.WhatIf(x.ctx(), q, x.now())
	if err != nil {
		return err
	}
	format, err := x.oneOf("format", "json", "csv")
	if err != nil {
		return err
	}
	if format == "csv" {
		return x.csv("what-if", func(w io.Writer) error { return forecast.WriteWhatIf(w, a) })
	}
	out := whatIfAnswer{a, []whatIfRow{}}
	for _, it := range a.Items {
		amount := func(m events.Money) string { return x.Shop.Format(m) }
		out.Items = append(out.Items, whatIfRow{
			it, amount(events.Money(it.Price)), amount(events.Money(it.NewPrice)),
			scenario{it.Order[0], amount(it.Revenue[0]), amount(it.Margin[0])}, scenario{it.Order[1], amount(it.Revenue[1]), amount(it.Margin[1])},
		})
	}
	return x.json(http.StatusOK, out)
}

type whatIfAnswer struct {
	forecast.WhatIfAnswer
	Items []whatIfRow `json:"items"`
}

type whatIfRow struct {
	forecast.WhatIfItem
	Price    string   `json:"price" doc:"now, a decimal; 0 if unknown"`
	NewPrice string   `json:"new_price"`
	Before   scenario `json:"now" doc:"what the forecast as it is comes to"`
	After    scenario `json:"then" doc:"and in the scenario"`
}

type scenario struct {
	Stock   int64  `json:"stock" doc:"that reaches the service level"`
	Revenue string `json:"revenue" doc:"expected, a decimal"`
	Margin  string `json:"margin" doc:"expected, of SKUs whose cost is known"`
}
