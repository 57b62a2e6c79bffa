package main

import (
	"context"
	"fmt"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
	"github.com/peakday/peakday/store/sqldb"
)

// fold measures one worker that applies batches of 500 records to the ledger:
// first exposures of new units, then orders of units that are exposed.
func (b *reportBench) fold(ctx context.Context, o *reportOptions) error {
	// The other experiments end, so that one experiment's cost is measured.
	ledger := &experiments.Ledger{Zone: time.UTC, Shop: "CNY", Lateness: experiments.DefaultLateness}
	exposure := func(i int) (events.Type, string) {
		return events.ExperimentExposed, fmt.Sprintf(`{"experiment":%q,"variant":%q,"unit":"%s-u%d","attributes":{"tier":"%d","client":"%d"}}`,
			b.keys[0], []string{"control", "treatment"}[i%2], b.tag, i, i%5, i%3)
	}
	order := func(i int) (events.Type, string) {
		return events.OrderPaid, fmt.Sprintf(`{"user_id":"%s-u%d","order_id":"%s-o%d","products":[{"product_id":"p1","sku":"s1","quantity":1,"price":"99.90"}],"total":"99.90"}`, b.tag, i, b.tag, i)
	}
	for _, kind := range []struct {
		name string
		make func(int) (events.Type, string)
	}{{"exposures of new units", exposure}, {"orders of exposed units", order}} {
		batches, err := b.deliveries(kind.name, kind.make, o.records)
		if err != nil {
			return err
		}
		began := time.Now()
		for _, batch := range batches {
			if err := b.db.InTx(ctx, func(tx *sqldb.Tx) error { return ledger.Apply(ctx, tx, batch) }); err != nil {
				return err
			}
		}
		b.add("folding "+kind.name+", one worker, batches of 500, 300 experiments defined", float64(o.records)/time.Since(began).Seconds(), "records/s")
	}
	return nil
}

func (b *reportBench) deliveries(name string, make func(int) (events.Type, string), n int) ([][]events.Delivery, error) {
	const batch = 500
	var out [][]events.Delivery
	for i := range n {
		typ, data := make(i)
		at := benchStart().Add(time.Duration(i) * time.Second)
		e := events.Event{ID: fmt.Sprintf("%s %s %d", b.tag, name, i), Source: "bench", Type: string(typ), Time: at, Data: []byte(data)}
		f, err := events.Parse(e, "CNY")
		if err != nil {
			return nil, err
		}
		f.Appended = at
		records, err := events.Route(e, f)
		if err != nil {
			return nil, err
		}
		if i%batch == 0 {
			out = append(out, nil)
		}
		for _, r := range records {
			if r.Kind != events.ForSKU && r.Kind != events.ForNoKey {
				out[len(out)-1] = append(out[len(out)-1], events.Delivery{Record: r, Fact: f})
			}
		}
	}
	return out, nil
}
