package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/peakday/peakday/events"
)

// service is serveUntilDone at work.
type service struct {
	url   string
	stop  context.CancelFunc
	ended chan error
	first chan answer // to /readyz, the moment it listened
}

type answer struct {
	status int
	body   string
}

func fetch(url string) (answer, error) {
	got, err := http.Get(url)
	if err != nil {
		return answer{}, err
	}
	defer got.Body.Close()
	b, err := io.ReadAll(got.Body)
	return answer{got.StatusCode, string(b)}, err
}

// serve starts the service and waits until it listens.
func serve(t *testing.T, a *App) *service {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	s := &service{stop: stop, ended: make(chan error, 1), first: make(chan answer, 1)}
	listening := make(chan string, 1)
	go func() {
		s.ended <- a.serveUntilDone(ctx, func(url string) {
			first, err := fetch(url + "/readyz")
			if err != nil {
				t.Error(err)
			}
			s.first <- first
			listening <- url
		})
	}()
	select {
	case s.url = <-listening:
	case err := <-s.ended:
		stop()
		t.Fatalf("the service ended: %v", err)
	}
	t.Cleanup(stop)
	return s
}

// ready waits until /readyz says so.
func (s *service) ready(t *testing.T) {
	t.Helper()
	eventually(t, "/readyz says 200", func() bool {
		got, err := fetch(s.url + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		if got.status != http.StatusOK && got.status != http.StatusServiceUnavailable {
			t.Fatalf("/readyz: %d %s", got.status, got.body)
		}
		return got.status == http.StatusOK
	})
}

// view is one event, by its number.
func view(n int) string {
	return fmt.Sprintf(`{"specversion":"1.0","id":"v%d","source":"load","type":"product.viewed","time":%q,"data":{"user_id":"u%d","product_id":"p%d"}}`,
		n, time.Now().UTC().Format(time.RFC3339Nano), n%97, n%13)
}

// send posts a batch and gives how many events were accepted. An error means
// that nothing is known about it.
func (s *service) send(batch []int) (accepted int, err error) {
	lines := make([]string, len(batch))
	for i, n := range batch {
		lines[i] = view(n)
	}
	got, err := http.Post(s.url+"/v1/events", "application/x-ndjson", strings.NewReader(strings.Join(lines, "\n")))
	if err != nil {
		return 0, err
	}
	defer got.Body.Close()
	var receipt struct{ Accepted int }
	if err := json.NewDecoder(got.Body).Decode(&receipt); err != nil {
		return 0, err
	}
	if got.StatusCode != http.StatusAccepted {
		return 0, fmt.Errorf("status %d", got.StatusCode)
	}
	return receipt.Accepted, nil
}

// TestStopUnderLoadLosesNothing sends events from four clients, stops the
// service in the middle, and looks for every event that was answered with 202.
func TestStopUnderLoadLosesNothing(t *testing.T) {
	t.Parallel()
	cfg := quiet(t.TempDir())
	a, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, a)
	s.ready(t)

	var (
		mu      sync.Mutex
		kept    []int // answered with 202
		clients sync.WaitGroup
		enough  = make(chan struct{})
	)
	for client := range 4 {
		clients.Go(func() {
			for n := client; ; n += 4 * 5 {
				batch := []int{n, n + 4, n + 8, n + 12, n + 16}
				accepted, err := s.send(batch)
				if err != nil {
					return // the service has stopped
				}
				if accepted != len(batch) {
					t.Errorf("%d of %d were accepted", accepted, len(batch))
				}
				mu.Lock()
				kept = append(kept, batch...)
				if len(kept) == 500 {
					close(enough)
				}
				mu.Unlock()
			}
		})
	}
	<-enough
	s.stop()
	if err := <-s.ended; err != nil {
		t.Errorf("the service ended with %v", err)
	}
	clients.Wait()
	if left, err := filepath.Glob(filepath.Join(cfg.Data, "state", "*.snapshot")); err != nil || len(left) != 3 {
		t.Errorf("snapshots %v, %v", left, err)
	}

	a = opened(t, cfg)
	defer closed(t, a)
	if err := a.consumer.CaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	ids := make([]events.InboxID, len(kept))
	for i, n := range kept {
		r := events.Record{Source: "load", ID: fmt.Sprint("v", n), Kind: events.Kind(events.User), Key: fmt.Sprint("u", n%97), Type: events.ProductViewed}
		ids[i] = events.InboxID{Part: r.Part(), ID: r.RecordID()}
	}
	applied, err := a.db.Applied(t.Context(), ids)
	if err != nil {
		t.Fatal(err)
	}
	lost := 0
	for _, is := range applied {
		if !is {
			lost++
		}
	}
	if lost > 0 {
		t.Errorf("%d of %d events that were accepted are lost", lost, len(kept))
	}
}

