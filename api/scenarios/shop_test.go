// Package scenarios_test does what users of the HTTP interface do, a file a
// noun as in package api. open (shop_test.go) gives each test a whole peakday
// over an embedded store, behind a real listener, with a clock of its own.
package scenarios_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/peakday/peakday/api"
	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
	"github.com/peakday/peakday/forecast"
	"github.com/peakday/peakday/recommend"
	"github.com/peakday/peakday/store/memory"
	"github.com/peakday/peakday/store/segmentlog"
	"github.com/peakday/peakday/store/sqldb"
	"github.com/peakday/peakday/store/sqlite"
)

// began is when the clock of a test's shop starts.
var began = time.Date(2026, time.November, 5, 10, 0, 0, 0, time.UTC)

// shop is a whole peakday over an embedded store, behind a real listener.
type shop struct {
	t        testing.TB
	url      string
	clock    atomic.Int64 // microseconds
	db       *sqldb.DB
	log      *segmentlog.Log
	consumer *events.Consumer[*sqldb.Tx]
	services api.Services
	api      *api.API
	keys     []api.Key
	logged   *lines
}

func (s *shop) now() time.Time { return time.UnixMicro(s.clock.Load()).UTC() }

// option changes the services before the API is made.
type option func(*shop)

func withKeys(keys ...api.Key) option { return func(s *shop) { s.keys = keys } }

func with(change func(*api.Services)) option { return func(s *shop) { change(&s.services) } }

