package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/pflag"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/internal/app"
)

func recommendBenchmark() benchmark {
	b := recommendBench{}
	return benchmark{
		name:  "recommend",
		about: "Recommendations over HTTP on loopback, each ranked when it is asked for: a large shop at a steady rate, and a small one as fast as it goes",
		flags: func(f *pflag.FlagSet) {
			f.IntVar(&b.items, "items", 1_000_000, "items of the large shop")
			f.IntVar(&b.users, "users", 100_000, "users of the large shop")
			f.IntVar(&b.events, "events", 2_000_000, "views of the large shop")
			f.IntVar(&b.rate, "rate", 500, "requests a second to the large shop")
			f.DurationVar(&b.length, "length", 20*time.Second, "how long each load lasts")
			f.BoolVar(&b.small, "small-only", false, "only the small shop")
		},
		run: b.run,
	}
}

type recommendBench struct {
	items, users, events, rate int
	length                     time.Duration
	small                      bool
}

func (b *recommendBench) run(ctx context.Context) (*report, error) {
	r := newReport("shop", "items", "users", "events", "load s", "train s", "heap", "a", "requests/s", "p50 ms", "p99 ms", "CPU µs a request")
	small := shopData{items: 5_000, users: 20_000, views: 416_000, categories: 40, seed: 11}
	if err := b.measure(ctx, r, "small", small, b.floodOneCore); err != nil {
		return nil, err
	}
	if !b.small {
		large := shopData{items: b.items, users: b.users, views: b.events, categories: 1000, seed: 12}
		if err := b.measure(ctx, r, "large", large, b.steady); err != nil {
			return nil, err
		}
	}
	r.note("Both shops are made like that of a feedback generator: users like three categories, popularity within one is Zipf's, a view leads to a cart with 0.2 and that to an order with 0.3. " +
		"Load is from the first event handed in to the last one applied by every fold; heap is what lives after a collection, model and profiles included.")
	r.note("Client and server share the machine. CPU is that of both together. The small shop runs with GOMAXPROCS=1, which the client shares, too: a server on a core of its own does more. "+
		"The large shop is asked at %d requests a second from a schedule; a request counts from when it was due.", b.rate)
	return r, nil
}

// measure opens a shop, trains it, checks that a view changes the next answer,
// and puts a load on it.
func (b *recommendBench) measure(ctx context.Context, r *report, name string, data shopData, load func(context.Context, *app.Shop, shopData) (took []time.Duration, over time.Duration, err error)) (err error) {
	dir, err := os.MkdirTemp("", "peakday-bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	before := liveHeap()
	count := 0
	shop, _, applied, err := app.OpenShop(ctx, app.Config{Addr: "127.0.0.1:0", Data: dir, Clock: func() time.Time { return data.end() }}, func(in *events.Intake) (err error) {
		count, err = data.send(ctx, in)
		return err
	})
	if err != nil {
		return err
	}
	defer func() {
		if closed := shop.Close(); err == nil {
			err = closed
		}
	}()
	trained, err := shop.Train(ctx)
	if err != nil {
		return err
	}
	heap := shop.Memory() - before
	changed, err := viewChangesAnswer(ctx, shop, data)
	if err != nil {
		return err
	}
	spent := cpuTime()
	took, over, err := load(ctx, shop, data)
	if err != nil {
		return err
	}
	cpu := float64((cpuTime() - spent).Microseconds()) / float64(len(took))
	slices.Sort(took)
	p50, p99 := took[len(took)/2], took[len(took)*99/100]
	rps := float64(len(took)) / over.Seconds()
	r.add(name, fmt.Sprint(data.items), fmt.Sprint(data.users), fmt.Sprint(count), fmt.Sprintf("%.1f", applied.Seconds()),
		fmt.Sprintf("%.1f", trained.Seconds()), fmt.Sprintf("%d MB", heap>>20), fmt.Sprintf("%d B an item", heap/uint64(data.items)),
		fmt.Sprintf("%.0f", rps), fmt.Sprintf("%.2f", ms(p50)), fmt.Sprintf("%.2f", ms(p99)), fmt.Sprintf("%.0f", cpu))
	for key, v := range map[string]float64{
		"load_s": applied.Seconds(), "train_s": trained.Seconds(), "heap_bytes": float64(heap), "rps": rps, "p50_ms": ms(p50), "p99_ms": ms(p99), "cpu_us": cpu,
	} {
		r.Values[name+"."+key] = v
	}
	items, interactions := shop.Model()
	r.note("The %s shop's model knows %d items from %d steps. A view changed the answer within a second of %d of 20 strangers.", name, items, interactions, changed)
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// cpuTime is what this process has used of all cores.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func liveHeap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// viewChangesAnswer asks for twenty strangers before and after a view, and
// counts whose answers differ.
func viewChangesAnswer(ctx context.Context, shop *app.Shop, data shopData) (changed int, err error) {
	for i := range 20 {
		path := fmt.Sprintf("%s/v1/recommendations?user=stranger-%d&limit=10", shop.URL(), i)
		before, err := itemsOf(ctx, path)
		if err != nil {
			return 0, err
		}
		if err := postView(ctx, shop, data, i); err != nil {
			return 0, err
		}
		for began := time.Now(); time.Since(began) < time.Second; {
			after, err := itemsOf(ctx, path)
			if err != nil {
				return 0, err
			}
			if !slices.Equal(before, after) {
				changed++
				break
			}
		}
	}
	return changed, nil
}

func itemsOf(ctx context.Context, url string) ([]string, error) {
	body, err := get(ctx, http.DefaultClient, url)
	if err != nil {
		return nil, err
	}
	var answer struct{ Items []struct{ Item string } }
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, err
	}
	var out []string
	for _, it := range answer.Items {
		out = append(out, it.Item)
	}
	return out, nil
}

func get(ctx context.Context, client *http.Client, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	answer, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: %s: %s", url, answer.Status, body)
	}
	return body, err
}

