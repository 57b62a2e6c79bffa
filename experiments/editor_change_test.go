package experiments

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/peakday/peakday/events"
)

// full uses every field that an analyst can set.
const full = `{"name":"n","hypothesis":"h","unit":"user","coverage":0.5,

	"variants":[{"key":"control","weight":1,"value":{"a":1,"b":"<i>"}},{"key":"b","weight":1,"value":2}],
	"audience":{"tier":{"$in":["gold","<b>"]}},"overrides":{"tester":"b"},
	"primary":"m1","secondary":["m2","m3"],"guardrails":[{"metric":"m4","margin":0.02}],"segments":["tier"]}`

// TestPutAfterStart is the table of what may change once units were counted.
func TestPutAfterStart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		old, new  string // what is replaced in the definition
		refusedOn string // the field; empty if it may change
	}{
		{"nothing", "", "", ""},
		{"blanks", `{"a":1,"b":"<i>"}`, `{ "a" : 1, "b":"\u003ci>" }`, ""},
		{"name", `"name":"n"`, `"name":"other"`, ""},
		{"hypothesis", `"hypothesis":"h"`, `"hypothesis":"<other>"`, ""},
		{"overrides", `"overrides":{"tester":"b"}`, `"overrides":{"other":"control"}`, ""},
		{"margin", `0.02`, `0.1`, ""},
		{"alpha and correction", `"name":"n"`, `"alpha":0.01,"correction":"bh"`, ""},
		{"more coverage", `0.5`, `0.6`, ""},
		{"less coverage", `0.5`, `0.4`, "coverage"},
		{"weights in the same proportion", `"weight":1`, `"weight":3`, ""},
		{"value", `"value":2`, `"value":3`, "variants"},
		{"value of another type", `"value":2`, `"value":"2"`, "variants"},
		{"another variant", `{"key":"b",`, `{"key":"c","weight":0},{"key":"b",`, "variants"},
		{"unit", `"unit":"user"`, `"unit":"device"`, "metrics"}, // they count by user
		{"layer", `"coverage":0.5`, `"coverage":0.5,"layer":"home"`, "layer"},
		{"audience", `"gold",`, `"iron",`, "audience"},
		{"no audience", `"audience":{"tier":{"$in":["gold","<b>"]}},`, ``, "audience"},
		{"primary", `"primary":"m1"`, `"primary":"m5"`, "primary"},
		{"primary becomes secondary", `"primary":"m1","secondary":["m2",`, `"secondary":["m1","m2",`, "primary"},
		{"primary and secondary change places", `"primary":"m1","secondary":["m2",`, `"primary":"m2","secondary":["m1",`, "primary"},
		{"secondary", `["m2","m3"]`, `["m2"]`, "secondary"},
		{"guardrail becomes secondary", `"m3"],"guardrails":[{"metric":"m4","margin":0.02}]`, `"m3","m4"]`, "guardrails"},
		{"another guardrail", `[{"metric":"m4"`, `[{"metric":"m5"`, "guardrails"},
		{"segments", `"segments":["tier"]`, `"segments":["city"]`, "segments"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			editor, store := newEditor()
			mustLayer(t, editor)
			for _, key := range []string{"m1", "m2", "m3", "m4", "m5"} {
				mustDefine(t, editor, metric(t, key, `{"kind":"proportion","event":"order.paid"}`))
			}
			mustPut(t, editor, "checkout", full)
			before := mustStart(t, editor, "checkout")
			text := strings.ReplaceAll(full, c.old, c.new)
			if c.old == "" {
				text = full
			}
			if c.old != "" && text == full {
				t.Fatalf("%q is not in the definition", c.old)
			}
			_, err := editor.Put(t.Context(), by(2), draft(t, "checkout", text))
			if (err != nil) != (c.refusedOn != "") || err != nil && !strings.Contains(err.Error(), c.refusedOn) {
				t.Fatalf("the change is answered with %v, want one about %q", err, c.refusedOn)
			}
			after := store.stored(t, "checkout")
			if after.Status != Running || !slices.Equal(after.Shares, before.Shares) || len(after.Metrics) != 4 || len(after.Changes) != 1 || len(after.Phases) != 1 {
				t.Errorf("the change has lost what the start had fixed: %+v", after)
			}
		})
	}
}

