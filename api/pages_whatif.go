package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/peakday/peakday/api/ui"
	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

// whatIfPage asks what another price or a promotion would do to a SKU, and
// shows the scenario beside the forecast. Nothing is stored, so that the form
// is a link that can be passed on.
func whatIfPage(x *exchange) error {
	form := x.values()
	v := ui.WhatIf{
		SKU: form.Get("sku"), Event: form.Get("event"), From: form.Get("from"), To: form.Get("to"), Price: form.Get("price"), Discount: form.Get("discount"),
		Uplift: form.Get("uplift"), Low: form.Get("low"), High: form.Get("high"), Experiment: form.Get("experiment"), Currency: string(x.Shop),
	}
	var err error
	if v.Sales, err = x.comingSales(); err != nil {
		return err
	}
	if v.SKUs, err = x.offeredSKUs(); err != nil {
		return err
	}
	if v.Price+v.Discount+v.Uplift+v.Experiment == "" { // nothing is asked yet
		return x.renderPage(http.StatusOK, "whatif", "What if", v)
	}
	status := http.StatusOK
	var ok bool
	switch answer, err := x.whatIfOfForm(form); {
	case err == nil:
		v.Answer = x.whatIfView(answer)
	default:
		if v.Error, ok = x.formError(err); !ok {
			return err
		}
		status = http.StatusUnprocessableEntity
	}
	return x.renderPage(status, "whatif", "What if", v)
}

// whatIfOfForm answers by the rules of POST /v1/what-if. The form has per cent
// where the body has shares.
func (x *exchange) whatIfOfForm(form url.Values) (forecast.WhatIfAnswer, error) {
	w := formTexts(form, "sku", "from", "to", "price")
	if w["to"] == nil {
		w["event"] = strings.TrimSpace(form.Get("event"))
	}
	if err := addPercent(w, "discount", form, "discount"); err != nil {
		return forecast.WhatIfAnswer{}, err
	}
	promotion := formTexts(form, "experiment")
	for field, name := range map[string]string{"estimate": "uplift", "low": "low", "high": "high"} {
		if err := addPercent(promotion, field, form, name); err != nil {
			return forecast.WhatIfAnswer{}, err
		}
	}
	if len(promotion) > 0 {
		w["promotion"] = promotion
	}
	body, err := json.Marshal(w)
	if err != nil {
		return forecast.WhatIfAnswer{}, err
	}
	return x.whatIf(body)
}

// addPercent puts what a form has in per cent into an object as a share.
func addPercent(into map[string]any, field string, form url.Values, name string) error {
	v, given, err := formNumber(form, name)
	if given {
		into[field] = v / 100
	}
	return err
}

func (x *exchange) whatIfView(a forecast.WhatIfAnswer) *ui.WhatIfAnswer {
	it := a.Items[0] // one SKU was asked for
	row := x.whatIfRow(it)
	v := &ui.WhatIfAnswer{
		SKU: string(it.SKU), From: a.From.String(), To: a.To.String(), AsOf: a.AsOf.String(), Extrapolated: it.Extrapolated,
		Elasticity: strings.Replace(fmt.Sprintf("%.2f ± %.2f", it.Elasticity, it.Unsure), "-", "−", 1),
		Demand:     [2]ui.Demand{demandView(it.Baseline), demandView(it.Scenario)}, Stock: it.Order,
		Prices:   [2]string{row.Price, row.NewPrice},
		Revenues: [2]string{row.Before.Revenue, row.After.Revenue}, Revenue: changeOf(it.Revenue),
		Margins: [2]string{row.Before.Margin, row.After.Margin}, Margin: changeOf(it.Margin),
	}
	v.CostKnown, v.PriceKnown = it.Margin != [2]events.Money{}, it.Price > 0
	return v
}

func demandView(d forecast.Demand) ui.Demand {
	v := ui.Demand{Mean: d.Mean}
	v.Q10, _ = d.Quantiles.At(.1)
	v.Q90, _ = d.Quantiles.At(.9)
	return v
}

// changeOf is the relative change of an amount; not a number if there was none.
func changeOf(m [2]events.Money) float64 { return float64(m[1])/float64(m[0]) - 1 }
