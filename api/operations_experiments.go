package api

import (
	"time"

	"github.com/peakday/peakday/experiments"
)

func experimentOperations() map[string]operation {
	moved := func(id, summary, text string) operation {
		return operation{
			id: id, tag: "Experiments", summary: summary, text: text, headers: ifMatchHeader(),
			answers: []reply{{status: 200, sample: experiments.Experiment{}, text: "The experiment as it is now.", etag: true}},
		}
	}
	ship := moved("shipExperiment", "Give everybody one variant", "Ends the experiment.")
	ship.body = &body{sample: shipRequest{}}
	return map[string]operation{
		"GET /v1/experiments": {
			id: "listExperiments", tag: "Experiments", summary: "List experiments", text: "Whole definitions, ordered by key.",
			query:   listParams(enumParam("status", "only these", "draft", "running", "paused", "stopped", "shipped")),
			answers: okReply(listing[experiments.Experiment]{}, "A part of the list."),
		},
		"GET /v1/experiments/{key}": {
			id: "getExperiment", tag: "Experiments", summary: "Get an experiment", answers: definitionReply(experiments.Experiment{}),
		},
		"PUT /v1/experiments/{key}": {
			id: "putExperiment", tag: "Experiments", summary: "Define an experiment, or change it",
			text: "Once it has started only what cannot bend the comparison may change: name, hypothesis, overrides, alpha, correction, margins, schedule, a larger coverage " +
				"(in a layer, up to what it holds), and weights, which open a phase; anything else is refused (409). " +
				"Fields that peakday decides (status, version, shares, phases …) are ignored.",
			headers: ifMatchHeader(), body: &body{sample: experimentRequest{}}, answers: versionedReplies(experiments.Experiment{}),
		},
		"PATCH /v1/experiments/{key}": {
			id: "patchExperiment", tag: "Experiments", summary: "Change some fields of an experiment",
			text:    "JSON Merge Patch (RFC 7396): null removes a field, an array replaces the whole array.",
			headers: ifMatchHeader(), body: &body{sample: map[string]any{}, types: []string{"application/merge-patch+json", "application/json"}},
			answers: versionedReplies(experiments.Experiment{}),
		},
		"POST /v1/experiments/{key}/start": moved("startExperiment", "Let a draft or a paused experiment run",
			"The first start fixes its share of the layer (409 when the layer is full) and the definitions of its metrics."),
		"POST /v1/experiments/{key}/pause": moved("pauseExperiment", "Give every unit the control until it is started again", ""),
		"POST /v1/experiments/{key}/stop":  moved("stopExperiment", "End the experiment", "Its share of the layer is free again."),
		"POST /v1/experiments/{key}/ship":  ship,
		"GET /v1/experiments/{key}/history": {
			id: "experimentHistory", tag: "Experiments", summary: "List the versions of an experiment", query: listParams(),
			answers: okReply(listing[historyItem]{}, "Versions, the oldest first."),
		},
		"POST /v1/experiments/{key}/qa-links": {
			id: "addQALink", tag: "Experiments", summary: "Make a link that forces a variant on a tester",
			text: "Send the token as the attribute peakday_qa. Drafts can be looked at as well. Who comes by a link is never analysed.",
			body: &body{sample: qaLinkRequest{}}, answers: []reply{{status: 201, sample: qaLink{}, text: "The link with its token, which is shown only this once."}},
		},
		"DELETE /v1/experiments/{key}/qa-links/{id}": moved("removeQALink", "End a QA link", ""),
		"GET /v1/experiments/{key}/report": {
			id: "experimentReport", tag: "Experiments", summary: "Say what the variants did",
			query: []param{
				{name: "segment", text: "only the units of a segment such as tier=gold"},
				enumParam("bots", "with, without or only the units that do not behave like customers", "include", "exclude", "only"),
				flagParam("mature", "only units whose window was over at the last background pass"),
				{name: "stratify", text: "the segment attribute by which differences are post-stratified; else the first"},
				{name: "looks", text: "of a group-sequential plan: the shares of the planned units at the looks so far, this one last, such as 0.25,0.5", list: true},
				enumParam("spending", "of that plan", "obrien-fleming", "pocock", "power"),
				enumParam("format", "the form of the answer", "json", "csv"),
				enumParam("by", "of CSV: a row for each metric and variant, for each day, or for each segment", "variant", "day", "segment"),
			},
			answers: []reply{{status: 200, sample: reported{}, types: []string{"application/json", "text/csv"}, text: "The report as of the newest event applied."}},
		},
		"GET /v1/experiments/{key}/units": {
			id: "experimentUnits", tag: "Experiments", summary: "Stream one row a unit",
			text:    "For an analyst's own notebook: unit, variant, phase, first exposure, whether it met several variants, why it is suspected (if it is), segments, and its numbers in every metric.",
			answers: []reply{{status: 200, sample: "", types: []string{"text/csv"}, text: "CSV with a header."}},
		},
	}
}

