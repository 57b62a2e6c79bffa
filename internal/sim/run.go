package sim

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Clock is the clock of the service. The run moves it, never backwards.
type Clock interface{ Set(now time.Time) }

// Options say what to simulate, and against which service.
type Options struct {
	Seed  uint64
	Users int    // DefaultUsers if 0, else LeastUsers to MostUsers
	URL   string // of the service, such as http://127.0.0.1:8080
	HTTP  *http.Client
	Clock Clock

	// Progress is told how far the run has come; it may be nil.
	Progress func(Progress)
	// Settled waits until what follows the database (profiles, the catalogue)
	// has caught up too; nil if it is never behind.
	Settled func(context.Context) error
	// RecallOfExact measures the approximate search of the recommender against
	// an exact one, 0 to 1; it may be nil.
	RecallOfExact func(context.Context) (float64, error)
}

// How small and how large a shop may be.
const (
	LeastUsers = 100
	MostUsers  = 1_000_000
)

// DefaultUsers is the size of the shop that the experiments' power is designed
// for.
const DefaultUsers = 4000

// Progress is how far a step of the run has come.
type Progress struct {
	Step        string
	Done, Total int
}

// Run simulates thirteen months of history and one Double 11, asks the
// service what a shop would ask, and returns the answers beside the truth. The
// service must be empty, in the time zone Asia/Shanghai and in CNY. The same
// seed and number of users give the same result, but for times. The
// experiments are running when it returns.
func Run(ctx context.Context, o Options) (*Result, error) {
	began := time.Now()
	p, err := newRun(o)
	if err != nil {
		return nil, err
	}
	for _, step := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"describe the shop", p.describe},
		{"send thirteen months of history", p.sendHistory},
		{"start the experiments", p.startTrials},
		{"simulate 1 to 13 November", p.simulateSale},
		{"wait until all is consumed", p.finish},
		{"read the reports", p.readReports},
		{"ask for recommendations", p.scoreRecommendations},
	} {
		p.step = step.name
		p.progress(0, 1)
		if err := step.run(ctx); err != nil {
			return nil, fmt.Errorf("%s: %w", step.name, err)
		}
		p.progress(1, 1)
	}
	p.result.Seconds = time.Since(began).Seconds()
	return p.result, nil
}

// run is one call of Run.
type run struct {
	Options
	client
	history *history
	sale    *sale // nil until the sale begins
	pending batch
	step    string
	result  *Result

	forecasted []forecastOf // at the beginning of the sale
	planned    stockPlan
}

func newRun(o Options) (*run, error) {
	if o.Users == 0 {
		o.Users = DefaultUsers
	}
	if o.Users < LeastUsers || o.Users > MostUsers {
		return nil, fmt.Errorf("users must be %d to %d, got %d", LeastUsers, MostUsers, o.Users)
	}
	if o.Clock == nil || o.URL == "" {
		return nil, errors.New("the simulator needs the URL and the clock of a service")
	}
	if o.HTTP == nil {
		o.HTTP = &http.Client{}
	}
	p := &run{Options: o, client: client{o.URL, o.HTTP}, result: &Result{Seed: o.Seed}}
	p.history = newHistory(newShop(o.Seed, o.Users))
	return p, nil
}

func (p *run) progress(done, total int) {
	if p.Progress != nil {
		p.Progress(Progress{p.step, done, total})
	}
}

// describe tells the service what a shop decides before it opens: metrics, the
// dates of the sale, what buying costs.
func (p *run) describe(ctx context.Context) error {
	p.Clock.Set(p.history.begin(historyStart()))
	for _, m := range newMetrics() {
		if err := p.put(ctx, "/v1/metrics/"+m.key, m.definition); err != nil {
			return err
		}
	}
	if err := p.put(ctx, "/v1/calendar/"+eventKey, mustJSON(calendar())); err != nil {
		return err
	}
	for _, k := range p.history.skus {
		if err := p.put(ctx, "/v1/supply/"+string(k.code), k.supply(p.Seed)); err != nil {
			return err
		}
	}
	return nil
}