// steady asks at a fixed rate. What comes late counts from when it was due.
func (b *recommendBench) steady(ctx context.Context, shop *app.Shop, data shopData) ([]time.Duration, time.Duration, error) {
	n := int(b.length.Seconds() * float64(b.rate))
	took, client := make([]time.Duration, n), clientOf(64)
	gap := time.Second / time.Duration(b.rate)
	rng := rand.New(rand.NewPCG(data.seed, 3))
	paths := make([]string, n)
	for i := range paths {
		paths[i] = data.path(shop.URL(), rng)
	}
	var running sync.WaitGroup
	var once sync.Once
	var failed error
	free := make(chan struct{}, 64)
	began := time.Now()
	for i := range n {
		due := began.Add(time.Duration(i) * gap)
		time.Sleep(time.Until(due))
		free <- struct{}{}
		running.Go(func() {
			if _, err := get(ctx, client, paths[i]); err != nil {
				once.Do(func() { failed = err })
			}
			took[i] = time.Since(due)
			<-free
		})
	}
	running.Wait()
	return took, time.Since(began), failed
}

// floodOneCore asks as fast as sixteen connections can, on one core.
func (b *recommendBench) floodOneCore(ctx context.Context, shop *app.Shop, data shopData) ([]time.Duration, time.Duration, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	const connections = 16
	client := clientOf(connections)
	all := make([][]time.Duration, connections)
	var running sync.WaitGroup
	var once sync.Once
	var failed error
	began := time.Now()
	for w := range connections {
		running.Go(func() {
			rng := rand.New(rand.NewPCG(data.seed, uint64(w)))
			for time.Since(began) < b.length {
				at := time.Now()
				if _, err := get(ctx, client, data.path(shop.URL(), rng)); err != nil {
					once.Do(func() { failed = err })
					return
				}
				all[w] = append(all[w], time.Since(at))
			}
		})
	}
	running.Wait()
	over := time.Since(began)
	return slices.Concat(all...), over, failed
}

func clientOf(connections int) *http.Client {
	return &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections}}
}

// sortActs orders by time.
func sortActs(acts []act) {
	slices.SortStableFunc(acts, func(a, b act) int { return cmp.Compare(a.at, b.at) })
}
