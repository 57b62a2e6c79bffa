package api

import (
	"cmp"
	"net/http"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
)

// calculatorRequest is what a calculator is asked. What is not said of the metric is
// taken from an experiment that has run, and so is its traffic.
type calculatorRequest struct {
	experiments.Planning
	Experiment string `json:"experiment,omitempty" doc:"one that has run, from which what is not given is taken"`
	Metric     string `json:"metric,omitempty" doc:"of that experiment: its baseline and spread"`
}

func (x *exchange) calculatorRequest() (experiments.Planning, error) {
	body, err := x.body()
	if err != nil {
		return experiments.Planning{}, err
	}
	var p calculatorRequest
	if err := decodeObject(body, &p); err != nil {
		return p.Planning, err
	}
	if p.Experiment == "" {
		if p.Metric != "" {
			return p.Planning, &events.Invalid{Field: "metric", Problem: "is that of an experiment, which is missing"}
		}
		return p.Planning, nil
	}
	all, err := x.definitions()
	if err != nil {
		return p.Planning, err
	}
	e := all.Experiment(p.Experiment)
	if e == nil {
		return p.Planning, &events.Invalid{Field: "experiment", Problem: "must be one that exists, got " + events.Clip(p.Experiment)}
	}
	cells, err := x.Definitions.Moments(x.ctx(), e.Key)
	if err != nil {
		return p.Planning, unavailable("the sums of the experiment cannot be read", err)
	}
	t, err := experiments.TrafficOf(e, cells, p.Metric)
	if err != nil {
		return p.Planning, err
	}
	if p.Metric != "" {
		p.Kind = t.Planning.Kind
		p.Baseline, p.StdDev = cmp.Or(p.Baseline, t.Planning.Baseline), cmp.Or(p.StdDev, t.Planning.StdDev)
	}
	if p.Arrivals == nil {
		p.Arrivals = t.Arrivals
	}
	return p.Planning, nil
}

// planSize says how many units find an effect.
func planSize(x *exchange) error { return answerPlan(x, experiments.Planning.Size) }

// planEffect says which effect units find.
func planEffect(x *exchange) error { return answerPlan(x, experiments.Planning.Detectable) }

// planDuration says how long it takes.
func planDuration(x *exchange) error { return answerPlan(x, experiments.Planning.Duration) }

func answerPlan[T any](x *exchange, solve func(experiments.Planning) (T, error)) error {
	p, err := x.calculatorRequest()
	if err != nil {
		return err
	}
	answer, err := solve(p)
	if err != nil {
		return err
	}
	return x.json(http.StatusOK, answer)
}

// testNumbers compares two arms whose numbers were pasted.
func testNumbers(x *exchange) error {
	body, err := x.body()
	if err != nil {
		return err
	}
	var p experiments.SummaryStatistics
	if err := decodeObject(body, &p); err != nil {
		return err
	}
	r, err := p.Test()
	if err != nil {
		return err
	}
	return x.json(http.StatusOK, r)
}

// planLooks gives the bounds of a group-sequential plan.
func planLooks(x *exchange) error {
	body, err := x.body()
	if err != nil {
		return err
	}
	var l experiments.Looks
	if err := decodeObject(body, &l); err != nil {
		return err
	}
	bounds, err := l.Bounds()
	if err != nil {
		return err
	}
	return x.json(http.StatusOK, plannedLooks{bounds})
}

type plannedLooks struct {
	Bounds []experiments.LookBound `json:"bounds"`
}

func calculatorOperations() map[string]operation {
	plan := func(id, summary, text string, like any) operation {
		return operation{id: id, tag: "Experiments", summary: summary, text: text, body: &body{sample: calculatorRequest{}}, answers: okReply(like, "The answer.")}
	}
	return map[string]operation{
		"POST /v1/calculators/sample-size": plan("planSampleSize", "How many units find an effect",
			"Of a proportion or a mean, for a test at one look, or (sequential) one that is looked at all the time.", experiments.PlannedSize{}),
		"POST /v1/calculators/mde": plan("planDetectableEffect", "Which effect a number of units finds", "The minimum detectable effect of `units` in both arms.", experiments.DetectableEffect{}),
		"POST /v1/calculators/duration": plan("planDuration", "How many days it takes",
			"Until `units`, or those that find the effect, have come: by `arrivals` a day, or by the traffic that an `experiment` has seen.", experiments.PlannedDuration{}),
		"POST /v1/calculators/looks": {
			id: "planLooks", tag: "Experiments", summary: "When to stop at each of a few looks",
			text: "Group-sequential bounds that spend alpha over the looks, two-sided; the report takes the same looks as `?looks=`.",
			body: &body{sample: experiments.Looks{}}, answers: okReply(plannedLooks{}, "A bound for each look."),
		},
		"POST /v1/calculators/test": {
			id: "testNumbers", tag: "Experiments", summary: "Compare two arms from pasted numbers",
			text: "Proportions by units and successes, means by units, mean and standard deviation.",
			body: &body{sample: experiments.SummaryStatistics{}}, answers: okReply(experiments.SummaryResult{}, "As a report would say it."),
		},
	}
}
