package sim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

// standIn stands for the service at the other end of the wire: it answers in
// the contract's shapes and keeps what the simulator tells it.
type standIn struct {
	t *testing.T

	mu        sync.Mutex
	now       time.Time
	backwards bool
	calls     []string // method and path of all but events and assignments, in order
	seen      map[string]bool
	kinds     map[events.Type]int
	imported  int
	live      int
	largest   int
	lag       int
	started   map[string]time.Time
}

func newStandIn(t *testing.T) (*standIn, *httptest.Server) {
	s := &standIn{t: t, seen: map[string]bool{}, kinds: map[events.Type]int{}, started: map[string]time.Time{}}
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /v1/{kind}/{key}", s.note)
	mux.HandleFunc("POST /v1/experiments/{key}/start", s.start)
	mux.HandleFunc("GET /v1/experiments/{key}/report", s.report)
	mux.HandleFunc("POST /v1/events", s.events)
	mux.HandleFunc("POST /v1/assignments", s.assign)
	mux.HandleFunc("GET /v1/consumers", s.consumers)
	mux.HandleFunc("GET /v1/forecasts", s.forecasts)
	mux.HandleFunc("POST /v1/stock-plans", s.plan)
	mux.HandleFunc("POST /v1/models", s.model)
	mux.HandleFunc("POST /v1/models/{version}/activate", s.note)
	mux.HandleFunc("GET /v1/recommendations", s.recommend)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return s, server
}

// Set implements Clock.
func (s *standIn) Set(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.backwards = s.backwards || now.Before(s.now)
	s.now = now
}

func (s *standIn) note(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, r.Method+" "+r.URL.Path)
	w.WriteHeader(http.StatusCreated)
}

func (s *standIn) start(w http.ResponseWriter, r *http.Request) {
	s.note(w, r)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.started[r.PathValue("key")] = s.now
}

