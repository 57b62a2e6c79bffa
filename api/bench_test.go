package api

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/peakday/peakday/experiments"
)

// definitions is a Store that only reads: what evaluation needs.
type definitions struct {
	experiments.Store
	all experiments.Definitions
}

func (d definitions) Revision(context.Context) (int64, error) { return d.all.Revision, nil }
func (d definitions) Definitions(context.Context) (experiments.Definitions, error) {
	return d.all, nil
}

// flagAPI is the service with n running experiments on half of the users of
// one country: what the load rig measures, without a listener.
func flagAPI(t testing.TB, n int) *API {
	t.Helper()
	var docs []experiments.Change
	for i := range n {
		key := fmt.Sprintf("bench-%03d", i)
		e, err := experiments.ParseExperiment(key, []byte(`{"unit":"user","audience":{"country":"CN"},"variants":[{"key":"control","weight":1},{"key":"treatment","weight":1}]}`))
		if err != nil {
			t.Fatal(err)
		}
		e.Status = experiments.Running
		e.Changes = []experiments.StatusChange{{At: time.Unix(0, 0), Status: experiments.Running}}
		e.Shares = []experiments.Share{
			{Variant: "control", Range: experiments.Range{From: 0, To: 1 << 63}}, {Variant: "treatment", Range: experiments.Range{From: 1 << 63}},
		}
		doc, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, experiments.Change{Kind: experiments.ExperimentKind, Key: key, Version: 2, Doc: doc})
	}
	all, err := experiments.ReadDefinitions(1, docs)
	if err != nil {
		t.Fatal(err)
	}
	live := experiments.NewLive(definitions{all: all})
	if err := live.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	a := &API{
		Services: Services{Live: live, Keys: NewKeyring(nil), Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Clock: time.Now},
		mux:      chi.NewMux(), routes: map[string]*route{}, headers: newHeaders(), replays: newReplayCache(),
	}
	a.exchanges.New = func() any { return &exchange{} }
	if a.meters, err = newMeters(prometheus.NewRegistry()); err != nil {
		t.Fatal(err)
	}
	if err := a.register(); err != nil {
		t.Fatal(err)
	}
	return a
}

// sink is a ResponseWriter that only counts, and costs nothing.
type sink struct {
	header http.Header
	status int
	bytes  int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) WriteHeader(status int)      { s.status = status }
func (s *sink) Write(b []byte) (int, error) { s.bytes += len(b); return len(b), nil }

const benchContext = `{"context":{"targetingKey":"user-000003","country":"CN","tier":"gold","app":"ios","age":21}}`

// asked makes one request that can be served again and again.
func asked(path string) (r *http.Request, rewind func()) {
	body := strings.NewReader(benchContext)
	r, err := http.NewRequest(http.MethodPost, path, io.NopCloser(body))
	if err != nil {
		panic(err)
	}
	r.Host, r.RemoteAddr, r.ContentLength = "127.0.0.1:8080", "127.0.0.1:4711", int64(len(benchContext))
	r.Header.Set("Content-Type", "application/json")
	return r, func() { body.Reset(benchContext) }
}

// BenchmarkOFREP is what a request costs beyond net/http. "bare" is the least
// that encoding/json can do: no rules, no metrics, no access.
func BenchmarkOFREP(b *testing.B) {
	for _, c := range []struct {
		name, path string
		flags      int
	}{
		{"single", "/ofrep/v1/evaluate/flags/bench-000", 1},
		{"bulk50", "/ofrep/v1/evaluate/flags", 50},
		{"bulk300", "/ofrep/v1/evaluate/flags", 300},
	} {
		for name, handler := range map[string]http.Handler{"peakday": flagAPI(b, c.flags), "bare": bare(c.flags)} {
			b.Run(c.name+"/"+name, func(b *testing.B) {
				r, rewind := asked(c.path)
				w := &sink{header: http.Header{}}
				b.ReportAllocs()
				for b.Loop() {
					rewind()
					clear(w.header)
					handler.ServeHTTP(w, r)
				}
				b.ReportMetric(float64(w.bytes)/float64(b.N), "bytes/answer")
			})
		}
	}
}

// bare answers in OFREP's form with nothing behind it.
func bare(n int) http.Handler {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprintf("bench-%03d", i)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q struct {
			Context map[string]any `json:"context"`
		}
		if json.NewDecoder(r.Body).Decode(&q) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		user, _ := q.Context["targetingKey"].(string)
		b := append(make([]byte, 0, 100*n+64), `{"flags":[`...)
		for i, key := range keys {
			if i > 0 {
				b = append(b, ',')
			}
			h := fnv.New32a()
			_, _ = h.Write([]byte(key))
			_, _ = h.Write([]byte(user))
			variant := [...]string{"control", "treatment"}[h.Sum32()&1]
			b = append(append(append(b, `{"key":"`...), key...), `","reason":"SPLIT","variant":"`...)
			b = append(append(append(append(b, variant...), `","value":"`...), variant...), `"}`...)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(append(b, `]}`...))
	})
}

// TestEvaluationAllocatesLittle: what is left are the strings of the context,
// the map of attributes' values and the headers of the answer, however many
// flags there are.
func TestEvaluationAllocatesLittle(t *testing.T) {
	for _, c := range []struct {
		path  string
		flags int
		most  float64
	}{
		{"/ofrep/v1/evaluate/flags/bench-000", 1, 14},
		{"/ofrep/v1/evaluate/flags", 300, 18},
	} {
		a := flagAPI(t, c.flags)
		r, rewind := asked(c.path)
		w := &sink{header: http.Header{}}
		n := testing.AllocsPerRun(200, func() {
			rewind()
			clear(w.header)
			a.ServeHTTP(w, r)
		})
		if w.status != http.StatusOK {
			t.Fatalf("status %d", w.status)
		}
		if n > c.most {
			t.Errorf("%s: %.0f allocations a request, want at most %.0f", c.path, n, c.most)
		}
	}
}