func TestDraftMayChangeEverything(t *testing.T) {
	t.Parallel()
	editor, _ := newEditor()
	mustPut(t, editor, "checkout", `{"unit":"user","variants":[{"key":"control","weight":1},{"key":"b","weight":1}],"segments":["tier"]}`)
	e := mustPut(t, editor, "checkout", `{"unit":"device","coverage":0.1,"audience":{"a":1},"variants":[{"key":"x","weight":1,"control":true},{"key":"y","weight":3}]}`)
	if e.Version != 2 || e.Status != Draft || e.Unit != events.Device {
		t.Errorf("it is %+v", e)
	}
}

func TestMetricsArePinnedAtStart(t *testing.T) {
	t.Parallel()
	editor, store := newEditor()
	revenue := func(window string) *Metric {
		return metric(t, "revenue", fmt.Sprintf(`{"kind":"mean","event":"order.paid","window":%q}`, window))
	}
	withRevenue := strings.Replace(twoVariants, "{", `{"primary":"revenue",`, 1)
	mustDefine(t, editor, revenue("24h"))
	mustPut(t, editor, "before", withRevenue)
	mustStart(t, editor, "before")
	mustDefine(t, editor, revenue("48h"))
	mustPut(t, editor, "behind", withRevenue)
	mustStart(t, editor, "behind")
	_, err := editor.Pause(t.Context(), by(2), "before")
	mustDo(t, err)
	mustStart(t, editor, "before")
	for key, want := range map[string]Hours{"before": Hours(24 * time.Hour), "behind": Hours(48 * time.Hour)} {
		if ms := store.stored(t, key).Metrics; len(ms) != 1 || ms[0].Window != want {
			t.Errorf("%s sums %+v, want one metric with a window of %v", key, ms, time.Duration(want))
		}
	}
}

func TestNamesMustExist(t *testing.T) {
	t.Parallel()
	editor, _ := newEditor()
	mustLayer(t, editor)
	mustDefine(t, editor, metric(t, "conversion", `{"kind":"proportion","event":"order.paid"}`))
	mustDefine(t, editor, metric(t, "by-device", `{"kind":"proportion","event":"order.paid","identity":"device"}`))
	for _, c := range []struct{ name, part, field, says string }{
		{"primary", `"primary":"nothing"`, "primary", "PUT /v1/metrics/nothing"},
		{"secondary", `"secondary":["conversion","nothing"]`, "secondary[1]", "nothing"},
		{"guardrail", `"guardrails":[{"metric":"nothing"}]`, "guardrails[0].metric", "nothing"},
		{"metric of another unit", `"primary":"by-device"`, "metrics", "by device"},
		{"layer", `"layer":"nothing"`, "layer", "PUT /v1/layers/nothing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := editor.Put(t.Context(), by(0), draft(t, "checkout", strings.Replace(twoVariants, "{", "{"+c.part+",", 1)))
			if kindOf(err) != "invalid "+c.field || !strings.Contains(err.Error(), c.says) {
				t.Errorf("the error is %v, want one of %s that says %q", err, c.field, c.says)
			}
		})
	}
	device := strings.Replace(fmt.Sprintf(inLayer, 0.5), `"unit":"user"`, `"unit":"device"`, 1)
	if _, err := editor.Put(t.Context(), by(0), draft(t, "checkout", device)); kindOf(err) != "invalid layer" {
		t.Errorf("an experiment on devices entered a layer of users: %v", err)
	}
}

// TestMetricChangesItsUnitBeforeTheStart: what was right when the draft was
// stored is looked at again when it starts.
func TestMetricChangesItsUnitBeforeTheStart(t *testing.T) {
	t.Parallel()
	editor, _ := newEditor()
	mustDefine(t, editor, metric(t, "conversion", `{"kind":"proportion","event":"order.paid"}`))
	mustPut(t, editor, "checkout", strings.Replace(twoVariants, "{", `{"primary":"conversion",`, 1))
	mustDefine(t, editor, metric(t, "conversion", `{"kind":"proportion","event":"order.paid","identity":"device"}`))
	if _, err := editor.Start(t.Context(), by(1), "checkout"); kindOf(err) != "invalid metrics" {
		t.Errorf("it started: %v", err)
	}
}