func definitionOperations() map[string]operation {
	return map[string]operation{
		"GET /v1/metrics": {
			id: "listMetrics", tag: "Experiments", summary: "List metrics", query: listParams(),
			answers: okReply(listing[experiments.Metric]{}, "A part of the list, ordered by key."),
		},
		"GET /v1/metrics/{key}": {id: "getMetric", tag: "Experiments", summary: "Get a metric", answers: definitionReply(experiments.Metric{})},
		"PUT /v1/metrics/{key}": {
			id: "putMetric", tag: "Experiments", summary: "Define a metric, or change it",
			text:    "Experiments that have started keep the definition that they started with.",
			headers: ifMatchHeader(), body: &body{sample: metricRequest{}}, answers: versionedReplies(experiments.Metric{}),
		},
		"GET /v1/holdouts": {
			id: "listHoldouts", tag: "Experiments", summary: "List holdouts", query: listParams(),
			answers: okReply(listing[experiments.Holdout]{}, "A part of the list, ordered by key."),
		},
		"GET /v1/holdouts/{key}": {id: "getHoldout", tag: "Experiments", summary: "Get a holdout", answers: definitionReply(experiments.Holdout{})},
		"PUT /v1/holdouts/{key}": {
			id: "putHoldout", tag: "Experiments", summary: "Keep a share of the units out of all experiments, or change the share",
			text: "They see the control of every experiment that starts while the holdout stands, also after a variant was shipped, and are never exposed. " +
				"A larger share holds for experiments that start from then on; a share of 0 ends the holdout.",
			headers: ifMatchHeader(), body: &body{sample: holdoutRequest{}}, answers: versionedReplies(experiments.Holdout{}),
		},
		"GET /v1/holdouts/{key}/report": {
			id: "holdoutReport", tag: "Experiments", summary: "Say what all launches together have done",
			text: "The units that were not held out against those that were, by what the last background pass found: as_of says up to when it has looked.",
			query: []param{
				enumParam("bots", "with, without or only the units that do not behave like customers", "include", "exclude", "only"),
				enumParam("format", "the form of the answer", "json", "csv"),
				enumParam("by", "of CSV: a row for each metric and arm, or for each day", "variant", "day"),
			},
			answers: []reply{{status: 200, sample: experiments.HoldoutReport{}, types: []string{"application/json", "text/csv"}, text: "The report."}},
		},
		"GET /v1/layers": {
			id: "listLayers", tag: "Experiments", summary: "List layers", query: listParams(),
			answers: okReply(listing[experiments.Layer]{}, "A part of the list, ordered by key."),
		},
		"GET /v1/layers/{key}": {id: "getLayer", tag: "Experiments", summary: "Get a layer", answers: definitionReply(experiments.Layer{})},
		"PUT /v1/layers/{key}": {
			id: "putLayer", tag: "Experiments", summary: "Define a layer, or rename it",
			text:    "The experiments of a layer exclude one another: each unit meets at most one of them.",
			headers: ifMatchHeader(), body: &body{sample: layerRequest{}}, answers: versionedReplies(experiments.Layer{}),
		},
	}
}

