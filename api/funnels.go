package api

import (
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
)

// getFunnels says how far visitors came: from a look to a payment.
func getFunnels(x *exchange) error {
	if x.Archive == nil {
		return unavailable("funnels are not kept here", nil)
	}
	q, err := x.journeyQuery()
	if err != nil {
		return err
	}
	asCSV, err := x.wantsCSV()
	if err != nil {
		return err
	}
	steps, err := experiments.Journeys(x.ctx(), x.Archive, q)
	if err != nil {
		return err
	}
	if asCSV {
		return x.csv("funnel", func(w io.Writer) error { return writeFunnel(w, steps) })
	}
	out := listing[funnelStep]{Items: []funnelStep{}}
	for _, s := range steps {
		out.Items = append(out.Items, funnelStep{s, fmt.Sprintf("%gh", time.Duration(s.Within).Hours())})
	}
	return x.json(http.StatusOK, out)
}

type funnelStep struct {
	experiments.JourneyStep
	Within string `json:"within" doc:"the limit after the step before, such as 24h; 0h for the first"`
}

func (x *exchange) journeyQuery() (q experiments.JourneyQuery, err error) {
	q = experiments.JourneyQuery{Zone: x.Zone, Shop: x.Shop, Item: events.ItemID(x.get("product"))}
	if err := checkID("product", string(q.Item)); err != nil {
		return q, err
	}
	from, to, err := x.days(7)
	if err != nil {
		return q, err
	}
	q.From, q.To = from.In(x.Zone), (to + 1).In(x.Zone)
	unit, err := x.oneOf("unit", string(events.User), string(events.Device), string(events.Session))
	if err != nil {
		return q, err
	}
	q.Unit = events.UnitKind(unit)
	by, err := x.oneOf("by", "period", "day")
	if err != nil {
		return q, err
	}
	q.ByDay = by == "day"
	q.Steps, err = x.funnelSteps()
	return q, err
}

// funnelSteps are the usual ones, with the limits of ?within= in place of
// theirs, or those of ?steps=.
func (x *exchange) funnelSteps() ([]experiments.Step, error) {
	steps := experiments.ShopSteps()
	if named := x.list("steps"); len(named) > 0 {
		steps = nil
		for _, name := range named {
			within := experiments.Hours(24 * time.Hour)
			if len(steps) == 0 {
				within = 0
			}
			steps = append(steps, experiments.Step{Numerator: experiments.Numerator{Event: events.Type(name)}, Within: within})
		}
	}
	limits := x.list("within")
	if len(limits) > 0 && len(limits) != len(steps)-1 {
		return nil, &events.Invalid{Field: "within", Problem: fmt.Sprintf("must be a limit for each step behind the first: %d, got %d", len(steps)-1, len(limits))}
	}
	for i, text := range limits {
		d, err := time.ParseDuration(text)
		if err != nil || d <= 0 {
			return nil, &events.Invalid{Field: "within", Problem: fmt.Sprintf("must be durations such as 24h, got %q", events.Clip(text))}
		}
		steps[i+1].Within = experiments.Hours(d)
	}
	return steps, nil
}

// writeFunnel writes one row a step.
func writeFunnel(w io.Writer, steps []experiments.JourneyStep) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"date", "step", "event", "within_hours", "units", "share", "onward", "median_hours"}}
	number := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	for _, s := range steps {
		median := ""
		if s.Hours != nil {
			median = number(*s.Hours)
		}
		rows = append(rows, []string{s.Date, s.Step, string(s.Event), number(time.Duration(s.Within).Hours()), strconv.FormatInt(s.Units, 10), number(s.Share), number(s.Onward), median})
	}
	return out.WriteAll(rows)
}
