package sim

import (
	"context"
	"fmt"
	"time"
)

// finish waits for the last event and counts.
func (p *run) finish(ctx context.Context) error {
	if err := p.consumedAll(ctx); err != nil {
		return err
	}
	sum, err := p.consumed(ctx)
	if err != nil {
		return err
	}
	p.result.Events = EventCounts{sum.Applied, sum.Duplicates, sum.Dead}
	p.result.Sent = p.history.outbox.sum
	p.result.Forecast = p.sale.scoreForecasts(p.forecasted, saleStart(), double11(2026))
	p.result.StockPlan = p.sale.scorePlan(p.planned)
	return nil
}

// readReports reads what the service says of the trials and puts the truth
// beside it.
func (p *run) readReports(ctx context.Context) error {
	for i := range p.sale.trials {
		t := &p.sale.trials[i]
		r, err := p.report(ctx, t.key)
		if err != nil {
			return err
		}
		out := ExperimentResult{Key: t.key, Role: t.role, Metric: t.metric, Verdict: r.Decision.Verdict}
		if err := r.effect(t.metric, &out); err != nil {
			return fmt.Errorf("report of %s: %w", t.key, err)
		}
		out.Truth = p.history.truth(t, i, p.sale.units)
		p.result.Experiments = append(p.result.Experiments, out)
	}
	return nil
}

// effect finds the treatment's effect on a metric.
func (r *report) effect(metric string, into *ExperimentResult) error {
	for _, m := range r.Metrics {
		if m.Name != metric {
			continue
		}
		for _, res := range m.Results {
			if res.Variant == "treatment" && res.Absolute != nil {
				shown := res.Absolute
				if res.FixedHorizon != nil { // a guardrail's stop shows the always-valid one
					shown = res.FixedHorizon
				}
				into.Estimate, into.Low, into.High = shown.Estimate, shown.Low, shown.High
				return nil
			}
		}
	}
	return fmt.Errorf("there is no effect of the treatment on %s in it", metric)
}

// sampleUsers is how many users are asked for.
const sampleUsers = 300

// judgeRecommendations lets the service learn from all that happened, asks it
// what to show a sample of users, and compares that with what they will really
// look at next.
func (p *run) scoreRecommendations(ctx context.Context) error {
	if err := p.train(ctx); err != nil {
		return err
	}
	users := p.sale.sample(sampleUsers)
	var waits []time.Duration
	score := &p.result.Recommend
	for i, u := range users {
		items, took, err := p.recommended(ctx, u)
		if err != nil {
			return err
		}
		waits = append(waits, took)
		next := p.sale.next(u)
		score.NDCG += ndcg(items, next, 10) / float64(len(users))
		score.Popularity += ndcg(p.sale.popularity(u), next, 10) / float64(len(users))
		p.progress(i+1, len(users))
	}
	score.P99 = float64(percentile(waits, .99)) / float64(time.Millisecond)
	if p.RecallOfExact == nil {
		return nil
	}
	recall, err := p.RecallOfExact(ctx)
	score.RecallOfExact = &recall
	return err
}
