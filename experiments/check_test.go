package experiments

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peakday/peakday/events"
)

// fault is what is wrong with a definition: the exact field, and words that
// the message must have.
type fault struct{ field, says string }

func checkFault(t *testing.T, err error, want fault) {
	t.Helper()
	var invalid *events.Invalid
	if !errors.As(err, &invalid) {
		t.Fatalf("the error is %v, want an *events.Invalid of %q", err, want.field)
	}
	if invalid.Field != want.field || !strings.Contains(invalid.Problem, want.says) {
		t.Errorf("the fault is in %q and says %q; want %q and %q", invalid.Field, invalid.Problem, want.field, want.says)
	}
}

// many writes n numbered copies of a format with commas between them.
func many(n int, format string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = fmt.Sprintf(format, i)
	}
	return strings.Join(parts, ",")
}

func TestBadExperiments(t *testing.T) {
	t.Parallel()
	const ab = `"variants":[{"key":"control","weight":1},{"key":"b","weight":1}]`
	with := func(part string) string { return `{"unit":"user",` + part + `,` + ab + `}` }
	variants := func(list string) string { return `{"unit":"user","variants":[` + list + `]}` }
	value := func(v string) string {
		return variants(`{"key":"control","weight":1},{"key":"b","weight":1,"value":` + v + `}`)
	}
	for _, c := range []struct {
		name, text string
		want       fault
	}{
		{"nothing", ``, fault{"", "JSON"}},
		{"no JSON", `{"unit":`, fault{"", "JSON"}},
		{"an array", `[]`, fault{"", "an object, got array"}},
		{"null", `null`, fault{"unit", "is required"}},
		{"two objects", `{"unit":"user",` + ab + `} {}`, fault{"", "one JSON object"}},
		{"a bracket behind it", `{"unit":"user",` + ab + `}}`, fault{"", "one JSON object"}},
		{"another key", with(`"key":"search"`), fault{"key", `"checkout" as in the path, got "search"`}},
		{"unknown field", with(`"guardrail":[]`), fault{"guardrail", "is not a field: there are key, name"}},
		{"unknown field of a variant", variants(`{"key":"control","weight":1},{"key":"b","wieght":1}`), fault{"variants[1].wieght", "key, weight, value, control"}},
		{"unknown field of a guardrail", with(`"guardrails":[{"metric":"m","max":1}]`), fault{"guardrails[0].max", "metric, margin"}},
		{"wrong type", with(`"coverage":"half"`), fault{"coverage", "a number, got string"}},
		{"wrong type in a list", variants(`{"key":"control","weight":1},{"key":"b","weight":"1"}`), fault{"variants[1].weight", "a number, got string"}},
		{"wrong type in a map", with(`"overrides":{"u1":"b","u2":7}`), fault{"overrides.u2", "a string, got number"}},
		{"wrong type for a list", with(`"segments":"tier"`), fault{"segments", "an array, got string"}},
		{"wrong type for a map", with(`"overrides":["u1"]`), fault{"overrides", "an object, got array"}},

		{"no unit", `{` + ab + `}`, fault{"unit", "is required: user, device"}},
		{"unknown unit", `{"unit":"visitor",` + ab + `}`, fault{"unit", `user, device, session, team, shop or region, got "visitor"`}},
		{"any unit", `{"unit":"unit",` + ab + `}`, fault{"unit", "user, device"}},
		{"coverage 0", with(`"coverage":0`), fault{"coverage", "above 0 and at most 1, got 0"}},
		{"coverage 2", with(`"coverage":2`), fault{"coverage", "above 0 and at most 1, got 2"}},
		{"negative coverage", with(`"coverage":-0.5`), fault{"coverage", "above 0 and at most 1, got -0.5"}},
		{"layer", with(`"layer":"the home page"`), fault{"layer", "characters of A-Z"}},

		{"no variants", `{"unit":"user"}`, fault{"variants", "2 to 100, got 0"}},
		{"one variant", variants(`{"key":"control","weight":1}`), fault{"variants", "2 to 100, got 1"}},
		{"too many variants", variants(many(101, `{"key":"v%d","weight":1}`)), fault{"variants", "2 to 100, got 101"}},
		{"no control", variants(`{"key":"a","weight":1},{"key":"b","weight":1}`), fault{"variants", `key "control", or one with "control": true`}},
		{"two marked as control", variants(`{"key":"a","weight":1,"control":true},{"key":"b","weight":1,"control":true}`), fault{"variants", "one control"}},
		{"another marked beside control", variants(`{"key":"control","weight":1},{"key":"b","weight":1,"control":true}`), fault{"variants", "one control"}},
		{"weights of nothing", variants(`{"key":"control","weight":0},{"key":"b"}`), fault{"variants", "add up to more than 0"}},
		{"negative weight", variants(`{"key":"control","weight":1},{"key":"b","weight":-1}`), fault{"variants[1].weight", "0 to 1000000, got -1"}},
		{"huge weight", variants(`{"key":"control","weight":1},{"key":"b","weight":1e7}`), fault{"variants[1].weight", "0 to 1000000, got 1e+07"}},
		{"weight beyond any number", variants(`{"key":"control","weight":1},{"key":"b","weight":1e999}`), fault{"variants[1].weight", "a number"}},
		{"duplicate keys", variants(`{"key":"control","weight":1},{"key":"b","weight":1},{"key":"b","weight":1}`), fault{"variants[2].key", `another one: "b"`}},
		{"no variant key", variants(`{"key":"control","weight":1},{"weight":1}`), fault{"variants[1].key", "1 to 64 characters"}},
		{"value null", value(`null`), fault{"variants[1].value", "a string, a number, a boolean or an object"}},
		{"value array", value(` [1]`), fault{"variants[1].value", "a string, a number, a boolean or an object"}},

		{"override of no variant", with(`"overrides":{"u1":"z"}`), fault{"overrides", `"z" for "u1"`}},
		{"override of no unit", with(`"overrides":{"":"b"}`), fault{"overrides", "is required"}},
		{"override of a control character", with(`"overrides":{"u\n":"b"}`), fault{"overrides", "control characters"}},
		{"too many overrides", with(`"overrides":{` + many(1001, `"u%d":"b"`) + `}`), fault{"overrides", "at most 1000, got 1001"}},
		{"audience", with(`"audience":{"$or":[{"tier":"gold"},{"age":{"$gt":[1]}}]}`), fault{"audience.$or[1].age.$gt", "a number or a string"}},
		{"audience of text", with(`"audience":"gold"`), fault{"audience", "an object"}},

		{"alpha 0", with(`"alpha":0`), fault{"alpha", "above 0 and below 0.5, got 0"}},
		{"alpha 0.5", with(`"alpha":0.5`), fault{"alpha", "above 0 and below 0.5, got 0.5"}},
		{"correction", with(`"correction":"bonferroni"`), fault{"correction", `holm, bh or none, got "bonferroni"`}},
		{"primary", with(`"primary":"a b"`), fault{"primary", "1 to 64 characters"}},
		{"empty secondary", with(`"secondary":["a",""]`), fault{"secondary[1]", "1 to 64 characters"}},
		{"primary again", with(`"primary":"a","secondary":["a"]`), fault{"secondary[0]", `another metric: "a"`}},
		{"secondary twice", with(`"secondary":["a","a"]`), fault{"secondary[1]", `another metric: "a"`}},
		{"too many secondary", with(`"secondary":[` + many(101, `"m%d"`) + `]`), fault{"secondary", "at most 100 each, got 101"}},
		{"guardrail without metric", with(`"guardrails":[{"margin":0.1}]`), fault{"guardrails[0].metric", "1 to 64 characters"}},
		{"guardrail twice", with(`"guardrails":[{"metric":"a"},{"metric":"a","margin":0.1}]`), fault{"guardrails[1].metric", `another metric: "a"`}},
		{"margin 2", with(`"guardrails":[{"metric":"a","margin":2}]`), fault{"guardrails[0].margin", "(0.02 is 2 %), got 2"}},
		{"negative margin", with(`"guardrails":[{"metric":"a"},{"metric":"b","margin":-0.02}]`), fault{"guardrails[1].margin", "0 or more and below 1"}},
		{"too many segments", with(`"segments":[` + many(11, `"s%d"`) + `]`), fault{"segments", "at most 10, got 11"}},
		{"segment twice", with(`"segments":["tier","tier"]`), fault{"segments[1]", `another attribute: "tier"`}},
		{"segment without a name", with(`"segments":[""]`), fault{"segments[0]", "is required"}},
		{"segment with its value", with(`"segments":["tier=gold"]`), fault{"segments[0]", "without ="}},
		{"long segment", with(`"segments":["` + strings.Repeat("a", 65) + `"]`), fault{"segments[0]", "at most 64 bytes"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := ParseExperiment("checkout", []byte(c.text))
			checkFault(t, err, c.want)
		})
	}
}

