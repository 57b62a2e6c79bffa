package tower

import (
	"context"
	"fmt"
	"math"
)

// Train learns a model. Equal input, and an equal seed, give an equal model,
// bit for bit, whatever GOMAXPROCS is.
//
// It holds 16·Dims bytes an item besides the corpus, and 8 bytes a step.
func Train(ctx context.Context, corpus *Corpus, options Training) (*Model, error) {
	options, err := options.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("train towers: %w", err)
	}
	if err := corpus.check(); err != nil {
		return nil, fmt.Errorf("train towers: %w", err)
	}
	t := newTrainer(corpus, options, fastest())
	m, err := t.train(ctx)
	if err != nil {
		return nil, fmt.Errorf("train towers: %w", err)
	}
	return m, nil
}

func (t *trainer) train(ctx context.Context) (*Model, error) {
	var best *Model
	top, worse := math.Inf(-1), 0
	for epoch := range t.options.Epochs {
		loss, err := t.epoch(ctx, epoch)
		if err != nil {
			return nil, err
		}
		m := t.snapshot()
		score, err := t.validate(ctx, m, epoch+1)
		if err != nil {
			return nil, err
		}
		if t.options.Progress != nil {
			t.options.Progress(Progress{epoch + 1, t.options.Epochs, float64(epoch+1) / float64(t.options.Epochs), loss, score})
		}
		if math.IsNaN(score) {
			best = m
			continue
		}
		if score > top {
			best, top, worse = m, score, 0
		} else if worse++; worse == patience {
			break
		}
	}
	return best, nil
}

// patience is after how many epochs without a better score training stops: two
// may be bad luck.
const patience = 3

// epoch goes through all examples once and returns the mean loss.
func (t *trainer) epoch(ctx context.Context, epoch int) (loss float64, err error) {
	t.shuffle(epoch)
	size := t.options.hyper.batch
	batches := (len(t.examples) + size - 1) / size
	for b := range batches {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		part := t.examples[b*size : min((b+1)*size, len(t.examples))]
		done := (float64(epoch) + float64(b)/float64(batches)) / float64(t.options.Epochs)
		t.rate = t.options.hyper.rate
		loss += t.trainBatch(part, uint64(epoch)<<32+uint64(b)+1)
		if t.options.Progress != nil && b%64 == 63 {
			t.options.Progress(Progress{epoch + 1, t.options.Epochs, done, loss / float64((b+1)*size), math.NaN()})
		}
	}
	return loss / float64(max(1, len(t.examples))), ctx.Err()
}

// validate scores a model, NaN if there is nothing to score by.
func (t *trainer) validate(ctx context.Context, m *Model, epoch int) (float64, error) {
	if t.options.Validate != nil {
		score, err := t.options.Validate(ctx, m, epoch)
		if err != nil {
			return 0, fmt.Errorf("validate after epoch %d: %w", epoch, err)
		}
		return score, nil
	}
	if len(t.held) == 0 {
		return math.NaN(), nil
	}
	ranks, err := t.ranks(ctx, m, t.held)
	if err != nil {
		return 0, err
	}
	sum := 0.0
	for _, r := range ranks {
		sum += 1 / math.Log2(float64(r)+2)
	}
	return sum / float64(len(ranks)), nil
}

// ranks gives the place of each example's target among all items but those of
// the visitor's past, 0 the best.
func (t *trainer) ranks(ctx context.Context, m *Model, examples []example) ([]int, error) {
	ranks := make([]int, len(examples))
	forEachShard(shardsOf(len(examples)), func(shard int) {
		if ctx.Err() != nil {
			return
		}
		for i := shard * shardRows; i < min((shard+1)*shardRows, len(examples)); i++ {
			ranks[i] = t.rank(m, examples[i])
		}
	})
	return ranks, ctx.Err()
}

func (t *trainer) rank(m *Model, e example) int {
	v := &t.corpus.Visitors[e.visitor]
	target := v.Steps[e.step]
	var in userInput
	t.encoder.encode(&in, v.Steps[:e.step], v.Features, target.Time, nil, 0)
	u := make([]float32, m.stride)
	m.user(u, &in, v.Unknown)
	scores := make([]float32, m.items)
	for i := range scores {
		scores[i] = m.score(u, i)
	}
	for _, step := range v.Steps[:e.step] {
		if step.Item >= 0 && step.Item != target.Item {
			scores[step.Item] = float32(math.Inf(-1))
		}
	}
	rank := 0
	for _, x := range scores {
		if x > scores[target.Item] {
			rank++
		}
	}
	return rank
}
