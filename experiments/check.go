package experiments

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/peakday/peakday/events"
)

// ParseExperiment reads a definition as an analyst sends it, with defaults for
// what is left out. A field that we do not know is refused: a misspelt
// guardrail must not be dropped in silence. What peakday decides itself
// (status, allocation …) is ignored. The error is an *events.Invalid.
func ParseExperiment(key string, body []byte) (*Experiment, error) {
	e := &Experiment{Coverage: 1, Alpha: 0.05, Correction: Holm}
	if err := events.DecodeStrictly(body, e); err != nil {
		return nil, err
	}
	if e.Key != "" && e.Key != key {
		return nil, wrong("key", "must be %q as in the path, got %q", key, e.Key)
	}
	e.Key, e.Status, e.HashVersion = key, Draft, hashVersion1
	e.Version, e.Shares, e.Slots, e.Held, e.Metrics, e.Shipped, e.Changes, e.Phases = 0, nil, nil, 0, nil, "", nil, nil
	e.Stage, e.StageAt, e.Breach, e.QALinks = 0, time.Time{}, nil, nil
	return e, e.Check()
}

// ParseMetric reads a metric's definition in the same way; amounts are in shop.
func ParseMetric(key string, body []byte, shop events.Currency) (*Metric, error) {
	m := &Metric{Window: defaultWindow, PrePeriod: defaultPrePeriod}
	if err := events.DecodeStrictly(body, m); err != nil {
		return nil, err
	}
	if m.Key != "" && m.Key != key {
		return nil, wrong("key", "must be %q as in the path, got %q", key, m.Key)
	}
	m.Key, m.Version, m.Pending, m.Row, m.Per = key, 0, 0, "", ""
	if m.Cap != nil {
		m.Cap.Frozen = false
	}
	return m, m.Check(shop)
}

// ParseLayer reads a layer's definition in the same way.
func ParseLayer(key string, body []byte) (*Layer, error) {
	l := &Layer{Unit: events.User}
	if err := events.DecodeStrictly(body, l); err != nil {
		return nil, err
	}
	if l.Key != "" && l.Key != key {
		return nil, wrong("key", "must be %q as in the path, got %q", key, l.Key)
	}
	l.Key, l.Version = key, 0
	return l, l.Check()
}

// Check reports the first rule that the layer breaks, as an *events.Invalid.
func (l *Layer) Check() error {
	if err := events.CheckKey("key", l.Key); err != nil {
		return err
	}
	if !l.Unit.Valid() {
		return wrong("unit", "must be user, device, session, team, shop or region, got %q", l.Unit)
	}
	return nil
}

// A definition must be small enough for every replica's memory.
const (
	maxVariants  = 100
	maxOverrides = 1000
	maxMetrics   = 100 // of each role
	maxSegments  = 10
	maxLayers    = 10
	maxStages    = 50
)

// Check reports the first rule that the definition breaks, as an
// *events.Invalid.
func (e *Experiment) Check() error {
	if err := events.CheckKey("key", e.Key); err != nil {
		return err
	}
	if e.Unit == "" {
		return wrong("unit", "is required: user, device, session, team, shop or region")
	}
	if !e.Unit.Valid() {
		return wrong("unit", "must be user, device, session, team, shop or region, got %q", e.Unit)
	}
	if !(e.Coverage > 0 && e.Coverage <= 1) {
		return wrong("coverage", "must be above 0 and at most 1, got %g", e.Coverage)
	}
	if err := e.checkLayers(); err != nil {
		return err
	}
	if err := e.checkPlan(); err != nil {
		return err
	}
	if err := e.checkVariants(); err != nil {
		return err
	}
	if err := e.checkOverrides(); err != nil {
		return err
	}
	return e.checkAnalysis()
}

func (e *Experiment) checkVariants() error {
	if n := len(e.Variants); n < 2 || n > maxVariants {
		return wrong("variants", "must be 2 to %d, got %d", maxVariants, n)
	}
	seen := map[string]bool{}
	total, controls := 0.0, 0
	for i := range e.Variants {
		v := &e.Variants[i]
		field := fmt.Sprintf("variants[%d]", i)
		if err := events.CheckKey(field+".key", v.Key); err != nil {
			return err
		}
		if seen[v.Key] {
			return wrong(field+".key", "must be another one: %q stands there already", v.Key)
		}
		seen[v.Key] = true
		if !(v.Weight >= 0) || v.Weight > 1e6 || math.IsInf(v.Weight, 0) {
			return wrong(field+".weight", "must be 0 to 1000000, got %g", v.Weight)
		}
		if err := compactValue(field+".value", v); err != nil {
			return err
		}
		total += v.Weight
		if v.Control {
			controls++
		}
	}
	switch {
	case total == 0:
		return wrong("variants", "must have weights that add up to more than 0")
	case e.Control() == nil:
		return wrong("variants", "must have a control: a variant with key \"control\", or one with \"control\": true")
	case controls > 1 || controls == 1 && !e.Control().Control:
		return wrong("variants", "must have one control, got several")
	}
	return nil
}

