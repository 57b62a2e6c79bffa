package main

import (
	"context"
	"fmt"

	"github.com/spf13/pflag"
)

// planOptions are the benchmark's flags.
type planOptions struct {
	seeds, users int
	first        uint64
	orders       []string
}

func planBenchmark() benchmark {
	var o planOptions
	return benchmark{
		name:  "plan",
		about: "Stock plans against what was really wanted: simulated Double 11 presales whose truth is known, and orders of real shops",
		flags: func(f *pflag.FlagSet) {
			f.IntVar(&o.seeds, "seeds", 20, "how many simulated shops; 0 for none")
			f.Uint64Var(&o.first, "first", 101, "seed of the first; those below 100 were used while tuning")
			f.IntVar(&o.users, "users", 3000, "users of each")
			f.StringArrayVar(&o.orders, "orders", nil, "CSV (or .gz) of order lines of a real shop, its last eight weeks held out")
		},
		run: o.run,
	}
}

func (o *planOptions) run(ctx context.Context) (*report, error) {
	r := newReport("asked at", "about", "stocking accuracy with deposits: all, by shop ± its spread, worst shop", "without deposits", "last year × growth", "shops in which deposits helped", "80 % interval covers", "95 % covers", "targets at .90 enough")
	if o.seeds > 0 {
		if err := o.seasons(ctx, r); err != nil {
			return nil, err
		}
	}
	if len(o.orders) == 0 {
		return r, nil
	}
	t := &table{Title: "Orders of real shops", Columns: []string{"orders", "targets", "stated level", "of each SKU or over the plan", "held by ours", "as our distributions say", "held, rounding shared out", "held by the textbook", "textbook's z for as much", "our stock, pieces", "the textbook's for as much", "difference", "difference without the best seller", "our stock, value", "difference in value", "weeks of demand: ours / textbook", "pieces served: ours / textbook"}}
	for _, file := range o.orders {
		if err := planOrders(ctx, t, r.Values, file); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	r.More = append(r.More, t)
	r.note(`Orders of real shops: at seven origins a week apart within the last eight weeks, a target for
		the next two weeks of each product that sold in eight of the 26 weeks before. A target is held
		if the two weeks sold no more than it: service is counted by product and origin, whatever the
		product's size. Of a product that sells a piece or two, no whole number holds exactly nine of
		ten fortnights: the next ones say how many the least that hold the level should hold, and how
		many would have been held if a piece were left out as often as makes the level exact. Over the
		plan, the level is the average over the products of one origin, reached with the least value
		(forecast.GroupTargets): none runs out more than twice as often as stated. The
		textbook's target is mean + z·sd·√2 of the last 26 weeks, rounded up; to compare stock at equal
		service its z is the least that holds as many targets as ours. Reported are the half of the
		products, by a hash of their names, that nothing was tuned on. Returns are taken back; value is
		at each product's average price, weeks of demand weigh all products alike. Of
		transactions_sample nine tenths of the pieces are its best seller, petrol by the thousandth of a
		gallon, whose stock ours keeps larger.`)
	return r, nil
}
