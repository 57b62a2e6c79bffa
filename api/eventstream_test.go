package api

import (
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestStreamsAreKeptAlive: a message when there is something to say, a comment
// when there is nothing for long, and an end with the service.
func TestStreamsAreKeptAlive(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stopping, changed := make(chan struct{}), make(chan struct{}, 1)
		w := httptest.NewRecorder()
		x := &exchange{API: &API{Services: Services{Stopping: stopping}}, w: w, r: httptest.NewRequest("GET", "/", nil)}
		asked := 0
		ended := make(chan error)
		go func() {
			ended <- x.stream(func(message []byte) ([]byte, <-chan struct{}) {
				asked++
				return append(message, "data: x\n\n"...), changed
			})
		}()
		time.Sleep(streamBeat + time.Second)
		changed <- struct{}{}
		time.Sleep(streamBeat)
		close(stopping)
		if err := <-ended; err != nil {
			t.Error(err)
		}
		want := "retry: 1000\n\ndata: x\n\n: still here\n\ndata: x\n\n: still here\n\n"
		if got := w.Body.String(); got != want || asked != 2 {
			t.Errorf("asked %d times: %q", asked, got)
		}
		if open := x.streams.open.Load(); open != 0 {
			t.Errorf("%d streams are open", open)
		}
	})
}

// TestStreamsAreBounded: what is more polls.
func TestStreamsAreBounded(t *testing.T) {
	t.Parallel()
	x := &exchange{API: &API{}, w: httptest.NewRecorder(), r: httptest.NewRequest("GET", "/", nil)}
	x.streams.open.Store(maxStreams)
	if err := x.stream(nil); err == nil || !strings.Contains(err.Error(), "poll") {
		t.Errorf("one more: %v", err)
	}
	if open := x.streams.open.Load(); open != maxStreams {
		t.Errorf("%d streams are open", open)
	}
}
