package api

import (
	"encoding/json"
	"fmt"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

// getAlerts lists what may sell out before more of it comes.
func getAlerts(x *exchange) error {
	return tableFor(x, "alerts", x.alertQuery, func(q forecast.AlertQuery) ([]forecast.Alert, error) {
		return x.Forecasts.Alerts(x.ctx(), q, x.now())
	}, forecast.WriteAlerts, func(r forecast.Alert) alertRow { return alertRow{r, x.Shop.Format(r.Lost)} })
}

type alertRow struct {
	forecast.Alert
	Lost string `json:"margin_at_risk" doc:"expected margin lost until more comes, a decimal in the shop's currency"`
}

func (x *exchange) alertQuery() (q forecast.AlertQuery, err error) {
	if q.Chance, err = x.share("chance", .2); err != nil {
		return q, err
	}
	q.Category = x.get("category")
	q.Fresh, err = x.flag("fresh")
	return q, err
}

// share is a number from 0 to 1 of the query.
func (x *exchange) share(name string, otherwise float64) (float64, error) {
	text := x.get(name)
	if text == "" {
		return otherwise, nil
	}
	var v float64
	if err := json.Unmarshal([]byte(text), &v); err != nil || v < 0 || v > 1 {
		return 0, &events.Invalid{Field: name, Problem: fmt.Sprintf("must be a number from 0 to 1, got %q", events.Clip(text))}
	}
	return v, nil
}