// supply is what buying a SKU costs and how long it takes, as PUT /v1/supply
// takes it.
func (k *sku) supply(seed uint64) []byte {
	d := newRandom(seed).on(ofSupply, uint64(k.number))
	return mustJSON(map[string]any{
		"cost":           cny.Format(k.product.price * 6 / 10),
		"price":          cny.Format(k.product.price),
		"lead_time_days": 2 + int(4*d.uniform()),
		"lead_time_sd":   1,
		"pack":           []int{1, 6, 12}[pick([]float64{2, 1, 1}, d.on(ofSize).uniform())],
	})
}

// sendHistory sends the past in big batches, as an import would, and waits
// until it is consumed.
func (p *run) sendHistory(ctx context.Context) error {
	days := int(saleStart() - historyStart())
	for d := historyStart(); d < saleStart(); d++ {
		p.history.simulateDay(d)
		if err := p.deliver(ctx, p.history.begin(d+1).Add(-1), true, false); err != nil {
			return err
		}
		p.progress(int(d-historyStart()), days)
	}
	if err := p.deliver(ctx, p.history.begin(saleStart()).Add(-1), true, true); err != nil {
		return err
	}
	return p.consumedAll(ctx)
}

// startTrials defines the experiments and starts them at the first midnight of
// the sale, and waits until the service assigns by them.
func (p *run) startTrials(ctx context.Context) error {
	p.sale = newSale(p.history)
	p.Clock.Set(p.history.begin(saleStart()))
	for i := range p.sale.trials {
		t := &p.sale.trials[i]
		if err := p.put(ctx, "/v1/experiments/"+t.key, t.definition()); err != nil {
			return err
		}
		if err := p.post(ctx, "/v1/experiments/"+t.key+"/start", nil, nil); err != nil {
			return err
		}
	}
	for range tries {
		if _, err := p.assigned(ctx, p.history.users[0]); err == nil {
			return nil
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
	_, err := p.assigned(ctx, p.history.users[0])
	return err
}

// assigned asks for a user's variants in the three trials.
func (p *run) assigned(ctx context.Context, u *user) (given [trials]assignment, err error) {
	all, err := p.assign(ctx, u)
	if err != nil {
		return given, err
	}
	for i := range p.sale.trials {
		a, ok := all[p.sale.trials[i].key]
		if !ok {
			return given, fmt.Errorf("the service does not assign %s to %s, which runs on all users", u.id, p.sale.trials[i].key)
		}
		given[i] = a
	}
	return given, nil
}

// simulateSale simulates the sale hour by hour. In the first hour of 1 November, when
// 31 October is closed, the planner asks for forecast and plan.
func (p *run) simulateSale(ctx context.Context) error {
	visits := p.sale.visits
	hours := int(saleEnd()-saleStart()) * 24
	for h := range hours {
		from := p.history.begin(saleStart()).Add(time.Duration(h) * time.Hour)
		p.Clock.Set(from)
		p.sale.opening(from)
		for ; len(visits) > 0 && visits[0].at.Before(from.Add(time.Hour)); visits = visits[1:] {
			if err := p.visit(ctx, visits[0]); err != nil {
				return err
			}
		}
		if err := p.deliver(ctx, from.Add(time.Hour), false, true); err != nil {
			return err
		}
		if h == 0 {
			if err := p.askPlanner(ctx); err != nil {
				return err
			}
		}
		p.progress(h+1, hours)
	}
	return nil
}

// visit lets a user come: the service assigns, the user acts.
func (p *run) visit(ctx context.Context, v *visit) error {
	p.Clock.Set(v.at)
	given, err := p.assigned(ctx, v.user)
	if err != nil {
		return err
	}
	p.sale.receive(v, given)
	return nil
}

// askPlanner asks for the forecast of the sale and for the stock plan.
func (p *run) askPlanner(ctx context.Context) (err error) {
	if err := p.consumedAll(ctx); err != nil {
		return err
	}
	if p.forecasted, err = p.forecasts(ctx, eventKey); err != nil {
		return err
	}
	if p.planned, err = p.plan(ctx, eventKey); err != nil {
		return err
	}
	if p.planned.From < saleStart() || p.planned.To < p.planned.From || p.planned.To >= saleEnd() {
		return fmt.Errorf("the stock plan is for %s to %s, the sale is from %s to %s", p.planned.From, p.planned.To, saleStart(), double11(2026))
	}
	return nil
}
