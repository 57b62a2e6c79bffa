package app

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/peakday/peakday/store/storetest/services"
)

// items lists what an answer recommends.
func (s site) items(path string) []string {
	s.t.Helper()
	var out []string
	for _, it := range s.at(path, ".items").([]any) {
		out = append(out, it.(map[string]any)["item"].(string))
	}
	return out
}

// TestSoldOutLeavesAtOnce sells items out and restocks them over HTTP while
// others ask: each change is in the answers as soon as its event is applied,
// and what was gone before a request began is in none.
func TestSoldOutLeavesAtOnce(t *testing.T) {
	t.Parallel()
	s, _ := serving(t, quiet(t.TempDir()))
	var lines []string
	for i := range 12 {
		lines = append(lines, event(fmt.Sprint("p", i), "product.changed", fmt.Sprintf(`{"product_id":"i%d","category":"c%d"}`, i, i%2)),
			event(fmt.Sprint("v", i), "product.viewed", fmt.Sprintf(`{"user_id":"u%d","product_id":"i%d"}`, i%5, i)))
	}
	s.send(lines...)
	status, body := s.ask(http.MethodPut, "/v1/rules", "application/json", `{"items":[{"name":"push","do":"pin","where":{"items":["i3"]}}]}`)
	if status != http.StatusCreated {
		t.Fatalf("%d %s", status, body)
	}

	var mu sync.RWMutex
	gone := map[string]bool{}
	done := make(chan struct{})
	var asking sync.WaitGroup
	for w := range 2 {
		asking.Go(func() {
			paths := []string{fmt.Sprintf("/v1/recommendations?user=u%d&limit=12", w), "/v1/trending?limit=12", "/v1/items/i1/similar?limit=12"}
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				mu.RLock()
				found := s.items(paths[n%len(paths)])
				for _, item := range found {
					if gone[item] {
						t.Errorf("%s holds %s, which is sold out", paths[n%len(paths)], item)
					}
				}
				mu.RUnlock()
			}
		})
	}
	for n := range 8 {
		item := fmt.Sprintf("i%d", n%4)
		for v, left := range []int{0, 5} {
			line := event(fmt.Sprintf("s%d-%d", n, v), "stock.level", fmt.Sprintf(`{"sku":%q,"available":%d,"version":%d}`, item, left, 2*n+v))
			if left > 0 {
				mu.Lock()
				delete(gone, item)
				mu.Unlock()
			}
			if status, body := s.ask(http.MethodPost, "/v1/events", "application/x-ndjson", line); status != http.StatusAccepted {
				t.Fatalf("%d %s", status, body)
			}
			if err := s.consumer.CaughtUp(t.Context()); err != nil {
				t.Fatal(err)
			}
			if shown := slices.Contains(s.items("/v1/recommendations?user=stranger&limit=12"), item); shown != (left > 0) {
				t.Errorf("%s has %d left: shown %v", item, left, shown)
			}
			if left == 0 {
				mu.Lock()
				gone[item] = true
				mu.Unlock()
			}
		}
	}
	close(done)
	asking.Wait()
}

// TestRedisGoesAway cuts the line to Redis: answers go on, marked as degraded,
// and come back to what they were with it.
func TestRedisGoesAway(t *testing.T) {
	t.Parallel()
	far, err := url.Parse(services.Redis(t))
	if err != nil {
		t.Fatal(err)
	}
	line := newLine(t, far.Host)
	near := *far
	near.Host = line.listener.Addr().String()
	cfg := quiet(t.TempDir())
	cfg.Redis = near.String()
	s, _ := serving(t, cfg)
	user := fmt.Sprintf("user-%d", time.Now().UnixNano()) // Redis is shared with other tests
	item := "redis-" + user
	s.send(event("p1"+user, "product.changed", fmt.Sprintf(`{"product_id":%q}`, item)),
		event("c1"+user, "product.added", fmt.Sprintf(`{"user_id":%q,"product_id":%q}`, user, item)))
	path := "/v1/recommendations?limit=5&user=" + user
	// Redis may answer late on a busy machine: then this answer is degraded, too.
	eventually(t, "an answer with the profile", func() bool { return s.at(path, ".degraded") == false })
	if slices.Contains(s.items(path), item) {
		t.Fatalf("while all is well: %v", s.get(path))
	}
	line.cut()
	for _, p := range []string{path, path + "-stranger"} {
		eventually(t, "a degraded answer", func() bool { return s.at(p, ".degraded") == true })
	}
	if slices.Contains(s.items(path), item) {
		t.Error("the cart is not remembered")
	}
	line.mend()
	eventually(t, "Redis is back", func() bool { return s.at(path, ".degraded") == false })
}

// line is a connection to a server that can be cut: then it takes connections
// and says nothing.
type line struct {
	listener net.Listener
	mu       sync.Mutex
	dead     bool
	open     []net.Conn
}

func newLine(t testing.TB, to string) *line {
	t.Helper()
	l := &line{}
	var err error
	if l.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.listener.Close(); l.cut() })
	go func() {
		for {
			near, err := l.listener.Accept()
			if err != nil {
				return
			}
			l.mu.Lock()
			l.open = append(l.open, near)
			dead := l.dead
			l.mu.Unlock()
			if dead {
				continue
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				near.Close()
				continue
			}
			l.mu.Lock()
			l.open = append(l.open, far)
			l.mu.Unlock()
			go func() { _, _ = io.Copy(far, near) }()
			go func() { _, _ = io.Copy(near, far) }()
		}
	}()
	return l
}

func (l *line) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dead = true
	for _, c := range l.open {
		c.Close()
	}
	l.open = nil
}

func (l *line) mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dead = false
	for _, c := range l.open {
		c.Close()
	}
	l.open = nil
}
