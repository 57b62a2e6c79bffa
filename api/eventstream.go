package api

import (
	"errors"
	"net/http"
	"sync/atomic"
	"time"
)

const (
	maxStreams = 20_000           // of a process: each is a connection with its goroutine
	streamBeat = 25 * time.Second // proxies close what is silent for 30 s and more
	// streamWrite is how long a client may take to make room for a message: one
	// that has gone without a word must not keep its connection.
	streamWrite = 30 * time.Second
)

// streams counts the open ones, and remembers when a client last made us look
// for newer definitions.
type streams struct {
	open      atomic.Int64
	rechecked atomic.Int64 // nanoseconds of the machine's clock
}

// errTooManyStreams sends clients back to asking from time to time.
var errTooManyStreams = &coded{code: "unavailable", retryAfter: 10 * time.Second, detail: "as many event streams are open as this process takes: poll, or try again later"}

// stream answers with server-sent events until the client or the service ends.
// next appends what the client does not know yet to a message, and gives a
// channel that says when to ask it again. A client that reads slowly holds up
// its own goroutine only, and gets the newest state when it has caught up.
func (x *exchange) stream(next func(message []byte) ([]byte, <-chan struct{})) error {
	if x.streams.open.Add(1) > maxStreams {
		x.streams.open.Add(-1)
		return errTooManyStreams
	}
	defer x.streams.open.Add(-1)
	h := x.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx
	x.WriteHeader(http.StatusOK)

	out := http.NewResponseController(x)
	beat := time.NewTicker(streamBeat)
	defer beat.Stop()
	message, changed := next([]byte("retry: 1000\n\n"))
	for {
		if len(message) > 0 {
			_ = out.SetWriteDeadline(time.Now().Add(streamWrite)) // where the connection has one
			_, err := x.Write(message)
			if err = errors.Join(err, out.Flush()); err != nil {
				return nil // the client has gone
			}
			message = message[:0]
		}
		select {
		case <-changed:
			message, changed = next(message)
		case <-beat.C:
			message = append(message, ": still here\n\n"...)
		case <-x.ctx().Done():
			return nil
		case <-x.Stopping:
			return nil
		}
	}
}
