package recommend

import (
	"context"
	"errors"
	"fmt"

	"github.com/peakday/peakday/events"
)

// withRanker gives m a ranker, if there are past requests to learn it from and it
// is accepted. c is the whole corpus, past requests included.
func (c *corpus) withRanker(ctx context.Context, m *Model, requests []pastRequest, why string, how Training) (*Model, error) {
	m.noRankerReason = why
	if why != "" {
		return m, nil
	}
	ranker, err := c.learnRanker(ctx, m, requests, how)
	if err != nil {
		return nil, fmt.Errorf("learn a ranker: %w", err)
	}
	if ranker == nil {
		m.noRankerReason = "too few of the withheld requests were for something that the sources propose"
		return m, nil
	}
	other := *m
	other.ranker = ranker
	how.report("compare the ranker with the weights", 0.97)
	if how.Accept(&other, m) {
		return &other, nil
	}
	m.noRankerReason = "the learned ranker did worse than the weights on what was held out"
	return m, nil
}

// learnRanker fits a ranker to what the sources of m propose; nil if the past
// requests are too few.
func (c *corpus) learnRanker(ctx context.Context, m *Model, requests []pastRequest, how Training) (*Ranker, error) {
	catalog := how.Catalog
	if catalog == nil {
		catalog = NewCatalog(NewInterner(), "", "")
	}
	pipeline := newPipeline(m, catalog, NewTrends(catalog.interner, "")).forRankTraining()
	examples, err := c.rankExamples(ctx, pipeline, requests, how)
	if err != nil {
		return nil, fmt.Errorf("make training examples: %w", err)
	}
	r, err := LearnRanker(ctx, pipeline.names(), withPositives(examples), how.Ranker)
	var invalid *events.Invalid
	if errors.As(err, &invalid) {
		return nil, nil
	}
	return r, err
}
