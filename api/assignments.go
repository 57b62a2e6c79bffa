package api

import (
	"net/http"

	"github.com/peakday/peakday/experiments"
)

// assign says what a unit gets from the experiments asked for, or from all of
// them. Those that do not exist or are drafts are left out. With "expose" it
// logs, before it answers, that the unit meets the variants it is enrolled for.
func assign(x *exchange) error {
	body, err := x.body()
	if err != nil {
		return err
	}
	table := x.flags.of(x.Live.Catalog())
	if err := x.eval.readAssignment(body, table.audienceAttributes); err != nil {
		return err
	}
	x.addComputed(table.computed)
	var enrolled []experiments.Evaluation
	b := append(x.out[:0], `{"items":[`...)
	empty := len(b)
	add := func(at int, e experiments.Evaluation) {
		if len(b) > empty {
			b = append(b, ',')
		}
		b = append(b, table.flags[at].outcome(&e).item...)
		if e.Enrolled && x.eval.expose {
			enrolled = append(enrolled, e)
		}
	}
	if len(x.eval.experiments) == 0 {
		at := 0
		table.catalog.EvaluateAll(x.eval.subject, x.eval.attributes, func(e experiments.Evaluation) bool {
			add(table.at(at, &e), e)
			at++
			return true
		})
	}
	for _, key := range x.eval.experiments {
		if e, ok := table.catalog.Evaluate(key, x.eval.subject, x.eval.attributes); ok {
			add(table.find(&e), e)
		}
	}
	b = append(b, "]}"...)
	x.out = b
	if len(enrolled) > 0 {
		if err := x.logExposures(enrolled...); err != nil {
			return err
		}
	}
	return x.send(http.StatusOK, x.headers.json, b)
}

// assignments is how the answer reads, for the document.
type assignments struct {
	Items []struct {
		Experiment string `json:"experiment"`
		Variant    string `json:"variant,omitempty" doc:"absent when the experiment was stopped"`
		Value      any    `json:"value,omitempty" doc:"of the variant: a string, number, boolean or object"`
		Reason     string `json:"reason" enum:"SPLIT,TARGETING_MATCH,STATIC,DISABLED"`
		Enrolled   bool   `json:"enrolled" doc:"takes part: only then is meeting the variant an exposure"`
		Version    int64  `json:"version"`
	} `json:"items"`
}

// assignmentRequest is how the body reads, for the document.
type assignmentRequest struct {
	Unit        string            `json:"unit" doc:"the id that stands for the unit of every experiment"`
	Units       map[string]string `json:"units,omitempty" doc:"ids of other kinds: user, device, session, team, shop, region"`
	Attributes  map[string]any    `json:"attributes,omitempty" doc:"what audiences ask for"`
	Experiments []string          `json:"experiments,omitempty" doc:"only these; all if left out"`
	Expose      bool              `json:"expose,omitempty" doc:"log the exposures"`
}
