package sim

import (
	"errors"
	"testing"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
	"github.com/peakday/peakday/stats"
)

// measuresTrials takes each unit's metric from what was sent, by the metric's
// definition, and compares it with what the truth is measured by.
func (l *recorded) measuresTrials(t *testing.T) {
	type load struct {
		at time.Time
		ms float64
	}
	paid, carted, loads := map[events.UserID][]time.Time{}, map[events.UserID][]time.Time{}, map[string]load{}
	exposed := map[string]time.Time{}
	for _, f := range l.facts {
		switch d := f.Data.(type) {
		case *events.Exposure:
			if at := exposed[string(d.Unit)]; at.IsZero() || f.Time.Before(at) {
				exposed[string(d.Unit)] = f.Time
			}
		case *events.Order:
			if f.Type == events.OrderPaid || f.Type == events.OrderCompleted {
				paid[d.User] = append(paid[d.User], f.Time)
			}
		case *events.Payment:
			if f.Type == events.BalancePaid {
				paid[d.User] = append(paid[d.User], f.Time)
			}
		case *events.Behaviour:
			if f.Type == events.ProductAdded {
				carted[d.User] = append(carted[d.User], f.Time)
			}
		case *events.Observation:
			u := string(d.Of[0].ID)
			if !f.Time.Before(loads[u].at) {
				loads[u] = load{f.Time, d.Value}
			}
		}
	}
	within := func(times []time.Time, first time.Time) float64 {
		for _, at := range times {
			if !at.Before(first) && at.Before(first.Add(metricWindow)) {
				return 1
			}
		}
		return 0
	}
	for _, e := range l.units {
		id := events.UserID(e.user.id)
		first := exposed[e.user.id]
		for i, want := range [trials]float64{
			winner: within(paid[id], first), null: within(carted[id], first), harmful: loads[e.user.id].ms,
		} {
			if got := l.trials[i].measure(l.shop, e, e.arms); got != want {
				t.Fatalf("%s of %s: measured %g, sent %g", l.trials[i].metric, id, got, want)
			}
		}
	}
	if len(exposed) != len(l.units) {
		t.Errorf("%d units are exposed, %d enrolled", len(exposed), len(l.units))
	}
}

// Under other arms, only what they change is different.
func TestCommonRandomNumbers(t *testing.T) {
	t.Parallel()
	s := newShop(5, 600)
	won, lost := 0, 0
	for _, v := range s.visitsOfSale(newHistory(s).states) {
		control := s.outcomeOf(v, arms{})
		if s.outcomeOf(v, arms{null: true}) != control {
			t.Fatal("the null changes what a visit leads to")
		}
		slow := s.outcomeOf(v, arms{harmful: true})
		if !v.user.phone.stalls && slow.load != control.load || slow.load < control.load {
			t.Fatalf("a page takes %g ms, with the video %g", control.load, slow.load)
		}
		if slow.load = control.load; slow != control {
			t.Fatal("the harmful treatment changes more than the load time")
		}
		tap := s.outcomeOf(v, arms{winner: true})
		switch {
		case tap == control:
		case tap.impulse && control.ordered.IsZero() && v.user.prefersOneTap:
			won++
		case tap.ordered.IsZero() && !control.ordered.IsZero() && !v.user.prefersOneTap:
			lost++
		default:
			t.Fatalf("the winner turns\n%+v into\n%+v", control, tap)
		}
	}
	if won < 3*lost || lost == 0 {
		t.Errorf("the winner brings %d orders and loses %d", won, lost)
	}
}

// enrollAll makes every visitor of the sale a unit, without any history.
func enrollAll(seed uint64) (*shop, []*enrolled) {
	s := newShop(seed, DefaultUsers)
	of := make([]*enrolled, DefaultUsers)
	var units []*enrolled
	for _, v := range s.visitsOfSale(newHistory(s).states) {
		e := of[v.user.number]
		if e == nil {
			e = &enrolled{user: v.user, first: v.at}
			for i, a := range s.coins(v.user) {
				e.arms[i] = a.variant == "treatment"
			}
			of[v.user.number] = e
			units = append(units, e)
		}
		e.visits = append(e.visits, v)
	}
	return s, units
}

