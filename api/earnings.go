package api

import (
	"net/http"
	"slices"

	"github.com/peakday/peakday/experiments"
	"github.com/peakday/peakday/recommend"
	"github.com/peakday/peakday/stats"
)

// defaultEarned is how many days are added up when the query names none.
const defaultEarned = 30

// listEarnings says what each policy's answers led to.
func listEarnings(x *exchange) error {
	if x.Credits == nil {
		return errNoPolicies
	}
	from, to, err := x.days(defaultEarned)
	if err != nil {
		return err
	}
	found, err := recommend.Earnings(x.ctx(), x.Credits, int64(from), int64(to))
	if err != nil {
		return unavailable("what policies earned cannot be read", err)
	}
	out := earnings{From: from.String(), To: to.String(), Currency: string(x.Shop), Items: make([]earned, len(found))}
	for i, e := range found {
		out.Items[i] = earned{
			Experiment: e.Experiment, Policy: e.Policy, Requests: e.Requests, Impressions: e.Impressions, Clicks: e.Clicks,
			Carts: e.Carts, Bought: e.Bought, Revenue: x.Shop.Format(e.Revenue), ClickRate: e.ClickRate, Conversion: e.Conversion,
		}
	}
	return x.json(http.StatusOK, out)
}

type earnings struct {
	From     string   `json:"from"`
	To       string   `json:"to"`
	Currency string   `json:"currency"`
	Items    []earned `json:"items"`
}

type earned struct {
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

// listDuels says which of two interleaved policies visitors prefer.
func listDuels(x *exchange) error {
	if x.Credits == nil {
		return errNoPolicies
	}
	found, err := x.duels()
	if err != nil {
		return err
	}
	return x.json(http.StatusOK, duels{Items: found})
}

func (x *exchange) duels() ([]duel, error) {
	found, err := recommend.Duels(x.ctx(), x.Credits, 0.05)
	if err != nil {
		return nil, unavailable("the scores cannot be read", err)
	}
	out := make([]duel, len(found))
	for i, d := range found {
		out[i] = duel{
			Experiment: d.Experiment, Policies: d.Policies[:],
			Clicks: preferenceOf(d.Clicks, d.ByClicks), Bought: preferenceOf(d.DuelCount.Bought, d.ByBought),
		}
	}
	return out, nil
}

// duelsOf are those of an experiment; none if no policies take turns in it.
func (x *exchange) duelsOf(e *experiments.Experiment) ([]duel, error) {
	if x.Credits == nil || !takesTurns(e) {
		return nil, nil
	}
	all, err := x.duels()
	return slices.DeleteFunc(all, func(d duel) bool { return d.Experiment != e.Key }), err
}

type duels struct {
	Items []duel `json:"items"`
}

type duel struct {
	Experiment string     `json:"experiment"`
	Policies   []string   `json:"policies" doc:"the first and the second"`
	Clicks     preference `json:"clicks"`
	Bought     preference `json:"bought"`
}

type preference struct {
	First      int64    `json:"first" doc:"visitors who took more from the first"`
	Second     int64    `json:"second"`
	Tied       int64    `json:"tied"`
	Preference *float64 `json:"preference" doc:"share of visitors for the second, ties half: 0.5 is no preference; null while nobody has decided"`
	Low        *float64 `json:"low" doc:"95 % interval of the share among those who decided"`
	High       *float64 `json:"high"`
	P          *float64 `json:"p_value" doc:"of no preference: exact sign test"`
}

func preferenceOf(t recommend.Tally, r *stats.Interleaving) preference {
	p := preference{First: t.First, Second: t.Second, Tied: t.Tied}
	if r != nil {
		p.Preference, p.Low, p.High, p.P = &r.Preference, &r.Interval.Low, &r.Interval.High, &r.P
	}
	return p
}