// open starts a shop that ends with the test.
func open(t testing.TB, options ...option) *shop {
	t.Helper()
	s := prepare(t, options...)
	server := httptest.NewServer(s.api)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// prepare makes a shop without a listener.
func prepare(t testing.TB, options ...option) *shop {
	t.Helper()
	s := &shop{t: t, logged: &lines{}}
	s.clock.Store(began.UnixMicro())
	dir := t.TempDir()
	ctx, stop := context.WithCancel(context.Background())
	var err error
	if s.log, err = segmentlog.Open(filepath.Join(dir, "log"), segmentlog.Options{Partitions: 2, Now: s.now}); err != nil {
		t.Fatal(err)
	}
	if s.db, err = sqlite.Open(ctx, filepath.Join(dir, "peakday.db"), nil); err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	s.assemble(zone)
	for _, o := range options {
		o(s)
	}
	if s.keys != nil {
		s.services.Keys = api.NewKeyring(func(context.Context) ([]api.Key, error) { return s.keys, nil })
		if err := s.services.Keys.Refresh(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if s.api, err = api.New(s.services); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.consumer.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := s.log.Close(); err != nil {
			t.Error(err)
		}
		if err := s.db.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func (s *shop) assemble(zone *time.Location) {
	const currency = "CNY"
	logger := slog.New(slog.NewTextHandler(s.logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	store := sqldb.Experiments{DB: s.db}
	register := recommend.NewInterner()
	catalog := recommend.NewCatalog(register, s.log.ID(), currency)
	trends := recommend.NewTrends(register, s.log.ID())
	profiles := memory.NewProfiles(400*24*time.Hour, s.now)
	recommender := recommend.New(catalog, trends, profiles, recommend.DefaultPolicy())
	book := recommend.NewPolicies(sqldb.Recommendations{DB: s.db}, recommend.DefaultPolicy())
	recommender.UsePolicies(book)
	sales := forecast.Sales{Shop: currency, Zone: zone}
	s.consumer = &events.Consumer[*sqldb.Tx]{
		Log: s.log, Store: s.db, Shop: currency, Logger: logger,
		Flows: []events.Flow[*sqldb.Tx]{
			{Fold: newLedgers(s.log.Partitions(), zone), Wants: func(k events.Kind, _ events.Type) bool {
				return k == events.Kind(events.AnyUnit) || events.UnitKind(k).Valid()
			}},
			{Fold: salesFold{sales}, Wants: sales.Wants},
		},
		Followers: []events.Follower{recommend.NewProfiler(profiles, s.log.ID()), catalog, trends},
	}
	s.services = api.Services{
		Desk: experiments.NewEditor(store, currency), Definitions: store, Live: experiments.NewLive(store),
		Intake: events.NewIntake(s.log, s.db, currency, s.now), Log: s.log,
		Recommender: recommender, Items: catalog, Policies: book,
		Forecasts: &forecast.Desk{Reader: s.db, Zone: zone, Currency: currency},
		Plans:     s.db, Consumers: s.db,
		Metrics: prometheus.NewRegistry(), Logger: logger, Clock: s.now, Shop: currency, Zone: zone, Version: "test",
	}
}

type ledgers []experiments.Ledger

func newLedgers(n int, zone *time.Location) ledgers {
	ls := make(ledgers, n)
	for p := range ls {
		ls[p] = experiments.Ledger{Shard: p % experiments.Shards, Zone: zone, Shop: "CNY", Lateness: experiments.DefaultLateness}
	}
	return ls
}

func (ledgers) Name() string { return "ledger" }

func (ls ledgers) Apply(ctx context.Context, tx *sqldb.Tx, batch []events.Delivery) error {
	return ls[batch[0].Partition].Apply(ctx, tx, batch)
}

type salesFold struct{ forecast.Sales }

func (s salesFold) Apply(ctx context.Context, tx *sqldb.Tx, batch []events.Delivery) error {
	return s.Sales.Apply(ctx, tx, batch)
}

// lines collects what is logged.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// request is what a test sends. Headers are "Name: value".
type request struct {
	method, path string
	body         string
	headers      []string
	host         string
}

// answer is what comes back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (s *shop) send(r request) answer {
	s.t.Helper()
	req, err := http.NewRequest(r.method, s.url+r.path, strings.NewReader(r.body))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, h := range r.headers {
		name, value, _ := strings.Cut(h, ":")
		req.Header.Add(name, strings.TrimSpace(value))
	}
	if r.host != "" {
		req.Host = r.host
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, b}
}

// must sends a request that must succeed and reads the answer into out.
func (s *shop) must(method, path, body string, out any, headers ...string) answer {
	s.t.Helper()
	a := s.send(request{method: method, path: path, body: body, headers: headers})
	if a.status/100 != 2 {
		s.t.Fatalf("%s %s: %d %s", method, path, a.status, a.body)
	}
	if out != nil {
		if err := json.Unmarshal(a.body, out); err != nil {
			s.t.Fatalf("%s %s: %v in %s", method, path, err, a.body)
		}
	}
	return a
}

// settle waits until all events are applied.
func (s *shop) settle() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := s.consumer.CaughtUp(ctx); err != nil {
		s.t.Fatal(err)
	}
}

// event is a structured CloudEvent.
func event(id, kind string, at time.Time, data any) string {
	b, err := json.Marshal(map[string]any{
		"specversion": "1.0", "id": id, "source": "test", "type": kind, "time": at.Format(time.RFC3339Nano), "data": data,
	})
	if err != nil {
		panic(err)
	}
	return string(b)
}

type fields = map[string]any

// ndjson sends events that must all be accepted.
func (s *shop) ndjson(path string, events ...string) {
	s.t.Helper()
	var got struct {
		Accepted int
		Rejected []any
	}
	s.must("POST", path, strings.Join(events, "\n"), &got, "Content-Type: application/x-ndjson")
	if got.Accepted != len(events) {
		s.t.Fatalf("%d of %d events accepted, rejected %v", got.Accepted, len(events), got.Rejected)
	}
}

// start defines an experiment and starts it.
func (s *shop) start(key, definition string) {
	s.t.Helper()
	s.must("PUT", "/v1/experiments/"+key, definition, nil)
	s.must("POST", "/v1/experiments/"+key+"/start", "", nil)
}

// even is an experiment on users with two variants.
const even = `{"unit":"user","variants":[{"key":"control","weight":1,"value":"old"},{"key":"treatment","weight":1,"value":"new"}]}`

// sell imports ten weeks of daily orders of two SKUs.
func (s *shop) sell() {
	s.t.Helper()
	var all []string
	for day := range 70 {
		at := began.AddDate(0, 0, day-71)
		for line, sku := range []string{"s1", "s2"} {
			n := 4 + line*3 + day%7
			all = append(all, event(fmt.Sprintf("o-%d-%s", day, sku), "order.completed", at, fields{
				"order_id": fmt.Sprintf("o%d-%s", day, sku), "user_id": fmt.Sprintf("u%d", day%40),
				"products": []fields{{"product_id": "p-" + sku, "sku": sku, "title": "Thing " + sku, "quantity": n, "price": "19.90"}},
			}))
		}
	}
	s.ndjson("/v1/events?imported=1", all...)
	s.settle()
}

// learn trains the recommender from the kept facts.
func (s *shop) learn() {
	s.t.Helper()
	types := []events.Type{events.ProductViewed, events.ProductAdded, events.OrderPlaced, events.OrderCompleted}
	var seen []recommend.Interaction
	err := s.db.EachFact(context.Background(), types, func(u events.Unit, kind events.Type, at time.Time, data []byte) error {
		f, err := events.Parse(events.Event{Type: string(kind), Time: at, Data: data}, "CNY")
		for _, i := range recommend.Interactions(f) {
			if i.Visitor == u {
				seen = append(seen, i)
			}
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	model, err := recommend.Train(context.Background(), slices.Values(seen), recommend.Training{Seed: 1, Dims: 8})
	if err != nil {
		s.t.Fatal(err)
	}
	s.services.Recommender.Install(model)
}

// compact removes blanks from JSON.
func compact(t testing.TB, b []byte) string {
	t.Helper()
	var out bytes.Buffer
	if err := json.Compact(&out, b); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	return out.String()
}
