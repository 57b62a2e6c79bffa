package api

import (
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

// postStockPlan plans the stock of an event's next sale and keeps the plan.
func postStockPlan(x *exchange) error {
	body, err := x.ownedBody()
	if err != nil {
		return err
	}
	if body, err = x.withMeasuredUplift(body, "uplift"); err != nil {
		return err
	}
	q, err := forecast.ParsePlanRequest(body, x.Shop)
	if err != nil {
		return err
	}
	p, err := x.plan(q)
	if err != nil {
		return err
	}
	x.Header().Set("Location", "/v1/stock-plans/"+p.ID)
	return x.json(http.StatusCreated, p)
}

func (x *exchange) plan(q forecast.PlanRequest) (forecast.Plan, error) {
	now := x.now()
	id := now.UTC().Format("20060102") + "-" + strings.ToLower(rand.Text()[:10])
	p, err := x.Forecasts.Plan(x.ctx(), id, q, now)
	if err != nil {
		return p, err
	}
	if err := x.Plans.AddStockPlan(x.ctx(), p); err != nil {
		return p, unavailable("the plan could not be stored", err)
	}
	return p, nil
}

// getStockPlan gives a plan as it was made; with .csv behind its id as a table:
// its SKUs, or with ?table= its categories or transfers.
func getStockPlan(x *exchange) error {
	id, table := strings.CutSuffix(x.param("id"), ".csv")
	p, err := x.storedPlan(id)
	if err != nil {
		return err
	}
	if !table {
		return x.json(http.StatusOK, p)
	}
	which, err := x.oneOf("table", "items", "categories", "transfers")
	if err != nil {
		return err
	}
	name := "stock-plan-" + p.ID
	switch which {
	case "categories":
		return x.csv(name+"-categories", p.WriteCategories)
	case "transfers":
		return x.csv(name+"-transfers", p.WriteTransfers)
	}
	return x.csv(name, p.WriteCSV)
}

func (x *exchange) storedPlan(id string) (forecast.Plan, error) {
	p, err := x.Plans.StockPlan(x.ctx(), id)
	if isForecastNotFound(err) {
		return p, errorf("not_found", "there is no stock plan %q", events.Clip(id))
	}
	return p, err
}

func isForecastNotFound(err error) bool { return errors.Is(err, forecast.ErrNotFound) }

// listStockPlans lists the plans that were made.
func listStockPlans(x *exchange) error {
	w, err := x.tableWindow()
	if err != nil {
		return err
	}
	q := forecast.PlanQuery{Event: x.get("event"), Limit: w.from + w.limit + 1} // one more shows that there is more
	if x.get("format") == "csv" {
		q.Limit = maxTable
	}
	if q.Event != "" {
		if err := events.CheckKey("event", q.Event); err != nil {
			return err
		}
	}
	plans, err := x.Forecasts.Reader.StockPlans(x.ctx(), q)
	if err != nil {
		return unavailable("the plans cannot be read", err)
	}
	return tableOf(x, "stock-plans", plans, func(w io.Writer) error { return forecast.WritePlanHeads(w, plans) }, identity[forecast.PlanHead])
}