func TestBadKeys(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"", "a b", "a/b", "日", strings.Repeat("a", 65)} {
		_, err := ParseExperiment(key, []byte(twoVariants))
		checkFault(t, err, fault{"key", "1 to 64 characters"})
		_, err = ParseMetric(key, []byte(`{"kind":"proportion","event":"order.paid"}`), "CNY")
		checkFault(t, err, fault{"key", "1 to 64 characters"})
		_, err = ParseLayer(key, []byte(`{}`))
		checkFault(t, err, fault{"key", "1 to 64 characters"})
	}
}

// TestBadNumbers are those that JSON cannot write.
func TestBadNumbers(t *testing.T) {
	t.Parallel()
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		e := draft(t, "checkout", twoVariants)
		e.Variants[1].Weight = v
		checkFault(t, e.Check(), fault{"variants[1].weight", "0 to 1000000"})
		e = draft(t, "checkout", twoVariants)
		e.Coverage = v
		checkFault(t, e.Check(), fault{"coverage", "above 0 and at most 1"})
		e = draft(t, "checkout", twoVariants)
		e.Alpha = v
		checkFault(t, e.Check(), fault{"alpha", "above 0 and below 0.5"})
		e = draft(t, "checkout", twoVariants)
		e.Guardrails = []Guardrail{{"m", v}}
		checkFault(t, e.Check(), fault{"guardrails[0].margin", "below 1"})
		m := metric(t, "m", `{"kind":"mean","event":"order.paid"}`)
		m.Cap = &Cap{Value: v}
		checkFault(t, m.Check("CNY"), fault{"cap.value", "above 0"})
	}
}

