package app

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/peakday/peakday/experiments"
	"github.com/peakday/peakday/store/storetest/services"
)

const evenVariants = `"unit":"user","variants":[{"key":"control","weight":1,"value":"old"},{"key":"b","weight":1,"value":"new"}]`

// does sends a request that must succeed.
func (s site) does(method, path, body string) {
	s.t.Helper()
	if status, answer := s.ask(method, path, "application/json", body); status >= 300 {
		s.t.Fatalf("%s %s: %d %s", method, path, status, answer)
	}
}

// variantOf is what OFREP says of a user.
func (s site) variantOf(key, context string) string {
	s.t.Helper()
	_, body := s.ask("POST", "/ofrep/v1/evaluate/flags/"+key, "application/json", `{"context":{`+context+`}}`)
	return body
}

// TestKillSwitchReachesEveryReplica: one call stops serving at the replica that
// takes it at once, and at every other when it next looks, which is several
// times a second.
func TestKillSwitchReachesEveryReplica(t *testing.T) {
	t.Parallel()
	database := services.NewDatabase(t, services.Postgres(t))
	replica := func() site {
		cfg := quiet(t.TempDir())
		cfg.Postgres = database
		s, _ := serving(t, cfg)
		return s
	}
	first, second := replica(), replica()
	first.does("PUT", "/v1/experiments/e1", "{"+evenVariants+"}")
	first.does("POST", "/v1/experiments/e1/start", "")
	reached := func(has string) {
		t.Helper()
		eventually(t, "the other replica says "+has, func() bool {
			return strings.Contains(second.variantOf("e1", `"targetingKey":"u1"`), has)
		})
	}
	reached(`"reason":"SPLIT"`)
	first.does("POST", "/v1/experiments/e1/stop", "")
	if got := first.variantOf("e1", `"targetingKey":"u1"`); !strings.Contains(got, "DISABLED") {
		t.Errorf("the replica that was told serves %s", got)
	}
	reached("DISABLED")
	if definitionsEvery > time.Second/2 {
		t.Errorf("replicas look every %v: too seldom to know within a second", definitionsEvery)
	}
}

// TestScheduleOutlivesARestart: what became due while nothing ran is done when
// it runs again.
func TestScheduleOutlivesARestart(t *testing.T) {
	t.Parallel()
	clock := newSimulated(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
	cfg := quiet(t.TempDir())
	cfg.Clock = clock.now
	s, stop := serving(t, cfg)
	s.does("PUT", "/v1/experiments/e1", `{"starts_at":"2026-11-02T00:00:00Z","ends_at":"2026-11-03T00:00:00Z",`+evenVariants+"}")
	status := func(s site) string { return fmt.Sprint(s.at("/v1/experiments/e1", "status")) }
	watch := s.newWatcher()
	if err := watch.keepSchedules(t.Context()); err != nil || status(s) != "draft" {
		t.Fatalf("before its time it is %s: %v", status(s), err)
	}
	stop()
	clock.Set(time.Date(2026, 11, 2, 1, 0, 0, 0, time.UTC))
	s, _ = serving(t, cfg)
	if err := s.newWatcher().keepSchedules(t.Context()); err != nil || status(s) != "running" {
		t.Fatalf("after the restart it is %s: %v", status(s), err)
	}
	clock.Set(time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC))
	if err := s.newWatcher().keepSchedules(t.Context()); err != nil || status(s) != "stopped" {
		t.Fatalf("after its end it is %s: %v", status(s), err)
	}
	if _, history := s.ask("GET", "/v1/experiments/e1/history", "", ""); strings.Count(history, `"author":"peakday schedule"`) != 2 {
		t.Errorf("its history is %s", history)
	}
}

