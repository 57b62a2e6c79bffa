package api

import (
	"bytes"
	"crypto/sha256"
	"net/http"
	"sync"
	"time"

	"github.com/peakday/peakday/events"
)

// replayCache keeps the answers to writes with an Idempotency-Key, for a
// day, so that a client that lost an answer gets it again when it repeats the
// request. It is this process's memory: it is bounded, and a restart forgets.
type replayCache struct {
	mu    sync.Mutex
	known map[replayKey]*cachedResponse
	order []replayKey // oldest first
	bytes int
}

type replayKey struct{ caller, key string }

type cachedResponse struct {
	request [sha256.Size]byte // of method, path, query and body
	done    bool
	at      time.Time
	status  int
	header  map[string][]string
	body    []byte
}

const (
	replayFor      = 24 * time.Hour
	maxReplays     = 20_000
	maxReplayBytes = 32 << 20 // bytes of bodies
	maxKeyLength   = 255
)

func newReplayCache() *replayCache { return &replayCache{known: map[replayKey]*cachedResponse{}} }

// idempotent runs the handler, or gives the answer that it gave before.
func (x *exchange) idempotent() error {
	given := x.r.Header["Idempotency-Key"]
	if len(given) == 0 || !x.route.changes() || x.route.kind != apiRoute || x.route == x.noRoute {
		return x.run()
	}
	if len(given[0]) == 0 || len(given[0]) > maxKeyLength {
		return &events.Invalid{Field: "Idempotency-Key", Problem: "must have 1 to 255 characters"}
	}
	body, err := x.body()
	if err != nil {
		return err
	}
	id := replayKey{x.caller.id(), given[0]}
	before, err := x.replays.claim(id, requestSum(x.r, body), x.began)
	if err != nil || before != nil {
		return x.replay(before, err)
	}
	kept := false
	defer func() { // also when the handler panics
		if !kept {
			x.replays.forget(id)
		}
	}()
	x.recorded = &bytes.Buffer{}
	if err := x.run(); err != nil {
		x.fail(err)
	}
	if x.status < 500 && x.status != http.StatusTooManyRequests {
		x.replays.keep(id, x.status, x.Header(), x.recorded.Bytes())
		kept = true
	}
	return nil
}

// replay sends an answer again.
func (x *exchange) replay(a *cachedResponse, err error) error {
	if err != nil {
		return err
	}
	h := x.Header()
	for name, values := range a.header {
		h[name] = values
	}
	h.Set("Idempotency-Replayed", "true")
	x.WriteHeader(a.status)
	_, _ = x.Write(a.body)
	return nil
}

func (c caller) id() string {
	if c.key == nil {
		return ""
	}
	return c.key.ID
}

func requestSum(r *http.Request, body []byte) [sha256.Size]byte {
	h := sha256.New()
	for _, s := range []string{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, r.Header.Get("If-Match"), r.Header.Get("Content-Type")} {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	h.Write(body)
	return [sha256.Size]byte(h.Sum(nil))
}

// claim gives the answer of an earlier request, or makes this one the first.
func (s *replayCache) claim(id replayKey, request [sha256.Size]byte, now time.Time) (*cachedResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trim(now)
	before := s.known[id]
	switch {
	case before == nil:
		s.known[id] = &cachedResponse{request: request, at: now}
		s.order = append(s.order, id)
		return nil, nil
	case before.request != request:
		return nil, errorf("key_reused", "the Idempotency-Key was sent before with another method, path or body")
	case !before.done:
		return nil, &coded{code: "in_progress", detail: "the first request with this Idempotency-Key is still running", retryAfter: time.Second}
	}
	return before, nil
}

// trim drops what is old and what there is too much of.
func (s *replayCache) trim(now time.Time) {
	for len(s.order) > 0 {
		a := s.known[s.order[0]]
		if a != nil && now.Sub(a.at) < replayFor && len(s.order) < maxReplays && s.bytes <= maxReplayBytes {
			return
		}
		s.drop(s.order[0])
		s.order = s.order[1:]
	}
}

func (s *replayCache) drop(id replayKey) {
	if a := s.known[id]; a != nil {
		s.bytes -= len(a.body)
		delete(s.known, id)
	}
}

func (s *replayCache) keep(id replayKey, status int, header http.Header, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.known[id]
	if a == nil {
		return // trimmed meanwhile
	}
	a.done, a.status, a.body, a.header = true, status, bytes.Clone(body), map[string][]string{}
	for _, name := range []string{"Content-Type", "Etag", "Location", "Retry-After"} {
		if v := header[name]; v != nil {
			a.header[name] = v
		}
	}
	s.bytes += len(a.body)
}

// forget lets the key be used again: the request came to nothing.
func (s *replayCache) forget(id replayKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(id) // its place in order is dropped when its turn comes
}