// TestStopEndsStreams: a stream of changes would else hold the service up until
// its time to stop is over.
func TestStopEndsStreams(t *testing.T) {
	t.Parallel()
	a, err := Open(t.Context(), quiet(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, a)
	s.ready(t)
	stream, err := http.Get(s.url + "/ofrep/v1/stream")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	s.stop()
	if rest, err := io.ReadAll(stream.Body); err != nil || !strings.Contains(string(rest), "refetchEvaluation") {
		t.Errorf("the stream ends with %v after %q", err, rest)
	}
	if err := <-s.ended; err != nil { // of time that is over, among others
		t.Errorf("the service ended with %v", err)
	}
}

// TestReadyWhenAllIsApplied: what was accepted by an instance that is gone is
// applied before the next one calls itself ready.
func TestReadyWhenAllIsApplied(t *testing.T) {
	t.Parallel()
	cfg := quiet(t.TempDir())
	a, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	var batch []events.Decoded
	for n := range 3000 {
		e, err := events.DecodeEvent([]byte(view(n)))
		batch = append(batch, events.Decoded{Index: n, Event: e, Err: err})
	}
	receipt, err := a.intake.Accept(t.Context(), batch, events.Channel{})
	if err != nil || receipt.Accepted != 3000 {
		t.Fatal(receipt, err)
	}
	closed(t, a) // it was never started: nothing is applied

	if a, err = Open(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	s := serve(t, a)
	if first := <-s.first; first.status != http.StatusServiceUnavailable || !strings.Contains(first.body, "the service is starting") {
		t.Errorf("the first /readyz: %+v", first)
	}
	if alive, err := fetch(s.url + "/healthz"); err != nil || alive.status != http.StatusOK {
		t.Errorf("/healthz: %+v, %v", alive, err)
	}
	s.ready(t)
	got, err := fetch(s.url + "/v1/consumers")
	if err != nil || !strings.Contains(got.body, `"applied":3000,`) || !strings.Contains(got.body, `"lag":0,`) {
		t.Errorf("ready, and the consumers say %s, %v", got.body, err)
	}
	s.stop()
	if err := <-s.ended; err != nil {
		t.Error(err)
	}
}

// TestServiceEndsWhenAPartOfItDies: another process has taken a partition over.
// To go on without it would be to accept events and never apply them.
func TestServiceEndsWhenAPartOfItDies(t *testing.T) {
	t.Parallel()
	a, err := Open(t.Context(), quiet(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, a)
	s.ready(t)
	for p := range a.log.Partitions() {
		if _, err := a.db.Take(t.Context(), a.log.ID(), p); err != nil {
			t.Fatal(err)
		}
	}
	if accepted, err := s.send([]int{1}); err != nil || accepted != 1 {
		t.Errorf("accepted %d, %v", accepted, err)
	}
	select {
	case err := <-s.ended:
		if !errors.Is(err, events.ErrFenced) {
			t.Errorf("ended with %v, want %v", err, events.ErrFenced)
		}
	case <-time.After(time.Minute):
		t.Fatal("the service runs on")
	}
}