func (s *standIn) events(w http.ResponseWriter, r *http.Request) {
	batch, err := events.DecodeNDJSON(r.Body)
	if err != nil || r.Header.Get("Content-Type") != "application/x-ndjson" {
		s.t.Errorf("events as %s: %v", r.Header.Get("Content-Type"), err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.largest = max(s.largest, len(batch))
	var answer receipt
	for _, d := range batch {
		f, err := events.Parse(d.Event, cny)
		if err := firstOf(d.Err, err); err != nil {
			s.t.Errorf("event %s: %v", d.Event.ID, err)
		}
		if f.Time.After(s.now.Add(time.Hour)) {
			s.t.Errorf("%s comes %s before it happens", f.ID, f.Time.Sub(s.now))
		}
		if s.seen[f.Source+" "+f.ID] {
			answer.Duplicates++
			continue
		}
		s.seen[f.Source+" "+f.ID] = true
		s.kinds[f.Type]++
		answer.Accepted++
	}
	if r.URL.Query().Get("imported") == "1" {
		s.imported += len(batch)
	} else {
		s.live += len(batch)
	}
	s.lag = 2
	w.WriteHeader(http.StatusAccepted)
	s.write(w, answer)
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *standIn) write(w http.ResponseWriter, v any) {
	if err := json.NewEncoder(w).Encode(v); err != nil {
		s.t.Error(err)
	}
}

// consumers is behind for the first two looks after events.
func (s *standIn) consumers(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.write(w, consumed{Lag: int64(s.lag), Applied: int64(len(s.seen)), Duplicates: 7})
	s.lag = max(0, s.lag-1)
}

func (s *standIn) assign(w http.ResponseWriter, r *http.Request) {
	var asked struct{ Unit string }
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		s.t.Error(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	type item struct {
		Experiment string `json:"experiment"`
		Variant    string `json:"variant"`
		Enrolled   bool   `json:"enrolled"`
		Version    int    `json:"version"`
	}
	items := []item{{"another", "control", false, 1}}
	for i, t := range newTrials() {
		if _, runs := s.started[t.key]; runs {
			variant := []string{"control", "treatment"}[events.PartOf(asked.Unit)>>i&1]
			items = append(items, item{t.key, variant, true, 2})
		}
	}
	s.write(w, map[string]any{"items": items})
}

// forecasts come on two pages.
func (s *standIn) forecasts(w http.ResponseWriter, r *http.Request) {
	s.note(httptest.NewRecorder(), r)
	point := `{"date":"2026-11-11","mean":30,"quantiles":{"0.1":10,"0.9":60}}`
	if r.URL.Query().Get("cursor") == "" {
		fmt.Fprintf(w, `{"items":[{"sku":"books-01","points":[%s]}],"next_cursor":"more"}`, point)
		return
	}
	fmt.Fprintf(w, `{"items":[{"sku":"books-02","points":[%s]}],"next_cursor":null}`, point)
}

func (s *standIn) plan(w http.ResponseWriter, r *http.Request) {
	s.note(w, r)
	fmt.Fprint(w, `{"id":"p1","from":"2026-11-01","to":"2026-11-11","items":[{"sku":"books-01","demand":{"mean":40},"on_hand":10,"on_order":0,"order":50}]}`)
}

func (s *standIn) model(w http.ResponseWriter, r *http.Request) {
	s.note(w, r)
	fmt.Fprint(w, `{"version":"m/1"}`)
}

func (s *standIn) report(w http.ResponseWriter, r *http.Request) {
	effect := `"results":[{"variant":"treatment","absolute":{"estimate":0.1,"low":0.05,"high":0.15}}]`
	var metrics []string
	for _, m := range newMetrics() {
		metrics = append(metrics, fmt.Sprintf(`{"name":%q,%s}`, m.key, effect))
	}
	fmt.Fprintf(w, `{"metrics":[%s],"decision":{"verdict":"ship"}}`, strings.Join(metrics, ","))
}

func (s *standIn) recommend(w http.ResponseWriter, r *http.Request) {
	if q := r.URL.Query(); q.Get("user") == "" || q.Get("limit") != "10" {
		s.t.Errorf("asked for recommendations with %v", q)
	}
	var items []map[string]any
	for _, c := range newCategories(newRandom(1)) {
		items = append(items, map[string]any{"item": c.key + "-01"})
	}
	s.write(w, map[string]any{"items": items[:10]})
}

func TestPlayTalksToTheService(t *testing.T) {
	t.Parallel()
	simulate := func(seed uint64) (*Result, *standIn, []Progress) {
		s, server := newStandIn(t)
		var told []Progress
		r, err := Run(t.Context(), Options{
			Seed: seed, Users: 100, URL: server.URL, Clock: s,
			Progress: func(p Progress) { told = append(told, p) },
		})
		if err != nil {
			t.Fatal(err)
		}
		return r, s, told
	}
	r, s, told := simulate(1)
	zone := newShop(1, 1).zone
	start, end := saleStart().In(zone), saleEnd().In(zone)
	if s.backwards || !s.now.Equal(end) {
		t.Errorf("the clock ran backwards: %t; it stands at %s, want %s", s.backwards, s.now, end)
	}
	for _, trial := range newTrials() {
		if !s.started[trial.key].Equal(start) {
			t.Errorf("%s started at %s, want %s", trial.key, s.started[trial.key], start)
		}
	}
	if s.imported < 1000 || s.live < 1000 || s.largest > batchEvents+1 {
		t.Errorf("%d events imported, %d live, at most %d at once", s.imported, s.live, s.largest)
	}
	if n := int64(s.imported + s.live); n != r.Sent.Events || r.Sent.Twice != n-int64(len(s.seen)) {
		t.Errorf("%d events came, %d different ones; the result says %+v", n, len(s.seen), r.Sent)
	}
	if want := (EventCounts{Consumed: int64(len(s.seen)), Duplicates: 7}); r.Events != want {
		t.Errorf("events %+v, want %+v", r.Events, want)
	}
	if len(r.Experiments) != trials || r.Experiments[winner].Estimate != .1 || r.Experiments[null].Truth != 0 || r.Experiments[harmful].Metric != pageLoad {
		t.Errorf("experiments %+v", r.Experiments)
	}
	if r.StockPlan.SKUs != 1 || r.Forecast.WAPE <= 0 || r.Recommend.NDCG <= 0 || r.Recommend.Popularity <= 0 {
		t.Errorf("plan %+v, forecast %+v, recommend %+v", r.StockPlan, r.Forecast, r.Recommend)
	}
	if last := told[len(told)-1]; last.Done != last.Total || len(told) < 300 {
		t.Errorf("progress was told %d times, at last %+v", len(told), last)
	}
	s.checkOrder()

	again, _, _ := simulate(1)
	r.Seconds, again.Seconds, r.Recommend.P99, again.Recommend.P99 = 0, 0, 0, 0
	if a, b := mustJSON(r), mustJSON(again); string(a) != string(b) {
		t.Errorf("two runs of one seed differ:\n%s\n%s", a, b)
	}
}

// checkOrder holds the run to its plan: definitions, then the experiments,
// then the planner's questions, at last the model.
func (s *standIn) checkOrder() {
	s.t.Helper()
	at := func(call string) int {
		for i, c := range s.calls {
			if c == call {
				return i
			}
		}
		s.t.Errorf("%s was never called", call)
		return -1
	}
	order := []string{
		"PUT /v1/metrics/conversion", "PUT /v1/calendar/11.11", "PUT /v1/supply/books-01",
		"PUT /v1/experiments/one-tap-checkout", "POST /v1/experiments/one-tap-checkout/start",
		"GET /v1/forecasts", "POST /v1/stock-plans", "POST /v1/models", "POST /v1/models/m/1/activate",
	}
	for i := 1; i < len(order)-1; i++ {
		if at(order[i-1]) > at(order[i]) {
			s.t.Errorf("%s came before %s", order[i], order[i-1])
		}
	}
}

func TestPlayChecksOptions(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Options{
		"no clock": {URL: "http://127.0.0.1"}, "no URL": {Clock: &standIn{}},
		"too few users": {URL: "http://127.0.0.1", Clock: &standIn{}, Users: 3},
	} {
		if _, err := Run(t.Context(), o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// The definitions are what the service's own parsers accept.
func TestDefinitionsAreGood(t *testing.T) {
	t.Parallel()
	s := newShop(1, 1)
	if _, err := forecast.ParseEvent(eventKey, mustJSON(calendar())); err != nil {
		t.Error(err)
	}
	for _, k := range s.skus {
		if _, err := forecast.ParseSupply(k.code, k.supply(1), cny); err != nil {
			t.Errorf("%s: %v", k.code, err)
		}
	}
	checkExperiments(t)
}