// TestGuardrailStopsARamp end to end: exposures, errors, and the watcher.
func TestGuardrailStopsARamp(t *testing.T) {
	t.Parallel()
	clock := newSimulated(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
	cfg := quiet(t.TempDir())
	cfg.Clock = clock.now
	s, _ := serving(t, cfg)
	s.does("PUT", "/v1/metrics/errors", `{"kind":"proportion","event":"metric.observed","direction":"decrease"}`)
	s.does("PUT", "/v1/experiments/e1", `{"guardrails":[{"metric":"errors","margin":0.1}],"stages":[{"coverage":0.5,"hours":5},{"coverage":1}],`+evenVariants+"}")
	s.does("POST", "/v1/experiments/e1/start", "")
	clock.Set(clock.now().Add(time.Hour))
	var lines strings.Builder
	r := rand.New(rand.NewPCG(1, 2))
	at := clock.now().Format(time.RFC3339)
	for i := range 800 {
		variant, fails := "control", 0.05
		if i%2 == 1 {
			variant, fails = "b", 0.5
		}
		fmt.Fprintf(&lines, `{"specversion":"1.0","source":"t","id":"x%d","type":"experiment.exposed","time":%q,"data":{"experiment":"e1","variant":%q,"unit":"u%d"}}`+"\n", i, at, variant, i)
		if r.Float64() < fails {
			fmt.Fprintf(&lines, `{"specversion":"1.0","source":"t","id":"o%d","type":"metric.observed","time":%q,"data":{"unit":"u%d","metric":"errors","value":1}}`+"\n", i, at, i)
		}
	}
	if status, body := s.ask("POST", "/v1/events", "application/x-ndjson", lines.String()); status != 202 {
		t.Fatalf("%d %s", status, body)
	}
	if err := s.CaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.newWatcher().watchGuardrails(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.at("/v1/experiments/e1", "status"); got != string(experiments.Stopped) {
		t.Errorf("it is %v", got)
	}
	if got := s.at("/v1/experiments/e1", "breach.variant"); got != "b" {
		t.Errorf("the breach is of %v", got)
	}
}

// TestGuardrailsAreTestedOnWhatChanged: an experiment of which nothing has
// changed since its guardrails were tested is not read again.
func TestGuardrailsAreTestedOnWhatChanged(t *testing.T) {
	t.Parallel()
	s, _ := serving(t, quiet(t.TempDir()))
	s.does("PUT", "/v1/metrics/errors", `{"kind":"proportion","event":"metric.observed","direction":"decrease"}`)
	for _, key := range []string{"e1", "e2", "e3"} {
		s.does("PUT", "/v1/experiments/"+key, `{"guardrails":[{"metric":"errors","margin":0.1}],`+evenVariants+"}")
		s.does("POST", "/v1/experiments/"+key+"/start", "")
	}
	expose := func(key, unit string) {
		s.does("POST", "/v1/assignments", fmt.Sprintf(`{"unit":%q,"experiments":[%q],"expose":true}`, unit, key))
		if err := s.CaughtUp(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	watch := s.newWatcher()
	for _, step := range []struct {
		name string
		do   func()
		want string
	}{
		{"no units", func() {}, ""},
		{"two have units", func() { expose("e1", "u1"); expose("e2", "u1") }, "e1 e2"},
		{"nothing new", func() {}, ""},
		{"one more unit", func() { expose("e2", "u2") }, "e2"},
		{"the same unit again", func() { expose("e2", "u2") }, ""},
		{"another margin", func() {
			s.does("PUT", "/v1/experiments/e1", `{"guardrails":[{"metric":"errors","margin":0.2}],`+evenVariants+"}")
		}, "e1"},
		{"the end", func() { s.does("POST", "/v1/experiments/e1/stop", ""); expose("e2", "u3") }, "e2"},
	} {
		step.do()
		due, err := watch.untested(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var keys []string
		for e := range due {
			keys = append(keys, e.Key)
		}
		slices.Sort(keys)
		if got := strings.Join(keys, " "); got != step.want {
			t.Errorf("%s: %q are tested, want %q", step.name, got, step.want)
		}
		if err := watch.watchGuardrails(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// TestComputedAttributes: who has bought, which tier the shop has given, and how
// often they buy is what peakday has seen, whatever a client sends.
func TestComputedAttributes(t *testing.T) {
	t.Parallel()
	s, _ := serving(t, quiet(t.TempDir()))
	at := time.Now().Add(-time.Hour).UTC().Format(time.RFC3339)
	event := func(id, typ, data string) string {
		return fmt.Sprintf(`{"specversion":"1.0","source":"t","id":%q,"type":%q,"time":%q,"data":%s}`+"\n", id, typ, at, data)
	}
	if status, body := s.ask("POST", "/v1/events", "application/x-ndjson",
		event("o1", "order.placed", `{"order_id":"o1","user_id":"u1","products":[{"product_id":"p","sku":"s","quantity":1,"price":"5"}]}`)+
			event("c1", "user.changed", `{"user_id":"u1","attributes":{"tier":"gold"}}`)); status != 202 {
		t.Fatalf("%d %s", status, body)
	}
	if err := s.CaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	for key, audience := range map[string]string{
		"back": `{"customer":"returning"}`, "fresh": `{"customer":"new"}`, "gold": `{"member_tier":"gold"}`, "once": `{"rfm_tier":"first","rfm_orders":1}`,
	} {
		s.does("PUT", "/v1/experiments/"+key, `{"audience":`+audience+","+evenVariants+"}")
		s.does("POST", "/v1/experiments/"+key+"/start", "")
	}
	for _, c := range []struct {
		key, context string
		enrolled     bool
	}{
		{"back", `"targetingKey":"u1"`, true},
		{"back", `"targetingKey":"u1","customer":"new"`, true},
		{"back", `"targetingKey":"u2","customer":"returning"`, false},
		{"fresh", `"targetingKey":"u2"`, true},
		{"fresh", `"targetingKey":"u1","customer":"new"`, false},
		{"gold", `"targetingKey":"u1"`, true},
		{"gold", `"targetingKey":"u2","member_tier":"gold"`, false},
		{"once", `"targetingKey":"u1"`, true},
		{"once", `"targetingKey":"u2","rfm_tier":"first","rfm_orders":1`, false},
	} {
		if got := s.variantOf(c.key, c.context); strings.Contains(got, `"enrolled":true`) != c.enrolled {
			t.Errorf("%s for %s: %s", c.key, c.context, got)
		}
	}
}

// TestComputedAttributesOfExposures: a report is split by what peakday has seen
// of the users, whatever the clients that send the exposures say.
func TestComputedAttributesOfExposures(t *testing.T) {
	t.Parallel()
	s, _ := serving(t, quiet(t.TempDir()))
	s.does("PUT", "/v1/experiments/e1", `{"segments":["customer","member_tier","client"],`+evenVariants+"}")
	s.does("POST", "/v1/experiments/e1/start", "")
	s.does("PUT", "/v1/experiments/e2", `{"segments":["client"],`+strings.Replace(evenVariants, "user", "device", 1)+"}")
	s.does("POST", "/v1/experiments/e2/start", "")
	now := time.Now().UTC()
	event := func(id, typ string, at time.Time, data string) string {
		return fmt.Sprintf(`{"specversion":"1.0","source":"t","id":%q,"type":%q,"time":%q,"data":%s}`+"\n", id, typ, at.Format(time.RFC3339Nano), data)
	}
	send := func(lines ...string) {
		t.Helper()
		if status, body := s.ask("POST", "/v1/events", "application/x-ndjson", strings.Join(lines, "")); status != 202 || !strings.Contains(body, `"rejected":[]`) {
			t.Fatalf("%d %s", status, body)
		}
		if err := s.CaughtUp(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	send(event("o1", "order.placed", now.Add(-time.Hour), `{"order_id":"o1","user_id":"u1","products":[{"product_id":"p","sku":"s","quantity":1,"price":"5"}]}`),
		event("c1", "user.changed", now.Add(-time.Hour), `{"user_id":"u1","attributes":{"tier":"gold"}}`))
	exposed := func(id, unit, attributes string) string {
		return event(id, "experiment.exposed", now, fmt.Sprintf(`{"experiment":"e1","variant":"control","unit":%q%s}`, unit, attributes))
	}
	send(exposed("x1", "u1", `,"attributes":{"customer":"new","member_tier":"none","client":"ios"}`),
		exposed("x2", "u2", `,"Attributes":{"customer":"returning","member_tier":"gold","client":"ios"}`),
		exposed("x3", "u3", ""),
		event("x4", "experiment.exposed", now, `{"experiment":"e2","variant":"control","unit":"u1","attributes":{"customer":"new","client":"ios"}}`))
	for segment, want := range map[string]float64{"customer=returning": 1, "customer=new": 2, "member_tier=gold": 1, "member_tier=": 2, "client=ios": 2, "client=": 1} {
		if got := s.at("/v1/experiments/e1/report?segment="+url.QueryEscape(segment), "units.control"); got != want {
			t.Errorf("%s has %v units, want %v", segment, got, want)
		}
	}
	if got := s.at("/v1/experiments/e2/report?segment=client%3Dios", "units.control"); got != 1.0 {
		t.Errorf("of devices %v units, want 1", got)
	}
}