// experimentRequest is what an analyst writes of an experiment, for the
// document; package experiments reads and checks it.
type experimentRequest struct {
	Name       string                  `json:"name,omitempty"`
	Hypothesis string                  `json:"hypothesis,omitempty"`
	Unit       string                  `json:"unit" enum:"user,device,session,team,shop,region"`
	Layer      string                  `json:"layer,omitempty"`
	Layers     []string                `json:"layers,omitempty" doc:"in place of layer, when there are several: a unit must be in its share of each"`
	Coverage   float64                 `json:"coverage,omitempty" doc:"share of the units (of the layer's units) that take part" default:"1"`
	Variants   []variantRequest        `json:"variants" minItems:"2"`
	Audience   *experiments.Condition  `json:"audience,omitempty" doc:"a condition on attributes such as {\"tier\":\"gold\"}"`
	Overrides  map[string]string       `json:"overrides,omitempty" doc:"unit to variant"`
	Primary    string                  `json:"primary,omitempty" doc:"a metric's key"`
	Secondary  []string                `json:"secondary,omitempty"`
	Guardrails []experiments.Guardrail `json:"guardrails,omitempty" doc:"a margin is the tolerated worsening, relative to control"`
	Segments   []string                `json:"segments,omitempty" doc:"attributes by which the report can be split"`
	Alpha      float64                 `json:"alpha,omitempty" default:"0.05"`
	Correction string                  `json:"correction,omitempty" enum:"holm,bh,none" default:"holm"`
	MinEffect  float64                 `json:"min_effect,omitempty" doc:"the smallest relative effect on the primary metric worth finding: power and duration are reckoned by it"`
	Stages     []experiments.Stage     `json:"stages,omitempty" doc:"a ramp: coverages one after the other, each for some hours of running; the last may stay"`
	StartsAt   *time.Time              `json:"starts_at,omitempty" doc:"a draft starts by itself then"`
	EndsAt     *time.Time              `json:"ends_at,omitempty" doc:"it stops by itself then"`
	Allocation string                  `json:"allocation,omitempty" enum:"fixed,thompson,top-two" default:"fixed" doc:"a bandit draws the weights anew, by the primary metric"`
	Redraw     string                  `json:"redraw_every,omitempty" doc:"of a bandit" default:"24h"`
}

type variantRequest struct {
	Key     string    `json:"key" doc:"the control is the variant with key control, else the one marked"`
	Weight  float64   `json:"weight" doc:"relative to the other variants' weights"`
	Value   flagValue `json:"value,omitempty" doc:"the variant's key if left out"`
	Control bool      `json:"control,omitempty"`
}

type metricRequest struct {
	Name string `json:"name,omitempty"`
	Kind string `json:"kind" enum:"proportion,mean,count,ratio,quantile,retention,funnel"`
	numeratorRequest
	Identity    string            `json:"identity,omitempty" enum:"user,device,session,team,shop,region" default:"user"`
	Denominator *numeratorRequest `json:"denominator,omitempty" doc:"of a ratio"`
	Window      string            `json:"window,omitempty" doc:"how long after its first exposure a unit's facts count" default:"168h"`
	PrePeriod   string            `json:"pre_period,omitempty" doc:"how long before it they feed the covariate" default:"336h"`
	Cap         *experiments.Cap  `json:"cap,omitempty"`
	Direction   string            `json:"direction,omitempty" enum:"increase,decrease" default:"increase"`
	Quantile    float64           `json:"quantile,omitempty" doc:"of a quantile: 0.99"`
	Days        []int             `json:"days,omitempty" doc:"of retention: the first and the last day after exposure, such as [7,7]"`
	Steps       []stepRequest     `json:"steps,omitempty" doc:"of a funnel"`
}

type stepRequest struct {
	numeratorRequest
	Name   string `json:"name,omitempty"`
	Within string `json:"within,omitempty" doc:"how long after the step before (after exposure, for the first)" default:"the window"`
}

type numeratorRequest struct {
	Event     string                 `json:"event" doc:"a type of events of units such as order.paid"`
	Metric    string                 `json:"metric,omitempty" doc:"of metric.observed"`
	Where     *experiments.Condition `json:"where,omitempty" doc:"a condition on the event's data"`
	Aggregate string                 `json:"aggregate,omitempty" enum:"sum,count,any,last,people" doc:"people: distinct users, of anonymous visitors devices, among the facts of another unit"`
	Value     string                 `json:"value,omitempty" doc:"total, quantity, price or value, as the event has it"`
}

type holdoutRequest struct {
	Name    string   `json:"name,omitempty"`
	Unit    string   `json:"unit,omitempty" enum:"user,device,session,team,shop,region" default:"user"`
	Share   float64  `json:"share" doc:"of the units, 0 to 0.5; 0 ends it"`
	Metrics []string `json:"metrics,omitempty" doc:"of its report; else the primary metrics of the experiments that started while it stood"`
}

type layerRequest struct {
	Name string `json:"name,omitempty"`
	Unit string `json:"unit,omitempty" enum:"user,device,session,team,shop,region" default:"user"`
}