// compactValue removes blanks from a variant's value: it is sent with every
// evaluation. OFREP has no null and no arrays at the top.
func compactValue(field string, v *Variant) error {
	if len(v.Value) == 0 {
		v.Value, _ = json.Marshal(v.Key)
		return nil
	}
	var b bytes.Buffer
	if err := json.Compact(&b, v.Value); err != nil {
		return wrong(field, "must be JSON")
	}
	v.Value = b.Bytes()
	if v.Value[0] == '[' || v.Value[0] == 'n' {
		return wrong(field, "must be a string, a number, a boolean or an object")
	}
	return nil
}

func (e *Experiment) checkOverrides() error {
	if len(e.Overrides) > maxOverrides {
		return wrong("overrides", "must be at most %d, got %d", maxOverrides, len(e.Overrides))
	}
	for _, unit := range slices.Sorted(maps.Keys(e.Overrides)) {
		if err := events.CheckID("overrides", string(unit)); err != nil {
			return err
		}
		if variant := e.Overrides[unit]; e.Variant(variant) == nil {
			return wrong("overrides", "name the variant %q for %q, which does not exist", variant, unit)
		}
	}
	return nil
}

func (e *Experiment) checkAnalysis() error {
	if !(e.Alpha > 0 && e.Alpha < 0.5) {
		return wrong("alpha", "must be above 0 and below 0.5, got %g", e.Alpha)
	}
	if !(e.MinEffect >= 0 && e.MinEffect < 10) {
		return wrong("min_effect", "must be 0 or more and below 10 (0.02 is 2 %%), got %g", e.MinEffect)
	}
	switch e.Correction {
	case Holm, BenjaminiHochberg, Uncorrected:
	default:
		return wrong("correction", "must be holm, bh or none, got %q", e.Correction)
	}
	if err := e.checkMetrics(); err != nil {
		return err
	}
	return e.checkSegments()
}

// checkMetrics holds the names of metrics to the rules of keys; whether they
// exist is for the editor to see. A metric that is a goal may be a guardrail too.
func (e *Experiment) checkMetrics() error {
	if n := max(len(e.Secondary), len(e.Guardrails)); n > maxMetrics {
		return wrong("secondary", "and guardrails must be at most %d each, got %d", maxMetrics, n)
	}
	if e.Primary != "" {
		if err := events.CheckKey("primary", e.Primary); err != nil {
			return err
		}
	}
	goals := map[string]bool{e.Primary: true}
	for i, m := range e.Secondary {
		if err := checkOnce(fmt.Sprintf("secondary[%d]", i), m, goals); err != nil {
			return err
		}
	}
	guardrails := map[string]bool{}
	for i, g := range e.Guardrails {
		field := fmt.Sprintf("guardrails[%d]", i)
		if err := checkOnce(field+".metric", g.Metric, guardrails); err != nil {
			return err
		}
		if !(g.Margin >= 0 && g.Margin < 1) {
			return wrong(field+".margin", "must be 0 or more and below 1 (0.02 is 2 %%), got %g", g.Margin)
		}
	}
	return nil
}

// checkOnce refuses a key that is none or stands there already.
func checkOnce(field, key string, seen map[string]bool) error {
	if err := events.CheckKey(field, key); err != nil {
		return err
	}
	if seen[key] {
		return wrong(field, "must name another metric: %q stands there already", key)
	}
	seen[key] = true
	return nil
}

// checkSegments refuses a segment that stands there twice, whose units would
// be counted twice. An equals sign parts the name of a segment from its value.
func (e *Experiment) checkSegments() error {
	if n := len(e.Segments); n > maxSegments {
		return wrong("segments", "must be at most %d, got %d", maxSegments, n)
	}
	for i, name := range e.Segments {
		field := fmt.Sprintf("segments[%d]", i)
		if err := events.CheckID(field, name); err != nil {
			return err
		}
		if len(name) > maxSegmentBytes || strings.Contains(name, "=") {
			return wrong(field, "must be an attribute's name of at most %d bytes without =, got %q", maxSegmentBytes, name)
		}
		if slices.Contains(e.Segments[:i], name) {
			return wrong(field, "must be another attribute: %q stands there already", name)
		}
	}
	return nil
}
