package api

import (
	"net/http"

	"github.com/peakday/peakday/recommend"
)

// defaultEarned is how many days are added up when the query names none.
const earningsDays = 30

// listEarnings says what each policy's answers led to.
func listEarnings(x *exchange) error {
	if x.Credits == nil {
		return errNoPolicies
	}
	from, to, err := x.days(earningsDays)
	if err != nil {
		return err
	}
	found, err := recommend.Earnings(x.ctx(), x.Credits, int64(from), int64(to))
	if err != nil {
		return unavailable("what policies earned cannot be read", err)
	}
	out := earnings{From: from.String(), To: to.String(), Currency: string(x.Shop), Items: make([]policyEarnings, len(found))}
	for i, e := range found {
		out.Items[i] = policyEarnings{
			Experiment: e.Experiment, Policy: e.Policy, Requests: e.Requests, Impressions: e.Impressions, Clicks: e.Clicks,
			Carts: e.Carts, Bought: e.Bought, Revenue: x.Shop.Format(e.Revenue), ClickRate: e.ClickRate, Conversion: e.Conversion,
		}
	}
	return x.json(http.StatusOK, out)
}

type earnings struct {
	From     string           `json:"from"`
	To       string           `json:"to"`
	Currency string           `json:"currency"`
	Items    []policyEarnings `json:"items"`
}

type policyEarnings struct {
	Experiment  string  `json:"experiment" doc:"that chose the policy; empty if none did"`
	Policy      string  `json:"policy"`
	Requests    int64   `json:"requests" doc:"shown; an interleaved one counts for both policies"`
	Impressions int64   `json:"impressions" doc:"items shown"`
	Clicks      int64   `json:"clicks"`
	Carts       int64   `json:"carts"`
	Bought      int64   `json:"bought" doc:"order lines"`
	Revenue     string  `json:"revenue" doc:"of paid order lines; refunds are not taken back"`
	ClickRate   float64 `json:"ctr" doc:"clicks an impression"`
	Conversion  float64 `json:"conversion" doc:"order lines an impression"`
}
