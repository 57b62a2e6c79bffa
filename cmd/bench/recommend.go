package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

func recommendBenchmark() benchmark {
	b := recommendBench{}
	return benchmark{
		name:  "recommend",
		about: "Recommendations over HTTP on loopback, each ranked when it is asked for: a small shop as fast as one core goes, and a large one at a steady rate",
		flags: func(f *pflag.FlagSet) {
			f.IntVar(&b.items, "items", 1_000_000, "items of the large shop")
			f.IntVar(&b.users, "users", 100_000, "users of the large shop")
			f.IntVar(&b.events, "events", 2_000_000, "views, carts and orders of the large shop")
			f.IntVar(&b.rate, "rate", 500, "requests a second to the large shop")
			f.DurationVar(&b.length, "length", 20*time.Second, "how long each load lasts")
			f.BoolVar(&b.noSmall, "large-only", false, "only the large shop")
			f.BoolVar(&b.noLarge, "small-only", false, "only the small shop")
			f.StringVar(&b.profile, "profile", "", "directory for CPU profiles of the servers")
		},
		run: b.run,
	}
}

type recommendBench struct {
	items, users, events, rate int
	length                     time.Duration
	noSmall, noLarge           bool
	profile                    string
}

func (b *recommendBench) run(ctx context.Context) (*report, error) {
	r := newReport("shop", "items", "users", "events", "load s (CPU)", "train s (CPU)", "heap", "an item", "blend", "requests/s", "p50 ms", "p99 ms", "p99.9 ms", "server CPU µs a request")
	if !b.noSmall {
		if err := b.small(ctx, r); err != nil {
			return nil, fmt.Errorf("small shop: %w", err)
		}
	}
	if !b.noLarge {
		if err := b.large(ctx, r); err != nil {
			return nil, fmt.Errorf("large shop: %w", err)
		}
	}
	r.note(`Users like three categories, popularity within one is Zipf's, a view leads to a cart with 0.2
		and that to an order with 0.3. An answer has 20 items; one request in five is for a category. Server and
		client are processes of their own. Heap is what lives after a collection, with the catalogue,
		profiles, trends and the model; a request's CPU is that of the server.`)
	return r, nil
}

// small asks the shop of 5,000 items as fast as one core answers: the server
// has one core for all it does, from loading on, and the client the other.
func (b *recommendBench) small(ctx context.Context, r *report) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	data := shopData{Name: "small", Items: 5_000, Users: 20_000, Events: 500_000, Categories: 40, Seed: 11}
	config := shopConfig{Shop: data, Whole: true, Profile: b.profile}
	const connections = 16
	err := b.measure(ctx, r, config, 1, func(s *shopServer, requests [][]byte) (turn, error) {
		return closedLoop(ctx, s.addr, requests, connections, b.length)
	})
	r.note(`The small shop has a core to itself and is asked over %d connections, the next request when the
		answer is there. Its load is through intake, log and database, until every fold has applied the
		last event; its training compares two towers with factors.`, connections)
	return err
}

// large asks the large shop at a steady rate, with all cores for the server;
// the client takes of them what little it needs.
func (b *recommendBench) large(ctx context.Context, r *report) error {
	data := shopData{Name: "large", Items: b.items, Users: b.users, Events: b.events, Categories: max(1, b.items/1000), Seed: 12}
	config := shopConfig{Shop: data, Profile: b.profile}
	err := b.measure(ctx, r, config, runtime.NumCPU(), func(s *shopServer, requests [][]byte) (turn, error) {
		return openLoop(ctx, s.addr, requests, b.rate, b.length)
	})
	r.note(`The large shop is asked %d times a second by a schedule that does not wait for answers; a
		request counts from when it was due, and server and client share the cores. Its load is into the
		online states alone: log and database have no part in an answer.`, b.rate)
	return err
}

// measure opens a shop, checks that a view changes the next answer, and puts a
// load on it.
func (b *recommendBench) measure(ctx context.Context, r *report, config shopConfig, cores int, load func(*shopServer, [][]byte) (turn, error)) (err error) {
	if config.Data, err = os.MkdirTemp("", "peakday-bench"); err != nil {
		return err
	}
	defer os.RemoveAll(config.Data)
	s, err := startShop(ctx, config, cores)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	changed, err := viewsChangeAnswers(ctx, s.URL, config.Shop)
	if err != nil {
		return err
	}
	blends := []string{"learned", "weights"}
	if strings.HasPrefix(s.Ranking, "weights") {
		blends = blends[1:]
	}
	for _, blend := range blends {
		if err := s.setBlend(ctx, blend); err != nil {
			return err
		}
		t, cpu, err := s.under(load, config.Shop.requests(s.addr, 100_000))
		if err != nil {
			return err
		}
		r.addShop(&config.Shop, s, &t, blend, cpu)
	}
	r.note(`The model of the %s shop knows %d items from %d steps. Ranking: %s. A view changed the answer
		within a second of %d of 20 users without a history.`, config.Shop.Name, s.Items, s.Steps, s.Ranking, changed)
	return nil
}

// under puts a load on the server, after some to warm up, and says what CPU
// time a request took of it.
func (s *shopServer) under(load func(*shopServer, [][]byte) (turn, error), requests [][]byte) (t turn, each time.Duration, err error) {
	if _, err := load(s, requests[:1000]); err != nil {
		return t, 0, err
	}
	before, err := s.cpu()
	if err != nil {
		return t, 0, err
	}
	if t, err = load(s, requests); err != nil {
		return t, 0, err
	}
	after, err := s.cpu()
	return t, (after - before) / time.Duration(len(t.took)), err
}

// setBlend changes the shop's default policy.
func (s *shopServer) setBlend(ctx context.Context, blend string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, s.URL+"/v1/policies/default", strings.NewReader(fmt.Sprintf(`{"blend":%q}`, blend)))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	_, err = answerTo(req, http.StatusOK, http.StatusCreated)
	return err
}

func (c cost) String() string { return fmt.Sprintf("%.1f (%.1f)", c.Wall.Seconds(), c.CPU.Seconds()) }

func (r *report) addShop(d *shopData, s *shopServer, t *turn, blend string, cpu time.Duration) {
	heap := s.Heap - s.Empty
	p50, p99, p999 := t.at(.5)/1000, t.at(.99)/1000, t.at(.999)/1000
	r.add(d.Name, fmt.Sprint(d.Items), fmt.Sprint(d.Users), fmt.Sprint(s.Events), s.Load.String(), s.Train.String(), fmt.Sprintf("%d MB", heap>>20), fmt.Sprintf("%d B", heap/uint64(d.Items)),
		blend, fmt.Sprintf("%.0f", t.perSecond), fmt.Sprintf("%.2f", p50), fmt.Sprintf("%.2f", p99), fmt.Sprintf("%.2f", p999), fmt.Sprint(cpu.Microseconds()))
	for key, v := range map[string]float64{
		"load_s": s.Load.Wall.Seconds(), "train_s": s.Train.Wall.Seconds(), "heap_bytes": float64(heap), "rps": t.perSecond,
		"p50_ms": p50, "p99_ms": p99, "p99.9_ms": p999, "cpu_us": float64(cpu.Microseconds()),
	} {
		r.Values[d.Name+"."+blend+"."+key] = v
	}
}

// requests are those of paths as they go over the wire.
func (d shopData) requests(addr string, n int) [][]byte {
	out := make([][]byte, n)
	for i, path := range d.paths(n) {
		out[i] = fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", path, addr)
	}
	return slices.Clip(out)
}
