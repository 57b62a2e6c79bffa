package sim

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Clock is the clock of the service. The play moves it, never backwards.
type Clock interface{ Set(now time.Time) }

// Options say what to play, and against which service.
type Options struct {
	Seed  uint64
	Users int    // DefaultUsers if 0, else LeastUsers to MostUsers
	URL   string // of the service, such as http://127.0.0.1:8080
	HTTP  *http.Client
	Clock Clock

	// Progress is told how far the play has come; it may be nil.
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

// Progress is how far a step of the play has come.
type Progress struct {
	Step        string
	Done, Total int
}

// Play lives through thirteen months of history and one Double 11, asks the
// service what a shop would ask, and returns the answers beside the truth. The
// service must be empty, in the time zone Asia/Shanghai and in CNY. The same
// seed and number of users give the same result, but for times. The
// experiments are running when it returns.
func Play(ctx context.Context, o Options) (*Result, error) {
	began := time.Now()
	p, err := newPlay(o)
	if err != nil {
		return nil, err
	}
	for _, step := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"describe the shop", p.describe},
		{"tell thirteen months of history", p.tellHistory},
		{"start the experiments", p.startTrials},
		{"play 1 to 13 November", p.playSale},
		{"wait until all is consumed", p.finish},
		{"read the reports", p.readReports},
		{"ask for recommendations", p.judgeRecommendations},
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

// play is one run of Play.
type play struct {
	Options
	client
	world  *past
	now    *present // nil until the sale begins
	bag    batch
	step   string
	result *Result

	foreseen []forecastOf // at the beginning of the sale
	planned  stockPlan
}

func newPlay(o Options) (*play, error) {
	if o.Users == 0 {
		o.Users = DefaultUsers
	}
	if o.Users < LeastUsers || o.Users > MostUsers {
		return nil, fmt.Errorf("users must be %d to %d, got %d", LeastUsers, MostUsers, o.Users)
	}
	if o.Clock == nil || o.URL == "" {
		return nil, errors.New("the play needs the URL and the clock of a service")
	}
	if o.HTTP == nil {
		o.HTTP = &http.Client{}
	}
	p := &play{Options: o, client: client{o.URL, o.HTTP}, result: &Result{Seed: o.Seed}}
	p.world = newPast(newShop(o.Seed, o.Users))
	return p, nil
}

func (p *play) progress(done, total int) {
	if p.Progress != nil {
		p.Progress(Progress{p.step, done, total})
	}
}

// describe tells the service what a shop decides before it opens: metrics, the
// dates of the sale, what buying costs.
func (p *play) describe(ctx context.Context) error {
	p.Clock.Set(p.world.begin(historyStart()))
	for _, m := range newMetrics() {
		if err := p.put(ctx, "/v1/metrics/"+m.key, m.definition); err != nil {
			return err
		}
	}
	if err := p.put(ctx, "/v1/calendar/"+eventKey, mustJSON(calendar())); err != nil {
		return err
	}
	for _, k := range p.world.skus {
		if err := p.put(ctx, "/v1/supply/"+string(k.code), k.supply(p.Seed)); err != nil {
			return err
		}
	}
	return nil
}

// supply is what buying a SKU costs and how long it takes, as PUT /v1/supply
// takes it.
func (k *sku) supply(seed uint64) []byte {
	d := newDice(seed).on(ofSupply, uint64(k.number))
	return mustJSON(map[string]any{
		"cost":           cny.Format(k.product.price * 6 / 10),
		"price":          cny.Format(k.product.price),
		"lead_time_days": 2 + int(4*d.share()),
		"lead_time_sd":   1,
		"pack":           []int{1, 6, 12}[pick([]float64{2, 1, 1}, d.on(ofSize).share())],
	})
}

// tellHistory sends the past in big batches, as an import would, and waits
// until it is consumed.
func (p *play) tellHistory(ctx context.Context) error {
	days := int(playStart() - historyStart())
	for d := historyStart(); d < playStart(); d++ {
		p.world.unfold(d)
		if err := p.deliver(ctx, p.world.begin(d+1).Add(-1), true, false); err != nil {
			return err
		}
		p.progress(int(d-historyStart()), days)
	}
	if err := p.deliver(ctx, p.world.begin(playStart()).Add(-1), true, true); err != nil {
		return err
	}
	return p.consumedAll(ctx)
}

// startTrials defines the experiments and starts them at the first midnight of
// the play, and waits until the service assigns by them.
func (p *play) startTrials(ctx context.Context) error {
	p.now = newPresent(p.world)
	p.Clock.Set(p.world.begin(playStart()))
	for i := range p.now.trials {
		t := &p.now.trials[i]
		if err := p.put(ctx, "/v1/experiments/"+t.key, t.definition()); err != nil {
			return err
		}
		if err := p.post(ctx, "/v1/experiments/"+t.key+"/start", nil, nil); err != nil {
			return err
		}
	}
	for range tries {
		if _, err := p.assigned(ctx, p.world.users[0]); err == nil {
			return nil
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
	_, err := p.assigned(ctx, p.world.users[0])
	return err
}

// assigned asks for a user's variants in the three trials.
func (p *play) assigned(ctx context.Context, u *user) (given [trials]assignment, err error) {
	all, err := p.assign(ctx, u)
	if err != nil {
		return given, err
	}
	for i := range p.now.trials {
		a, ok := all[p.now.trials[i].key]
		if !ok {
			return given, fmt.Errorf("the service does not assign %s to %s, which runs on all users", u.id, p.now.trials[i].key)
		}
		given[i] = a
	}
	return given, nil
}

// playSale plays the sale hour by hour. In the first hour of 1 November, when
// 31 October is closed, the planner asks for forecast and plan.
func (p *play) playSale(ctx context.Context) error {
	visits := p.now.visits
	hours := int(playEnd()-playStart()) * 24
	for h := range hours {
		from := p.world.begin(playStart()).Add(time.Duration(h) * time.Hour)
		p.Clock.Set(from)
		p.now.opening(from)
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
func (p *play) visit(ctx context.Context, v *visit) error {
	p.Clock.Set(v.at)
	given, err := p.assigned(ctx, v.user)
	if err != nil {
		return err
	}
	p.now.receive(v, given)
	return nil
}

// askPlanner asks for the forecast of the sale and for the stock plan.
func (p *play) askPlanner(ctx context.Context) (err error) {
	if err := p.consumedAll(ctx); err != nil {
		return err
	}
	if p.foreseen, err = p.forecasts(ctx, eventKey); err != nil {
		return err
	}
	if p.planned, err = p.plan(ctx, eventKey); err != nil {
		return err
	}
	if p.planned.From < playStart() || p.planned.To < p.planned.From || p.planned.To >= playEnd() {
		return fmt.Errorf("the stock plan is for %s to %s, the sale is from %s to %s", p.planned.From, p.planned.To, playStart(), double11(2026))
	}
	return nil
}
