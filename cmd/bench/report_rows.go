package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/peakday/peakday/experiments"
	"github.com/peakday/peakday/store/sqldb"
)

// The shape of an experiment's rows: a month, two segments of five values, and
// the shards of eight log partitions.
const (
	benchDays   = 30
	benchShards = 8
)

// fill stores the rows that units exposures leave, in sums that such units have.
func (b *reportBench) fill(ctx context.Context, key string, units int64, days, shards int) (rows int, err error) {
	rng := rand.New(rand.NewPCG(uint64(units), 1))
	for shard := range shards {
		for day := range days {
			cells, order, err := b.day(key, units/int64(2*days*shards), day, rng)
			if err != nil {
				return 0, err
			}
			rows += len(order)
			if err := b.db.InTx(ctx, func(tx *sqldb.Tx) error { return tx.AddMoments(ctx, shard, order, cells) }); err != nil {
				return 0, err
			}
		}
	}
	return rows, nil
}

// day makes the rows of a day with about units in each variant.
func (b *reportBench) day(key string, units int64, day int, rng *rand.Rand) (experiments.Cells, []experiments.Cell, error) {
	segments := []string{""}
	for _, name := range []string{"tier", "client"} {
		for k := range 5 {
			segments = append(segments, fmt.Sprintf("%s=%d", name, k))
		}
	}
	cells := experiments.Cells{}
	var order []experiments.Cell
	for _, variant := range []string{"control", "treatment"} {
		for _, segment := range segments {
			n := units
			if segment != "" {
				n /= 5
			}
			n += rng.Int64N(1 + n/1000)
			c := experiments.Cell{Experiment: key, Phase: 1, Variant: variant, Segment: segment, Day: experiments.DayOf(benchStart(), time.UTC) + experiments.Day(day)}
			for metric, text := range benchSums(b.tag, n, rng) {
				var t experiments.Triangle
				if err := t.UnmarshalText([]byte(text)); err != nil {
					return nil, nil, err
				}
				c.Metric = metric
				cells[c] = t
				order = append(order, c)
			}
		}
	}
	slices.SortFunc(order, experiments.Cell.Compare)
	return cells, order, nil
}

// benchSums are triangles of n units with covariates: one in twenty buys for
// about 100 yuan, everybody looks at four products.
func benchSums(tag string, n int64, rng *rand.Rand) map[string]string {
	buyers := n/20 + rng.Int64N(1+n/2000)
	spent, views := buyers*10_000, 4*n+rng.Int64N(1+n/100)
	return map[string]string{
		experiments.UnitsCell: fmt.Sprintf("%d 0 0 0 0 0", n),
		// 1, y, x: n, Σy, Σx, Σy², Σyx, Σx²
		tag + "conversion": fmt.Sprintf("%d %d %d %d %d %d", n, buyers, buyers, buyers, buyers/3, buyers),
		tag + "revenue":    fmt.Sprintf("%d %d %d %d %d %d", n, spent, spent, spent*20_000, spent*6_000, spent*20_000),
		tag + "views":      fmt.Sprintf("%d %d %d %d %d %d", n, views, views, views*8, views*6, views*8),
		// 1, y, d, x, xd
		tag + "basket": fmt.Sprintf("%d %d %d %d %d %d %d %d %d %d %d %d %d %d %d", n, spent, buyers, spent, buyers,
			spent*20_000, spent*2, spent*6_000, spent/2, buyers*2, spent/2, buyers/2, spent*20_000, spent*2, buyers*2),
	}
}
