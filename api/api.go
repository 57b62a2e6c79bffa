package api

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/peakday/peakday/api/sdk"
	"github.com/peakday/peakday/api/ui"
	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
	"github.com/peakday/peakday/forecast"
	"github.com/peakday/peakday/recommend"
)

// Services are what the handlers work with. Fields without the word "nil" are
// required.
type Services struct {
	// Desk changes definitions; Definitions reads them, their history and the
	// sums behind reports; Live is the catalogue that assignment reads. Handlers
	// refresh Live after a change, so that this process knows it at once; other
	// replicas poll.
	Desk        *experiments.Editor
	Definitions experiments.Store
	Live        *experiments.Live
	// Archive reads the units behind reports, and what background passes over
	// them found; nil: reports do without, and per-unit rows answer 503.
	Archive experiments.Archive

	// Intake takes events in. Log is the log behind it.
	Intake *events.Intake
	Log    events.Log

	// Recommender answers what to show; Items is the catalogue that it reads.
	Recommender *recommend.Recommender
	Items       *recommend.Catalog
	// Policies holds the policies and rules of Recommender; nil: those routes
	// answer 503.
	Policies *recommend.Policies
	// Credits reads what policies earned; nil: those routes answer 503.
	Credits recommend.CreditReader
	// UserAttributes computes attributes that audiences name; nil: they are absent.
	UserAttributes UserAttributes
	// Audiences surveys the users; nil: those routes answer 503.
	Audiences Audiences
	// Models lists, trains and activates models; nil: those routes answer 503.
	Models Models

	// Forecasts forecasts and plans; Plans keeps the calendar, supply data and
	// stock plans.
	Forecasts *forecast.Desk
	Plans     forecast.Definitions

	// Consumers says how far the log has been applied.
	Consumers Consumers

	// Keys are the access keys; nil: there are none, and only this machine may
	// ask. The caller refreshes it.
	Keys *Keyring
	// Limits bound what public keys may send; the zero value is the default.
	Limits Limits
	// SessionSecret signs the sessions of the pages, at least 32 bytes, the
	// same on every replica; nil: a random one, so that a restart logs out.
	SessionSecret []byte

	// Ready lists what is not ready yet; nil: all is.
	Ready Ready
	// Stopping is closed when the service begins to stop: streams end then;
	// nil: they end with their clients.
	Stopping <-chan struct{}
	// Metrics is where the service's metrics are registered and what /metrics
	// shows.
	Metrics *prometheus.Registry
	// Logger gets a line a request.
	Logger *slog.Logger
	// Clock is the shop's time, which the demo simulates; latencies are
	// measured by the machine's clock.
	Clock func() time.Time
	// Shop is the currency of amounts that name none.
	Shop events.Currency
	// Zone is the time zone in which pages show times; nil: UTC.
	Zone *time.Location
	// Version of the program, for /openapi.json and the pages.
	Version string
}

func (s *Services) check() error {
	var missing []error
	for _, f := range []struct {
		name  string
		there bool
	}{
		{"Desk", s.Desk != nil}, {"Definitions", s.Definitions != nil}, {"Live", s.Live != nil},
		{"Intake", s.Intake != nil}, {"Log", s.Log != nil},
		{"Recommender", s.Recommender != nil}, {"Items", s.Items != nil},
		{"Forecasts", s.Forecasts != nil}, {"Plans", s.Plans != nil}, {"Consumers", s.Consumers != nil},
		{"Metrics", s.Metrics != nil}, {"Logger", s.Logger != nil}, {"Clock", s.Clock != nil}, {"Shop", s.Shop.Valid()},
	} {
		if !f.there {
			missing = append(missing, fmt.Errorf("api.Services.%s is missing", f.name))
		}
	}
	if s.SessionSecret != nil && len(s.SessionSecret) < 32 {
		missing = append(missing, errors.New("api.Services.SessionSecret must have 32 bytes or more"))
	}
	return errors.Join(missing...)
}

// API is peakday's http.Handler.
type API struct {
	Services

	mux       *chi.Mux          // finds the pattern of a path
	routes    map[string]*route // by method and pattern
	methods   []string          // that any route has
	noRoute   *route            // for what no route answers
	exchanges sync.Pool

	headers      headers
	meters       *meters
	openAPI      func() ([]byte, error) // made when it is asked for the first time
	pages        *ui.Pages
	flags        flagTables
	policyTables policyTables
	streams      streams
	sdk          []byte
	sdkTag       string
	limiter      *limiter
	replays      *replayCache
	rates        rates
	sessions     sessions
}

// New returns the service over s, and registers its metrics.
func New(s Services) (*API, error) {
	if s.Keys == nil {
		s.Keys = NewKeyring(nil)
	}
	if s.Zone == nil {
		s.Zone = time.UTC
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	secret := s.SessionSecret
	if secret == nil {
		secret = make([]byte, 32)
		_, _ = rand.Read(secret) // never fails
	}
	a := &API{
		Services: s, mux: chi.NewMux(), routes: map[string]*route{}, headers: newHeaders(),
		limiter: newLimiter(s.Limits), replays: newReplayCache(), sessions: sessions{secret: secret},
	}
	a.exchanges.New = func() any { return &exchange{} }
	var err error
	if a.pages, err = ui.New(); err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	if a.meters, err = newMeters(s.Metrics); err != nil {
		return nil, err
	}
	if err := s.Metrics.Register(newConsumerCollector(&a.Services)); err != nil {
		return nil, fmt.Errorf("register the metrics of the consumer: %w", err)
	}
	if err := a.register(); err != nil {
		return nil, err
	}
	a.sdk = sdk.Script()
	a.sdkTag = etagOf(a.sdk)
	a.openAPI = sync.OnceValues(func() ([]byte, error) { return describe(a.routes, s.Version) })
	return a, nil
}

// register enters every route into the tree.
func (a *API) register() error {
	nothing := http.NotFoundHandler()
	described := operations()
	seen := map[string]bool{}
	for _, r := range routes() {
		name := r.method + " " + r.pattern
		if a.routes[name] != nil {
			return fmt.Errorf("route %s stands there twice", name)
		}
		if op, ok := described[name]; ok {
			r.operation = &op
		}
		a.routes[name] = &r
		r.meter = a.meters.of(&r)
		a.mux.Method(r.method, r.pattern, nothing)
		if !seen[r.method] {
			seen[r.method] = true
			a.methods = append(a.methods, r.method)
		}
	}
	a.noRoute = &route{pattern: "none", open: true}
	a.noRoute.meter = a.meters.of(a.noRoute)
	return nil
}