func TestBadMetrics(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		want       fault
	}{
		{"nothing", ``, fault{"", "JSON"}},
		{"no kind", `{"event":"order.paid"}`, fault{"kind", "proportion, mean, count, ratio, quantile, retention or funnel"}},
		{"unknown kind", `{"kind":"median","event":"order.paid"}`, fault{"kind", `retention or funnel, got "median"`}},
		{"unknown field", `{"kind":"mean","event":"order.paid","percentile":0.99}`, fault{"percentile", "is not a field"}},
		{"unknown field of the cap", `{"kind":"mean","event":"order.paid","cap":{"percentile":0.99}}`, fault{"cap.percentile", "there are value, quantile, frozen"}},
		{"quantile of a mean", `{"kind":"mean","event":"order.paid","quantile":0.99}`, fault{"quantile", "is for a metric of kind quantile"}},
		{"quantile without its level", `{"kind":"quantile","event":"metric.observed"}`, fault{"quantile", "above 0 and below 1"}},
		{"quantile of the newest", `{"kind":"quantile","event":"metric.observed","quantile":0.5,"aggregate":"last"}`, fault{"quantile", "aggregate sum"}},
		{"retention without days", `{"kind":"retention","event":"product.viewed"}`, fault{"days", "[7,7]"}},
		{"retention backwards", `{"kind":"retention","event":"product.viewed","days":[7,1]}`, fault{"days", "got [7 1]"}},
		{"retention from the day of exposure", `{"kind":"retention","event":"product.viewed","days":[0,1]}`, fault{"days", "from 1"}},
		{"retention by sum", `{"kind":"retention","event":"order.paid","days":[7,7],"aggregate":"sum"}`, fault{"aggregate", "must be any for retention"}},
		{"days of a mean", `{"kind":"mean","event":"order.paid","days":[7,7]}`, fault{"days", "are for retention"}},
		{"steps of a mean", `{"kind":"mean","event":"order.paid","steps":[{"event":"order.paid"},{"event":"order.paid"}]}`, fault{"steps", "are for a funnel"}},
		{"funnel of one step", `{"kind":"funnel","steps":[{"event":"product.viewed"}]}`, fault{"steps", "2 to 10"}},
		{"funnel with an event", `{"kind":"funnel","event":"order.paid","steps":[{"event":"product.viewed"},{"event":"order.paid"}]}`, fault{"event", "a funnel has steps"}},
		{"step of nothing", `{"kind":"funnel","steps":[{"event":"product.viewed"},{"event":"order.sent"}]}`, fault{"steps[1].event", `got "order.sent"`}},
		{"step that sums", `{"kind":"funnel","steps":[{"event":"product.viewed"},{"event":"order.paid","aggregate":"sum"}]}`, fault{"steps[1].aggregate", "must be any for a step"}},
		{"step too long", `{"kind":"funnel","steps":[{"event":"product.viewed"},{"event":"order.paid","within":"9000h"}]}`, fault{"steps[1].within", "at most"}},
		{"cap by value and quantile", `{"kind":"mean","event":"order.paid","cap":{"value":1,"quantile":0.99}}`, fault{"cap", "not both"}},
		{"cap at no quantile", `{"kind":"mean","event":"order.paid","cap":{"quantile":99}}`, fault{"cap.quantile", "above 0 and below 1"}},
		{"unknown field of the denominator", `{"kind":"ratio","event":"order.paid","denominator":{"kind":"mean"}}`, fault{"denominator.kind", "event, metric, where"}},
		{"another key", `{"key":"other","kind":"mean","event":"order.paid"}`, fault{"key", `"m" as in the path, got "other"`}},
		{"event of another type", `{"kind":"mean","event":7}`, fault{"event", "a string, got number"}},
		{"no event", `{"kind":"mean"}`, fault{"event", "order.paid"}},
		{"unknown event", `{"kind":"mean","event":"order.sent"}`, fault{"event", `got "order.sent"`}},
		{"event of no unit", `{"kind":"count","event":"stock.level"}`, fault{"event", `event type of units`}},
		{"exposure", `{"kind":"proportion","event":"experiment.exposed"}`, fault{"event", `event type of units`}},
		{"identity", `{"kind":"mean","event":"order.paid","identity":"visitor"}`, fault{"identity", `got "visitor"`}},
		{"direction", `{"kind":"mean","event":"order.paid","direction":"up"}`, fault{"direction", `increase or decrease, got "up"`}},
		{"aggregate", `{"kind":"mean","event":"order.paid","aggregate":"median"}`, fault{"aggregate", `sum, count, any, last or people, got "median"`}},
		{"aggregate of a proportion", `{"kind":"proportion","event":"order.paid","aggregate":"sum"}`, fault{"aggregate", "must be any for a proportion"}},
		{"aggregate of a count", `{"kind":"count","event":"order.paid","aggregate":"sum"}`, fault{"aggregate", "must be count for a count"}},
		{"aggregate without a number", `{"kind":"mean","event":"user.changed"}`, fault{"aggregate", "must be count or any: a user.changed carries no number"}},
		{"value", `{"kind":"mean","event":"order.paid","value":"price"}`, fault{"value", `total or quantity for order.paid, got "price"`}},
		{"two values", `{"kind":"mean","event":"order.paid","value":"total quantity"}`, fault{"value", "total or quantity"}},
		{"value of a count", `{"kind":"count","event":"order.paid","value":"total"}`, fault{"value", "not used by aggregate count"}},
		{"metric of another event", `{"kind":"mean","event":"order.paid","metric":"latency"}`, fault{"metric", "for metric.observed only"}},
		{"metric that is no key", `{"kind":"mean","event":"metric.observed","metric":"a b"}`, fault{"metric", "1 to 64 characters"}},
		{"where", `{"kind":"mean","event":"order.paid","where":{"total":{"$gt":[1]}}}`, fault{"where.total.$gt", "a number or a string"}},
		{"where of text", `{"kind":"mean","event":"order.paid","where":"north"}`, fault{"where", "an object"}},
		{"ratio without denominator", `{"kind":"ratio","event":"order.paid"}`, fault{"denominator", "a ratio needs one"}},
		{"mean with denominator", `{"kind":"mean","event":"order.paid","denominator":{"event":"order.paid"}}`, fault{"denominator", "is for a ratio"}},
		{"event of the denominator", `{"kind":"ratio","event":"order.paid","denominator":{"event":"x"}}`, fault{"denominator.event", "order.paid"}},
		{"where of the denominator", `{"kind":"ratio","event":"order.paid","denominator":{"event":"order.paid","where":{"a":{"$no":1}}}}`, fault{"denominator.where.a.$no", ""}},
		{"value of the denominator", `{"kind":"ratio","event":"order.paid","denominator":{"event":"order.paid","value":"price"}}`, fault{"denominator.value", "total or quantity"}},
		{"window without unit", `{"kind":"mean","event":"order.paid","window":"7"}`, fault{"window", `a duration such as "168h", got "7"`}},
		{"window of a number", `{"kind":"mean","event":"order.paid","window":7}`, fault{"window", `a duration such as "168h", got 7`}},
		{"negative window", `{"kind":"mean","event":"order.paid","window":"-1h"}`, fault{"window", "a duration"}},
		{"no window", `{"kind":"mean","event":"order.paid","window":"0h"}`, fault{"window", "above 0h and at most 8784h"}},
		{"long window", `{"kind":"mean","event":"order.paid","window":"9000h"}`, fault{"window", "at most 8784h, got 9000h"}},
		{"long pre-period", `{"kind":"mean","event":"order.paid","pre_period":"9000h"}`, fault{"pre_period", "0h (none) to 8784h, got 9000h"}},
		{"empty cap", `{"kind":"mean","event":"order.paid","cap":{}}`, fault{"cap.value", "above 0"}},
		{"negative cap", `{"kind":"mean","event":"order.paid","cap":{"value":-1}}`, fault{"cap.value", "above 0 and at most 1e12"}},
		{"huge cap", `{"kind":"mean","event":"order.paid","cap":{"value":1e13}}`, fault{"cap.value", "at most 1e12"}},
		{"cap of a proportion", `{"kind":"proportion","event":"order.paid","cap":{"value":1}}`, fault{"cap", "not for a proportion"}},
		{"cap of a ratio", `{"kind":"ratio","event":"order.paid","denominator":{"event":"order.paid"},"cap":{"value":1}}`, fault{"cap", "not for a ratio"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := ParseMetric("m", []byte(c.text), "CNY")
			checkFault(t, err, c.want)
		})
	}
}

