package api

import (
	"fmt"
	"net/http"
	"time"

	"github.com/peakday/peakday/events"
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
	to, err := x.day("to", x.now())
	if err != nil {
		return err
	}
	from, err := x.day("from", time.Unix(to*86400, 0).AddDate(0, 0, 1-defaultEarned))
	if err != nil {
		return err
	}
	found, err := recommend.Earnings(x.ctx(), x.Credits, from, to)
	if err != nil {
		return unavailable("what policies earned cannot be read", err)
	}
	out := earnings{From: dateOf(from), To: dateOf(to), Currency: string(x.Shop), Items: make([]earned, len(found))}
	for i, e := range found {
		out.Items[i] = earned{
			Experiment: e.Experiment, Policy: e.Policy, Requests: e.Requests, Impressions: e.Impressions, Clicks: e.Clicks,
			Carts: e.Carts, Bought: e.Bought, Revenue: x.Shop.Format(e.Revenue), ClickRate: e.ClickRate, Conversion: e.Conversion,
		}
	}
	return x.json(http.StatusOK, out)
}

// day is a date of the query as a number of days, in the shop's zone.
func (x *exchange) day(name string, otherwise time.Time) (int64, error) {
	text := x.get(name)
	if text == "" {
		y, m, d := otherwise.In(x.Zone).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400, nil
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return 0, &events.Invalid{Field: name, Problem: fmt.Sprintf("must be a day such as 2026-11-11, got %q", events.Clip(text))}
	}
	return t.Unix() / 86400, nil
}

func dateOf(day int64) string { return time.Unix(day*86400, 0).UTC().Format(time.DateOnly) }

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
	found, err := recommend.Duels(x.ctx(), x.Credits, 0.05)
	if err != nil {
		return unavailable("the scores cannot be read", err)
	}
	out := duels{Items: make([]duel, len(found))}
	for i, d := range found {
		out.Items[i] = duel{
			Experiment: d.Experiment, Policies: d.Policies[:],
			Clicks: preferenceOf(d.Clicks, d.ByClicks), Bought: preferenceOf(d.DuelCount.Bought, d.ByBought),
		}
	}
	return x.json(http.StatusOK, out)
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
