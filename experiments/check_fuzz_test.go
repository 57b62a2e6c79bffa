package experiments

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/peakday/peakday/events"
)

// whatIsRead holds a parser to its promise: what it refuses it refuses as an
// *events.Invalid with a reason, and what it takes it takes again, as stored,
// for the same.
func whatIsRead[T any](t *testing.T, body []byte, parse func([]byte) (*T, error)) *T {
	t.Helper()
	got, err := parse(body)
	if err != nil {
		var invalid *events.Invalid
		if !errors.As(err, &invalid) || invalid.Problem == "" {
			t.Fatalf("%q is refused with %#v", body, err)
		}
		return nil
	}
	stored, err := json.Marshal(got)
	if err != nil {
		t.Fatalf("%q cannot be stored: %v", body, err)
	}
	again, err := parse(stored)
	if err != nil {
		t.Fatalf("%q was stored as %s, which is refused: %v", body, stored, err)
	}
	restored, err := json.Marshal(again)
	if err != nil || string(restored) != string(stored) {
		t.Fatalf("%s came back as %s: %v", stored, restored, err)
	}
	return got
}

func FuzzParseExperiment(f *testing.F) {
	for _, s := range []string{
		``, `null`, `{}`, twoVariants, goldOnly, oneThird, onlyB, full,
		`{"unit":"user","coverage":1e-300,"variants":[{"key":"control","weight":1e-300},{"key":"b","weight":1e6}]}`,
		`{"unit":"user","variants":[{"key":"control","weight":1,"value":"\ud800"},{"KEY":"b","weight":1,"value":1e999}]}`,
		`{"unit":"user","variants":[null,null],"audience":null,"overrides":null,"slots":{"home":[["0","0"]]}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		e := whatIsRead(t, body, func(b []byte) (*Experiment, error) { return ParseExperiment("checkout", b) })
		if e == nil {
			return
		}
		// Whatever is accepted can be started and evaluated.
		e.Shares, e.Status = allocate(e.Variants), Running
		if got, ok := catalogOf(e).Evaluate("checkout", Subject{Key: "u1"}, nil); !ok || got.Variant == nil {
			t.Fatalf("%q gives %+v", body, got)
		}
	})
}

func FuzzParseMetric(f *testing.F) {
	for _, s := range []string{
		``, `null`, `{}`, `{"kind":"proportion","event":"order.paid"}`,
		`{"kind":"mean","event":"metric.observed","cap":{"value":0.5},"window":"30m","where":{"metric":"m"}}`,
		`{"kind":"ratio","event":"order.paid","denominator":{"event":"product.viewed","aggregate":"count"}}`,
		`{"kind":"ratio","event":"order.paid","denominator":{"where":{"$or":[]}}}`,
		`{"kind":"count","event":"coupon.redeemed","pre_period":"1h0m0.000000001s","direction":"decrease"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		m := whatIsRead(t, body, func(b []byte) (*Metric, error) { return ParseMetric("m", b, "CNY") })
		if m != nil && (m.dim() < 2 || m.dim() > maxDim || m.dim() != len(newAccumulator(m, opening, nil).vector())) {
			t.Fatalf("%q has vectors of length %d", body, m.dim())
		}
	})
}

func FuzzParseLayer(f *testing.F) {
	for _, s := range []string{``, `null`, `{}`, `{"name":"Home","unit":"device"}`, `{"unit":"unit"}`, `{"version":-1}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		whatIsRead(t, body, func(b []byte) (*Layer, error) { return ParseLayer("home", b) })
	})
}

func FuzzReadDefinitions(f *testing.F) {
	for _, s := range []string{`{}`, `null`, full, `{"slots":{"a":[["0","x"]]}}`, `{"audience":{"$bad":1}}`, `{"window":"x"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		for _, kind := range []Kind{ExperimentKind, MetricKindOf, LayerKind} {
			d, err := ReadDefinitions(3, []Change{{Kind: kind, Key: "k", Version: 7, Doc: doc}})
			var damaged *DamagedError
			if err != nil && !errors.As(err, &damaged) {
				t.Fatalf("%s %q: %v", kind, doc, err)
			}
			if err != nil {
				continue
			}
			var versions []int64 // the store's, whatever the document says
			for _, e := range d.Experiments {
				versions = append(versions, e.Version)
			}
			for _, m := range d.Metrics {
				versions = append(versions, m.Version)
			}
			for _, l := range d.Layers {
				versions = append(versions, l.Version)
			}
			if !slices.Equal(versions, []int64{7}) {
				t.Fatalf("%s %q gave versions %v, want one definition of version 7", kind, doc, versions)
			}
		}
	})
}
