package hook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/open-feature/go-sdk/openfeature"
)

// Options say where exposures go. Only URL is required.
type Options struct {
	URL    string        // of peakday, such as http://peakday:8080
	Key    string        // an access key with the scope events:behaviour or events:trusted
	Source string        // names the sender; "openfeature-go" if empty
	Batch  int           // exposures of one request at most; 100 if 0
	Wait   time.Duration // how long one waits for others; a second if 0
	Queue  int           // exposures that may wait; 10,000 if 0
	Client *http.Client  // one with a timeout of 10 s if nil

	// Refused is told of exposures that peakday will not take, such as those to
	// an experiment that was removed; nil: nobody is.
	Refused func(problem string)
}

func (o Options) withDefaults() (Options, error) {
	at, err := url.Parse(o.URL)
	if err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Host == "" {
		return o, fmt.Errorf("URL must be an address such as http://peakday:8080, got %q", o.URL)
	}
	o.URL = strings.TrimSuffix(o.URL, "/") + "/v1/events"
	if o.Source == "" {
		o.Source = "openfeature-go"
	}
	if o.Batch <= 0 {
		o.Batch = 100
	}
	if o.Wait <= 0 {
		o.Wait = time.Second
	}
	if o.Queue <= 0 {
		o.Queue = 10_000
	}
	if o.Client == nil {
		o.Client = &http.Client{Timeout: 10 * time.Second}
	}
	if o.Refused == nil {
		o.Refused = func(string) {}
	}
	return o, nil
}

// Exposures is an OpenFeature hook that sends an exposure for each evaluation
// of a flag whose unit is enrolled. Its methods may be called from any
// goroutine.
type Exposures struct {
	openfeature.UnimplementedHook
	queue   chan event
	recent  recent
	dropped atomic.Int64
	sender  sender
	stop    context.CancelCauseFunc
	ended   chan struct{}
}

var _ openfeature.Hook = (*Exposures)(nil)

// New returns a hook that sends in the background until it is closed.
func New(o Options) (*Exposures, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("exposures: %w", err)
	}
	ctx, stop := context.WithCancelCause(context.Background())
	h := &Exposures{queue: make(chan event, o.Queue), sender: sender{o}, stop: stop, ended: make(chan struct{})}
	go func() {
		defer close(h.ended)
		h.sender.run(ctx, h.queue)
	}()
	return h, nil
}

// After implements openfeature.Hook.
func (h *Exposures) After(_ context.Context, flag openfeature.HookContext, details openfeature.InterfaceEvaluationDetails, _ openfeature.HookHints) error {
	e, ok := exposureOf(flag.EvaluationContext(), details)
	if !ok || h.recent.has(e.ID) {
		return nil
	}
	e.Source, e.Time = h.sender.Source, time.Now().UTC()
	select {
	case h.queue <- e:
		h.recent.add(e.ID)
	default:
		h.dropped.Add(1) // the next evaluation brings it again
	}
	return nil
}

// Dropped is how many exposures found the queue full.
func (h *Exposures) Dropped() int64 { return h.dropped.Load() }

// errClosed is why sending stops.
var errClosed = errors.New("closed")

// Close sends what waits, and gives up when ctx ends. No flag may be evaluated
// with the hook afterwards.
func (h *Exposures) Close(ctx context.Context) error {
	close(h.queue)
	defer h.stop(errClosed)
	select {
	case <-h.ended:
		return nil
	case <-ctx.Done():
		h.stop(errClosed)
		<-h.ended
		return fmt.Errorf("exposures were not sent: %w", context.Cause(ctx))
	}
}
