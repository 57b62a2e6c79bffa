package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

func loadBenchmark() benchmark {
	l := &loading{}
	return benchmark{
		name: "load", about: "Flags over HTTP (OFREP): peakday on one core beside a bare handler of net/http and encoding/json, in turns",
		flags: func(f *pflag.FlagSet) {
			f.IntVar(&l.connections, "connections", 16, "open connections, each with one request at a time")
			f.DurationVar(&l.each, "each", 4*time.Second, "how long a turn lasts")
			f.IntVar(&l.turns, "turns", 3, "turns of each server")
		},
		run: l.run,
	}
}

// loading is the settings of a run.
type loading struct {
	connections, turns int
	each               time.Duration
}

func (l *loading) run(ctx context.Context) (*report, error) {
	// One thread makes the requests; the servers have the other core.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	dir, err := os.MkdirTemp("", "peakday-bench")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, "peakday")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/peakday").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build peakday: %w\n%s", err, out)
	}
	r := newReport("request", "peakday req/s", "bare handler req/s", "peakday of bare", "peakday p50, p99 µs", "bare p50, p99 µs")
	for _, flags := range []int{1, 50, 300} {
		if err := l.compare(ctx, r, program, filepath.Join(dir, fmt.Sprint(flags)), flags); err != nil {
			return nil, err
		}
	}
	r.note(`Medians of %d turns of %v over %d connections. Each flag is an experiment with a rule on the
		country and an even split; nine of ten visitors are inside. The bare handler decodes the context
		with encoding/json, hashes once a flag and appends JSON: no rules, store, metrics, ETag or
		metadata.`, l.turns, l.each, l.connections)
	return r, nil
}

// compare runs both servers with that many flags, and asks them in turns.
func (l *loading) compare(ctx context.Context, r *report, program, data string, flags int) error {
	ours, err := startServer(ctx, 18311, program, "serve", "--addr", "127.0.0.1:18311", "--data", data)
	if err != nil {
		return err
	}
	defer ours.stop()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	bare, err := startServer(ctx, 18312, self, "bare", fmt.Sprint(flags), "127.0.0.1:18312")
	if err != nil {
		return err
	}
	defer bare.stop()
	if err := defineFlags(ctx, ours.url(), flags); err != nil {
		return err
	}
	path, name := "/ofrep/v1/evaluate/flags", fmt.Sprintf("all of %d flags", flags)
	if flags == 1 {
		path, name = path+"/bench-000", "one flag"
	}
	var ourTurns, bareTurns []turn
	for range l.turns {
		for _, s := range []struct {
			of   *server
			into *[]turn
		}{{ours, &ourTurns}, {bare, &bareTurns}} {
			t, err := closedLoop(ctx, s.of.addr, visitors(s.of.addr, path), l.connections, l.each)
			if err != nil {
				return fmt.Errorf("%s at %s: %w", name, s.of.addr, err)
			}
			*s.into = append(*s.into, t)
		}
	}
	a, b := middle(ourTurns), middle(bareTurns)
	r.add(name, fmt.Sprintf("%.0f", a.perSecond), fmt.Sprintf("%.0f", b.perSecond), fmt.Sprintf("%.0f %%", 100*a.perSecond/b.perSecond),
		fmt.Sprintf("%.0f, %.0f", a.at(.5), a.at(.99)), fmt.Sprintf("%.0f, %.0f", b.at(.5), b.at(.99)))
	r.Values[name+", ratio"] = a.perSecond / b.perSecond
	return nil
}

// middle is the turn with the median rate.
func middle(turns []turn) turn {
	slices.SortFunc(turns, func(a, b turn) int { return int(a.perSecond - b.perSecond) })
	return turns[len(turns)/2]
}

// defineFlags starts n experiments.
func defineFlags(ctx context.Context, url string, n int) error {
	for i := range n {
		key := fmt.Sprintf("bench-%03d", i)
		for _, step := range []struct{ method, path, body string }{
			{"PUT", "/v1/experiments/" + key, `{"unit":"user","audience":{"country":"CN"},"variants":[{"key":"control","weight":1,"value":"control"},{"key":"treatment","weight":1,"value":"treatment"}]}`},
			{"POST", "/v1/experiments/" + key + "/start", ""},
		} {
			req, err := http.NewRequestWithContext(ctx, step.method, url+step.path, strings.NewReader(step.body))
			if err != nil {
				return err
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				return err
			}
			if err := res.Body.Close(); err != nil || res.StatusCode/100 != 2 {
				return errors.Join(fmt.Errorf("%s %s: %s", step.method, step.path, res.Status), err)
			}
		}
	}
	return nil
}

// visitors are requests as they go over the wire.
func visitors(addr, path string) [][]byte {
	requests := make([][]byte, 2000)
	for i := range requests {
		body := visitor(i)
		requests[i] = append(fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", path, addr, len(body)), body...)
	}
	return requests
}

// visitor is the body of the i-th request: nine of ten are inside the audience.
func visitor(i int) []byte {
	country := "CN"
	if i%10 == 9 {
		country = "US"
	}
	body, _ := json.Marshal(map[string]any{"context": map[string]any{ // strings and a number
		"targetingKey": fmt.Sprintf("user-%06d", i), "country": country, "app": [...]string{"ios", "android", "web"}[i%3], "age": 18 + i%50,
	}})
	return body
}
