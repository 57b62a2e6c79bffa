package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/internal/app"
	"github.com/peakday/peakday/store/segmentlog"
)

// ingestOptions are the benchmark's flags.
type ingestOptions struct {
	events   int
	postgres string
}

func ingestBenchmark() benchmark {
	var o ingestOptions
	return benchmark{
		name:  "ingest",
		about: "Taking events in and applying them: 70 % views, 10 % carts, 15 % orders of two lines, 5 % exposures",
		flags: func(f *pflag.FlagSet) {
			f.IntVar(&o.events, "events", 100_000, "how many events")
			f.StringVar(&o.postgres, "postgres", os.Getenv("PEAKDAY_TEST_POSTGRES"), "URL of a PostgreSQL server whose database may be written to")
		},
		run: o.run,
	}
}

func (o *ingestOptions) run(ctx context.Context) (*report, error) {
	r := newReport("what", "events/s", "records/s")
	bodies := ingestBodies(o.events)
	for _, writers := range []int{1, 8} {
		if err := o.accept(ctx, r, bodies, writers); err != nil {
			return nil, err
		}
	}
	if err := o.apply(ctx, r, "SQLite", app.Config{}, bodies); err != nil {
		return nil, err
	}
	if o.postgres == "" {
		r.note("PostgreSQL was left out: give --postgres URL.")
		return r, nil
	}
	return r, o.apply(ctx, r, "PostgreSQL", app.Config{Postgres: o.postgres}, bodies)
}

// ingestBatch is how many events a request carries.
const ingestBatch = 500

// ingestBodies are NDJSON requests.
func ingestBodies(n int) [][]byte {
	r := rand.New(rand.NewPCG(1, 1))
	now := time.Now().UTC().Add(-time.Minute)
	var bodies [][]byte
	var b bytes.Buffer
	for i := range n {
		user, item := r.IntN(20_000), r.IntN(2_000)
		typ, data := "product.viewed", fmt.Sprintf(`{"user_id":"u%d","product_id":"p%d"}`, user, item)
		switch share := r.Float64(); {
		case share < 0.10:
			typ = "product.added"
		case share < 0.25:
			typ = "order.completed"
			data = fmt.Sprintf(`{"order_id":"o%d","user_id":"u%d","region":"east","products":[{"sku":"p%d","quantity":1,"price":"19.90"},{"sku":"p%d","quantity":2,"price":"5.00"}]}`,
				i, user, item, r.IntN(2_000))
		case share < 0.30:
			typ = "experiment.exposed"
			data = fmt.Sprintf(`{"experiment":"bench","variant":%q,"unit":"u%d"}`, []string{"control", "treatment"}[user%2], user)
		}
		fmt.Fprintf(&b, `{"specversion":"1.0","id":"e%d","source":"bench","type":%q,"time":%q,"data":%s}`+"\n",
			i, typ, now.Add(time.Duration(i)*time.Microsecond).Format(time.RFC3339Nano), data)
		if (i+1)%ingestBatch == 0 || i == n-1 {
			bodies = append(bodies, bytes.Clone(b.Bytes()))
			b.Reset()
		}
	}
	return bodies
}

// neverApplied is an inbox that knows nothing.
type neverApplied struct{}

// Applied implements events.Inbox.
func (neverApplied) Applied(_ context.Context, ids []events.InboxID) ([]bool, error) {
	return make([]bool, len(ids)), nil
}

// accept measures decoding, checking, routing and the durable append.
func (o *ingestOptions) accept(ctx context.Context, r *report, bodies [][]byte, writers int) (err error) {
	dir, err := os.MkdirTemp("", "peakday-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	log, err := segmentlog.Open(dir, segmentlog.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	intake := events.NewIntake(log, neverApplied{}, "CNY", time.Now)
	began := time.Now()
	if err := acceptAll(ctx, intake, bodies, writers); err != nil {
		return err
	}
	took := time.Since(began).Seconds()
	records := int64(0)
	for p := range log.Partitions() {
		end, err := log.End(ctx, p)
		if err != nil {
			return err
		}
		records += int64(end)
	}
	name := fmt.Sprintf("accepted durably, batches of %d, %d at a time", ingestBatch, writers)
	r.add(name, fmt.Sprintf("%.0f", float64(o.events)/took), fmt.Sprintf("%.0f", float64(records)/took))
	r.Values[name+", events/s"] = float64(o.events) / took
	return nil
}

func acceptAll(ctx context.Context, intake *events.Intake, bodies [][]byte, writers int) error {
	var (
		running sync.WaitGroup
		mu      sync.Mutex
		errs    []error
		next    = make(chan []byte)
	)
	for range writers {
		running.Go(func() {
			for body := range next {
				if err := acceptOne(ctx, intake, body); err != nil {
					mu.Lock()
					errs = append(errs, err)
					mu.Unlock()
				}
			}
		})
	}
	for _, b := range bodies {
		next <- b
	}
	close(next)
	running.Wait()
	return errors.Join(errs...)
}

func acceptOne(ctx context.Context, intake *events.Intake, body []byte) error {
	batch, err := events.DecodeNDJSON(bytes.NewReader(body))
	if err != nil {
		return err
	}
	receipt, err := intake.Accept(ctx, batch, events.Channel{Trusted: true})
	if err == nil && len(receipt.Rejected) > 0 {
		err = receipt.Rejected[0].Problem
	}
	return err
}

// apply measures the consumer with all folds and followers, a running
// experiment of three metrics included.
func (o *ingestOptions) apply(ctx context.Context, r *report, name string, cfg app.Config, bodies [][]byte) (err error) {
	dir, err := os.MkdirTemp("", "peakday-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	cfg.Data, cfg.LogLevel, cfg.TrainByHand = dir, "error", true
	m, err := app.MeasureApply(ctx, cfg, func(in *events.Intake) error { return acceptAll(ctx, in, bodies, 4) })
	if err != nil {
		return err
	}
	took := m.Took.Seconds()
	r.add("applied to "+name+", exactly once", fmt.Sprintf("%.0f", float64(o.events)/took), fmt.Sprintf("%.0f", float64(m.Records)/took))
	r.Values["applied to "+name+", events/s"] = float64(o.events) / took
	r.Values["applied to "+name+", records/s"] = float64(m.Records) / took
	return nil
}
