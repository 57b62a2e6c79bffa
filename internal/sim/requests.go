package sim

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

// What the simulator asks of the service, and what it reads of the answers.

// receipt is the answer to a batch of events.
type receipt struct {
	Accepted   int64 `json:"accepted"`
	Duplicates int64 `json:"duplicates"`
	Rejected   []struct {
		ID      string `json:"id"`
		Problem any    `json:"problem"`
	} `json:"rejected"`
}

// send brings lines of NDJSON. A rejected event is an error: the shop sends
// good ones only.
func (c *client) send(ctx context.Context, lines []byte, imported bool) (receipt, error) {
	path := "/v1/events"
	if imported {
		path += "?imported=1"
	}
	var r receipt
	if err := c.do(ctx, http.MethodPost, path, asNDJSON, lines, &r); err != nil {
		return r, err
	}
	if n := len(r.Rejected); n > 0 {
		return r, fmt.Errorf("the service rejected %d events, the first is %s: %v", n, r.Rejected[0].ID, r.Rejected[0].Problem)
	}
	return r, nil
}

// consumed is how far the log has been applied, all partitions together.
type consumed struct {
	Lag        int64 `json:"lag"` // records that are not applied yet
	Applied    int64 `json:"applied"`
	Duplicates int64 `json:"duplicates"`
	Dead       int64 `json:"dead"`
}

func (c *client) consumed(ctx context.Context) (sum consumed, err error) {
	return sum, c.get(ctx, "/v1/consumers", &sum)
}

// assign asks which variants a user meets, by experiment.
func (c *client) assign(ctx context.Context, u *user) (map[string]assignment, error) {
	body := mustJSON(struct {
		Unit       string            `json:"unit"`
		Attributes map[string]string `json:"attributes"`
	}{u.id, u.attributes()})
	var answer struct {
		Items []struct {
			Experiment string `json:"experiment"`
			Variant    string `json:"variant"`
			Enrolled   bool   `json:"enrolled"`
			Version    int    `json:"version"`
		} `json:"items"`
	}
	if err := c.post(ctx, "/v1/assignments", body, &answer); err != nil {
		return nil, err
	}
	out := map[string]assignment{}
	for _, a := range answer.Items {
		if a.Enrolled {
			out[a.Experiment] = assignment{a.Variant, a.Version}
		}
	}
	return out, nil
}

// forecastOf is the forecast of one SKU.
type forecastOf struct {
	SKU    events.SKU `json:"sku"`
	Points []struct {
		Date      forecast.Day       `json:"date"`
		Mean      float64            `json:"mean"`
		Quantiles map[string]float64 `json:"quantiles"`
	} `json:"points"`
}

// forecasts asks for all SKUs over the next sale of an event.
func (c *client) forecasts(ctx context.Context, event string) ([]forecastOf, error) {
	return list[forecastOf](ctx, c, "/v1/forecasts", url.Values{"event": {event}, "fresh": {"1"}})
}

// stockPlan is what the service would order.
type stockPlan struct {
	ID    string       `json:"id"`
	From  forecast.Day `json:"from"`
	To    forecast.Day `json:"to"`
	Items []struct {
		SKU    events.SKU `json:"sku"`
		Demand struct {
			Mean float64 `json:"mean"`
		} `json:"demand"`
		OnHand  float64 `json:"on_hand"`
		OnOrder float64 `json:"on_order"`
		Order   float64 `json:"order"`
	} `json:"items"`
}

// plan asks for the stock plan of an event.
func (c *client) plan(ctx context.Context, event string) (stockPlan, error) {
	var p stockPlan
	err := c.post(ctx, "/v1/stock-plans", mustJSON(map[string]any{"event": event, "fresh": true}), &p)
	return p, err
}

// report is what an experiment's report says of the trial's metric.
type report struct {
	Metrics []struct {
		Name    string `json:"name"`
		Results []struct {
			Variant  string `json:"variant"`
			Absolute *struct {
				Estimate float64 `json:"estimate"`
				Low      float64 `json:"low"`
				High     float64 `json:"high"`
			} `json:"absolute"`
			FixedHorizon *struct {
				Estimate float64 `json:"estimate"`
				Low      float64 `json:"low"`
				High     float64 `json:"high"`
			} `json:"fixed_horizon"`
		} `json:"results"`
	} `json:"metrics"`
	Decision struct {
		Verdict string `json:"verdict"`
	} `json:"decision"`
}

func (c *client) report(ctx context.Context, experiment string) (report, error) {
	var r report
	err := c.get(ctx, "/v1/experiments/"+experiment+"/report", &r)
	return r, err
}

// recommended asks for the ten best items for a user, and measures how long
// the answer takes.
func (c *client) recommended(ctx context.Context, u *user) ([]events.ItemID, time.Duration, error) {
	var answer struct {
		Items []struct {
			Item events.ItemID `json:"item"`
		} `json:"items"`
	}
	query := url.Values{"user": {u.id}, "limit": {"10"}, "placement": {"home"}}
	asked := time.Now()
	err := c.get(ctx, "/v1/recommendations?"+query.Encode(), &answer)
	took := time.Since(asked)
	var items []events.ItemID
	for _, it := range answer.Items {
		items = append(items, it.Item)
	}
	return items, took, err
}

// train lets the service learn a model out of all that is consumed, and use it.
func (c *client) train(ctx context.Context) error {
	var model struct {
		Version string `json:"version"`
	}
	if err := c.post(ctx, "/v1/models", nil, &model); err != nil {
		return err
	}
	return c.post(ctx, "/v1/models/"+url.PathEscape(model.Version)+"/activate", nil, nil)
}