// observed compares the units treated with those under control on a trial's
// metric, as a report does, by Welch's interval.
func observed(t *testing.T, s *shop, trial *trial, number int, units []*enrolled) stats.Effect {
	t.Helper()
	var treated, control []float64
	for _, e := range units {
		y := trial.measure(s, e, e.arms)
		if e.arms[number] {
			treated = append(treated, y)
		} else {
			control = append(control, y)
		}
	}
	c, errC := stats.SampleOf(control)
	x, errX := stats.SampleOf(treated)
	e, err := stats.Welch(c, x, stats.Options{Alpha: .05})
	if err := errors.Join(errC, errX, err); err != nil {
		t.Fatal(err)
	}
	return e
}

// Over twenty seeds: the intervals cover the truth, the effects are large
// enough to be found, and the null is exactly null.
func TestTrialsHavePower(t *testing.T) {
	t.Parallel()
	const seeds = 20
	covered, falseFinds := 0, 0
	for seed := range uint64(seeds) {
		s, units := enrollAll(100 + seed)
		for i, trial := range newTrials() {
			e := observed(t, s, &trial, i, units)
			truth := s.truth(&trial, i, units)
			if truth >= e.Interval.Low && truth <= e.Interval.High {
				covered++
			}
			switch i {
			case winner:
				if e.Interval.Low <= 0 || truth <= 0 {
					t.Errorf("seed %d: the winner is not found: %.4f to %.4f, truth %.4f", seed, e.Interval.Low, e.Interval.High, truth)
				}
				loads := newTrials()[harmful]
				if r := observed(t, s, &loads, winner, units).Relative.Interval; r.High > trial.guardrails[0].Margin {
					t.Errorf("seed %d: the winner's guardrail stays open: up to %.3f", seed, r.High)
				}
			case null:
				if truth != 0 {
					t.Errorf("seed %d: the null has an effect of %g", seed, truth)
				}
				if e.Interval.Low > 0 {
					falseFinds++
				}
			case harmful:
				if low := e.Relative.Interval.Low; low <= trial.guardrails[0].Margin {
					t.Errorf("seed %d: the harm is not proven: at least %.3f", seed, low)
				}
			}
		}
	}
	// 60 intervals at 95 % or a little more: fewer than 53 happen once in 100,000.
	if covered < 53 || falseFinds > 4 {
		t.Errorf("%d of %d intervals cover the truth, the null ships %d times", covered, seeds*trials, falseFinds)
	}
	t.Logf("%d of %d intervals cover the truth, the null would ship %d times", covered, seeds*trials, falseFinds)
}

// The users' ids are the same for every seed, so their split by the service's
// hash can be checked once and for all.
func TestUsersSplitEvenly(t *testing.T) {
	t.Parallel()
	half := uint64(1) << 63
	var docs []experiments.Change
	for _, trial := range newTrials() {
		e, err := experiments.ParseExperiment(trial.key, trial.definition())
		if err != nil {
			t.Fatal(err)
		}
		e.Status = experiments.Running
		e.Shares = []experiments.Share{
			{Variant: "control", Range: experiments.Range{To: half}}, {Variant: "treatment", Range: experiments.Range{From: half}},
		}
		docs = append(docs, experiments.Change{Kind: experiments.ExperimentKind, Key: e.Key, Version: 1, Doc: mustJSON(e)})
	}
	all, err := experiments.ReadDefinitions(1, docs)
	if err != nil {
		t.Fatal(err)
	}
	catalog := experiments.NewCatalog(all)
	s := newShop(1, DefaultUsers)
	for _, trial := range newTrials() {
		counts := map[string]int64{}
		for _, u := range s.users {
			got, _ := catalog.Evaluate(trial.key, experiments.Subject{Key: events.UnitID(u.id)}, nil)
			counts[got.Variant.Key]++
		}
		check, err := stats.SampleRatio([]int64{counts["control"], counts["treatment"]}, []float64{1, 1})
		if err != nil || check.Status != stats.OK {
			t.Errorf("%s splits %v: %+v %v", trial.key, counts, check, err)
		}
	}
}