func TestBadLayers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		want       fault
	}{
		{"unknown field", `{"range":1}`, fault{"range", "is not a field"}},
		{"unit", `{"unit":"visitor"}`, fault{"unit", `got "visitor"`}},
		{"another key", `{"key":"other"}`, fault{"key", `"home" as in the path, got "other"`}},
		{"two", `{}{}`, fault{"", "one JSON object"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := ParseLayer("home", []byte(c.text))
			checkFault(t, err, c.want)
		})
	}
}

func TestExperimentDefaults(t *testing.T) {
	t.Parallel()
	// What peakday decides itself cannot be sent; a document that GET gave may
	// be put back as it is.
	got := draft(t, "checkout", `{"unit":"user","variants":[{"key":"a","weight":1,"control":true,"value":{ "x": [1, null] }},{"key":"b","weight":1}],
		"key":"checkout","status":"running","version":7,"hash_version":9,"shipped":"b","metrics":[{"key":"m"}],"slots":{"home":[["0","8"]]},
		"shares":[{"variant":"b","range":["0","0"]}],"status_changes":[{"at":"2026-11-01T00:00:00Z","status":"running"}]}`)
	want := &Experiment{
		Key: "checkout", Unit: events.User, Coverage: 1, Alpha: 0.05, Correction: Holm, Status: Draft, HashVersion: 1,
		Variants: []Variant{
			{Key: "a", Weight: 1, Control: true, Value: json.RawMessage(`{"x":[1,null]}`)},
			{Key: "b", Weight: 1, Value: json.RawMessage(`"b"`)},
		},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if c := got.Control(); c == nil || c.Key != "a" {
		t.Errorf("the control is %v", c)
	}
}

func TestMetricDefaults(t *testing.T) {
	t.Parallel()
	plain := func(key string, kind MetricKind, n Numerator) *Metric {
		return &Metric{Key: key, Kind: kind, Identity: events.User, Numerator: n, Window: defaultWindow, PrePeriod: defaultPrePeriod, Direction: Increase}
	}
	basket := plain("m", Ratio, Numerator{Event: events.OrderPaid, Aggregate: Sum, Value: "total", Decimals: 2})
	basket.Denominator = &Numerator{Event: events.OrderPaid, Aggregate: Sum, Value: "total", Decimals: 2}
	shop := plain("m", Count, Numerator{Event: events.ProductViewed, Aggregate: Tally})
	shop.Identity, shop.Direction, shop.Window, shop.PrePeriod = events.Shop, Decrease, Hours(90*time.Minute), 0
	for _, c := range []struct {
		name, text string
		want       *Metric
	}{
		{"proportion", `{"kind":"proportion","event":"order.paid"}`, plain("m", Proportion, Numerator{Event: events.OrderPaid, Aggregate: Any})},
		{"mean", `{"kind":"mean","event":"order.paid"}`, plain("m", Mean, Numerator{Event: events.OrderPaid, Aggregate: Sum, Value: "total", Decimals: 2})},
		{"quantity", `{"kind":"mean","event":"order.paid","value":"quantity","decimals":7}`, plain("m", Mean, Numerator{Event: events.OrderPaid, Aggregate: Sum, Value: "quantity"})},
		{"observed", `{"kind":"mean","event":"metric.observed"}`, plain("m", Mean, Numerator{Event: events.MetricObserved, Metric: "m", Aggregate: Sum, Value: "value", Decimals: 6})},
		{"last", `{"kind":"mean","event":"metric.observed","metric":"rating","aggregate":"last"}`, plain("m", Mean, Numerator{Event: events.MetricObserved, Metric: "rating", Aggregate: Last, Value: "value", Decimals: 6})},
		{"ratio", `{"kind":"ratio","event":"order.paid","denominator":{"event":"order.paid"}}`, basket},
		{"all else said", `{"kind":"count","event":"product.viewed","identity":"shop","direction":"decrease","window":"90m","pre_period":"0h"}`, shop},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := metric(t, "m", c.text)
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			again, err := json.Marshal(got)
			mustDo(t, err)
			if d := cmp.Diff(got, metric(t, "m", string(again))); d != "" {
				t.Errorf("read back from %s (-want +got):\n%s", again, d)
			}
		})
	}
}

// TestMetricsOfOtherCurrencies sum in their own minor unit.
func TestMetricsOfOtherCurrencies(t *testing.T) {
	t.Parallel()
	for shop, want := range map[events.Currency]int{"CNY": 2, "JPY": 0, "KWD": 3} {
		m, err := ParseMetric("m", []byte(`{"kind":"mean","event":"order.paid"}`), shop)
		mustDo(t, err)
		if m.Decimals != want {
			t.Errorf("%s has %d decimals, want %d", shop, m.Decimals, want)
		}
	}
}
