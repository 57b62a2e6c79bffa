package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
)

// policyChoice is a variant's value that chooses what recommends:
//
//	{"policy":"key"}              this policy
//	{"interleave":["a","b"]}      team-draft interleaving of both in one list
//
// and in both forms, optionally, "placement": where the experiment takes place.
type policyChoice struct {
	Policy     string   `json:"policy"`
	Interleave []string `json:"interleave"`
	Placement  string   `json:"placement"`
}

// policyChoiceOf reads a variant's value; ok is false for one about something
// else.
func policyChoiceOf(v *experiments.Variant) (c policyChoice, ok bool) {
	if v == nil || !bytes.HasPrefix(bytes.TrimSpace(v.Value), []byte("{")) || json.Unmarshal(v.Value, &c) != nil {
		return policyChoice{}, false
	}
	if len(c.Interleave) == 2 {
		c.Policy = ""
		return c, true
	}
	c.Interleave = nil
	return c, c.Policy != ""
}

// keys are the policies that the choice names.
func (c *policyChoice) keys() []string {
	if len(c.Interleave) > 0 {
		return c.Interleave
	}
	return []string{c.Policy}
}

// policyFlag is an experiment on policies.
type policyFlag struct {
	key        string
	placements []string // empty: everywhere
	choices    map[*experiments.Variant]policyChoice
}

// policyTable lists the experiments on policies of a catalogue, by key.
type policyTable struct {
	catalog  *experiments.Catalog
	flags    []policyFlag
	computed []string // attributes that their audiences read and peakday computes
}

type policyTables struct{ newest atomic.Pointer[policyTable] }

// of gives the catalogue's table, made when it is asked for the first time.
func (t *policyTables) of(c *experiments.Catalog) *policyTable {
	if table := t.newest.Load(); table != nil && table.catalog == c {
		return table
	}
	table := &policyTable{catalog: c}
	c.EvaluateAll(experiments.Subject{}, nil, func(e experiments.Evaluation) bool {
		if f, ok := newPolicyFlag(e.Experiment); ok {
			table.flags = append(table.flags, f)
			if e.Experiment.Status == experiments.Running {
				table.addAudience(e.Experiment.Audience.Names())
			}
		}
		return true
	})
	t.newest.Store(table)
	return table
}

func (t *policyTable) addAudience(attributes []string) {
	for _, name := range attributes {
		if experiments.IsComputed(name) && !slices.Contains(t.computed, name) {
			t.computed = append(t.computed, name)
		}
	}
}

func newPolicyFlag(e *experiments.Experiment) (policyFlag, bool) {
	f := policyFlag{key: e.Key, choices: map[*experiments.Variant]policyChoice{}}
	for i := range e.Variants {
		c, ok := policyChoiceOf(&e.Variants[i])
		if !ok {
			continue
		}
		f.choices[&e.Variants[i]] = c
		if c.Placement != "" && !slices.Contains(f.placements, c.Placement) {
			f.placements = append(f.placements, c.Placement)
		}
	}
	return f, len(f.choices) > 0
}

func (f *policyFlag) at(placement string) bool {
	return len(f.placements) == 0 || slices.Contains(f.placements, placement)
}

// arm is what experiments decide for one request.
type arm struct {
	policyChoice
	experiment string                  // that chose; empty if none did
	exposure   *experiments.Evaluation // to be logged before the answer; nil if the visitor takes part in nothing
}

// armOf is what the visitor's experiments choose: of several, the first by key
// that the visitor takes part in, else the first that chooses anything (the
// control's policy, one set by hand, or what was shipped).
func (t *policyTable) armOf(subject experiments.Subject, a experiments.Attributes, placement string) arm {
	var found arm
	for i := range t.flags {
		f := &t.flags[i]
		if !f.at(placement) {
			continue
		}
		e, ok := t.catalog.Evaluate(f.key, subject, a)
		if !ok {
			continue
		}
		if e.Enrolled {
			return arm{f.choices[e.Variant], f.key, &e}
		}
		if c, names := f.choices[e.Variant]; names && found.experiment == "" {
			found = arm{policyChoice: c, experiment: f.key}
		}
	}
	return found
}

// checkPolicies holds an experiment that is to start to the policies that
// exist.
func (x *exchange) checkPolicies(e *experiments.Experiment) error {
	for i := range e.Variants {
		c, ok := policyChoiceOf(&e.Variants[i])
		if !ok {
			continue
		}
		if err := x.readPolicies(); err != nil {
			return err
		}
		for _, key := range c.keys() {
			if _, there := x.Policies.Policy(key); !there {
				return &events.Invalid{
					Field:   fmt.Sprintf("variants[%d].value", i),
					Problem: fmt.Sprintf("names the policy %q, which does not exist: define it with PUT /v1/policies/%s", events.Clip(key), events.Clip(key)),
				}
			}
		}
	}
	return nil
}
