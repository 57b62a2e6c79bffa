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
	a, err := x.whatIf(body)
	if err != nil {
		return err
	}
	asCSV, err := x.wantsCSV()
	if err != nil {
		return err
	}
	if asCSV {
		return x.csv("what-if", func(w io.Writer) error { return forecast.WriteWhatIf(w, a) })
	}
	out := whatIfAnswer{a, []whatIfRow{}}
	for _, it := range a.Items {
		out.Items = append(out.Items, x.whatIfRow(it))
	}
	return x.json(http.StatusOK, out)
}

// whatIf answers the question in a body.
func (x *exchange) whatIf(body []byte) (forecast.WhatIfAnswer, error) {
	body, err := x.withMeasuredUplift(body, "promotion")
	if err != nil {
		return forecast.WhatIfAnswer{}, err
	}
	q, err := forecast.ParseWhatIf(body, x.Shop)
	if err != nil {
		return forecast.WhatIfAnswer{}, err
	}
	return x.Forecasts.WhatIf(x.ctx(), q, x.now())
}

func (x *exchange) whatIfRow(it forecast.WhatIfItem) whatIfRow {
	amount := x.Shop.Format
	return whatIfRow{
		it, amount(events.Money(it.Price)), amount(events.Money(it.NewPrice)),
		scenario{it.Order[0], amount(it.Revenue[0]), amount(it.Margin[0])}, scenario{it.Order[1], amount(it.Revenue[1]), amount(it.Margin[1])},
	}
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
