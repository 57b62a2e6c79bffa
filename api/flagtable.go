package api

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/peakday/peakday/experiments"
)

// flagTable holds the JSON of everything that the experiments of a catalogue
// can give to a unit: an evaluation then only picks a text and copies it.
type flagTable struct {
	catalog            *experiments.Catalog
	flags              []flagText // in the catalogue's order
	byKey              map[string]int
	listed             int            // so many are for everybody; the rest are drafts
	drafts             map[string]int // by key: only a QA link shows them
	audienceAttributes attributeSet   // attributes that the audiences read and a client sends
	// computed are those that peakday computes.
	computed []string
}

// at is the place of the i-th evaluation of all flags: a draft that a QA link
// shows comes behind the others.
func (t *flagTable) at(i int, e *experiments.Evaluation) int {
	if i < t.listed {
		return i
	}
	return t.drafts[e.Experiment.Key]
}

// find is the place of a flag that was evaluated by its key.
func (t *flagTable) find(e *experiments.Evaluation) int {
	if i, ok := t.byKey[e.Experiment.Key]; ok {
		return i
	}
	return t.drafts[e.Experiment.Key]
}

// flagText is the texts of one experiment.
type flagText struct {
	of       *experiments.Experiment
	disabled outcome
	variants []variantText // as Experiment.Variants
}

// variantText is the texts of a variant, by the reason for it.
type variantText struct{ split, forced, static outcome }

// outcome is one result as OFREP and as /v1/assignments write it.
type outcome struct{ flag, item []byte }

// flagTables keeps the table of the newest catalogue.
type flagTables struct{ newest atomic.Pointer[flagTable] }

// of gives the catalogue's table, made when it is asked for the first time.
func (t *flagTables) of(c *experiments.Catalog) *flagTable {
	if table := t.newest.Load(); table != nil && table.catalog == c {
		return table
	}
	table := newFlagTable(c)
	t.newest.Store(table)
	return table
}

func newFlagTable(c *experiments.Catalog) *flagTable {
	t := &flagTable{catalog: c, byKey: map[string]int{}, drafts: map[string]int{}, audienceAttributes: attributeSet{}}
	c.EvaluateAll(experiments.Subject{}, nil, func(e experiments.Evaluation) bool {
		t.byKey[e.Experiment.Key] = len(t.flags)
		t.flags = append(t.flags, newFlagText(e.Experiment))
		if e.Experiment.Status == experiments.Running {
			t.addAudience(e.Experiment.Audience.Names())
		}
		return true
	})
	t.listed = len(t.flags)
	for _, e := range c.Definitions().Experiments {
		if e.Status == experiments.Draft && len(e.QALinks) > 0 {
			t.drafts[e.Key] = len(t.flags)
			t.flags = append(t.flags, newFlagText(e))
		}
	}
	return t
}

func (t *flagTable) addAudience(attributes []string) {
	for _, name := range attributes {
		switch {
		case !experiments.IsComputed(name):
			t.audienceAttributes[name] = struct{}{}
		case !slices.Contains(t.computed, name):
			t.computed = append(t.computed, name)
		}
	}
}

func newFlagText(e *experiments.Experiment) flagText {
	f := flagText{of: e, variants: make([]variantText, len(e.Variants))}
	if e.Status == experiments.Stopped {
		f.disabled = newOutcome(e, nil, experiments.Disabled, false)
		return f
	}
	byHand := map[string]bool{}
	for _, key := range e.Overrides {
		byHand[key] = true
	}
	for _, l := range e.QALinks {
		byHand[l.Variant] = true
	}
	for i := range e.Variants {
		v, text := &e.Variants[i], &f.variants[i]
		if v == e.Control() || v.Key == e.Shipped {
			text.static = newOutcome(e, v, experiments.Static, false)
		}
		if e.Status == experiments.Running {
			text.split = newOutcome(e, v, experiments.Split, true)
		}
		if byHand[v.Key] {
			text.forced = newOutcome(e, v, experiments.TargetingMatch, false)
		}
	}
	return f
}

// outcome picks the text of an evaluation.
func (f *flagText) outcome(e *experiments.Evaluation) *outcome {
	for i := range f.variants {
		if &f.of.Variants[i] != e.Variant {
			continue
		}
		switch e.Reason {
		case experiments.Split:
			return &f.variants[i].split
		case experiments.TargetingMatch:
			return &f.variants[i].forced
		}
		return &f.variants[i].static
	}
	return &f.disabled
}

// newOutcome writes both forms. Keys need no escapes; values are compact JSON.
func newOutcome(e *experiments.Experiment, v *experiments.Variant, why experiments.Reason, enrolled bool) outcome {
	value := []byte(nil)
	if v != nil {
		value = variantValue(v)
	}
	f := append([]byte(`{"key":"`), e.Key...)
	f = append(append(f, `","reason":"`...), why...)
	if v != nil {
		f = append(append(f, `","variant":"`...), v.Key...)
		f = append(append(f, `","value":`...), value...)
	} else {
		f = append(f, '"')
	}
	f = append(append(f, `,"metadata":{"experiment":"`...), e.Key...)
	f = strconv.AppendInt(append(f, `","version":`...), e.Version, 10)
	if layers := strings.Join(e.InLayers(), ","); layers != "" { // metadata has no lists
		f = append(append(append(f, `,"layer":"`...), layers...), '"')
	}
	f = append(append(f, `,"unit":"`...), e.Unit...)
	f = strconv.AppendBool(append(f, `","enrolled":`...), enrolled)
	f = append(f, "}}"...)

	a := append([]byte(`{"experiment":"`), e.Key...)
	if v != nil {
		a = append(append(a, `","variant":"`...), v.Key...)
		a = append(append(a, `","value":`...), value...)
	} else {
		a = append(a, '"')
	}
	a = append(append(a, `,"reason":"`...), why...)
	a = strconv.AppendBool(append(a, `","enrolled":`...), enrolled)
	a = strconv.AppendInt(append(a, `,"version":`...), e.Version, 10)
	return outcome{flag: f, item: append(a, '}')}
}

// variantValue is the value as JSON; a definition without one has its key.
func variantValue(v *experiments.Variant) []byte {
	if len(v.Value) > 0 {
		return v.Value
	}
	b, _ := json.Marshal(v.Key) // a string
	return b
}
