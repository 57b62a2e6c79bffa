package tower

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// trainer holds what is learned and the work space.
//
//	past item   = id + own id + features     weight of a step = place · event · gap
//	user        = Σ weight · past item + Σ context, to length 1
//	candidate   = id + features, to length 1
//	loss        = cross-entropy of softmax(logitScale · user·candidate − logQ)
//
// A batch goes through four phases; between two of them all shards wait.
type trainer struct {
	corpus  *Corpus
	options Training
	kernel  kernel
	encoder inputEncoder
	bags    *bags

	id, idFeatures     *table // of the item tower
	past, pastFeatures *table // of the user tower
	context            *table
	scales, squares    scales

	examples []example
	held     []example // for validation
	logQ     []float32 // by item, log of its probability to be in a batch
	batch    batch
	rate     float32
	hard     []int32 // items that competed best in the batch before
	sparse   [3]sparseGradient
}

func newTrainer(c *Corpus, options Training, k kernel) *trainer {
	t := &trainer{corpus: c, options: options, kernel: k, bags: newBags(c.Items, c.Vocabulary)}
	t.encoder = inputEncoder{options.History, int32(c.Vocabulary.Len()), t.bags.only(c.Vocabulary, options.Latest)}
	rng := rand.New(rand.NewPCG(options.Seed, 1))
	r, features := options.hyper, c.Vocabulary.Len()
	t.id = newTable(len(c.Items), options.Dims, r.idSpread, rng)
	t.past = newTable(len(c.Items), options.Dims, r.idSpread, rng)
	t.idFeatures = newTable(features, options.Dims, r.featureSpread, rng)
	t.pastFeatures = newTable(features, options.Dims, r.featureSpread, rng)
	t.context = newTable(contextRows(c.Vocabulary), options.Dims, 0, rng)
	for i := range t.scales.place {
		t.scales.place[i] = float32(max(-5, float64(i)*math.Log(r.decay)))
	}
	t.batch.past, t.batch.candidates = newItemBatch(len(c.Items)), newItemBatch(len(c.Items))
	t.sparse = [3]sparseGradient{newSparseGradient(t.idFeatures), newSparseGradient(t.pastFeatures), newSparseGradient(t.context)}
	t.splitExamples()
	t.setSchedule()
	t.computeLogQ()
	return t
}

// splitExamples splits the targets of all visitors into examples to learn from and,
// for some visitors the last one, examples held out.
func (t *trainer) splitExamples() {
	rng := rand.New(rand.NewPCG(t.options.Seed, 2))
	most := min(maxHeld, max(minHeld, heldScores/max(1, len(t.corpus.Items))))
	share := min(t.options.Holdout, float64(most)/float64(max(1, len(t.corpus.Visitors))))
	for v := range t.corpus.Visitors {
		steps := t.corpus.Visitors[v].Steps
		last := -1
		for i, s := range steps {
			if s.Item < 0 || t.options.weight(s.Event) == 0 {
				continue
			}
			if last >= 0 {
				t.examples = append(t.examples, example{int32(v), int32(last)})
			}
			last = i
		}
		if last < 0 {
			continue
		}
		if e := (example{int32(v), int32(last)}); t.options.Validate == nil && last >= 2 && rng.Float64() < share {
			t.held = append(t.held, e)
		} else {
			t.examples = append(t.examples, e)
		}
	}
}

// How many examples are held out at most: enough for a score that is good to a
// few per cent, fewer in a large shop, where each is ranked among many items.
const (
	minHeld    = 500
	maxHeld    = 4000
	heldScores = 1_000_000_000
)

// setSchedule fits epochs and batches to the number of examples: a small shop must
// take enough steps too.
func (t *trainer) setSchedule() {
	n := len(t.examples)
	if t.options.Epochs == 0 {
		t.options.Epochs = min(max(1_000_000/max(1, n), 4), 20)
	}
	t.options.hyper.batch = min(max(n/400, 64), t.options.hyper.batch)
}

// computeLogQ computes for each item the probability to be among the candidates of
// a batch, as the target of an example or as a uniform negative: the correction
// for sampling in the softmax (Yi and others, RecSys 2019).
func (t *trainer) computeLogQ() {
	n := len(t.corpus.Items)
	t.logQ = make([]float32, n)
	count := make([]float64, n)
	for _, e := range t.examples {
		count[t.step(e).Item]++
	}
	size := float64(min(t.options.hyper.batch, len(t.examples)))
	drawn := -math.Expm1(float64(t.options.hyper.negatives) * math.Log1p(-1/float64(n)))
	if t.options.hyper.negatives >= n {
		drawn = 1
	}
	for i, c := range count {
		absent := math.Exp(size * math.Log1p(-min(c/float64(max(1, len(t.examples))), 1-1e-9)))
		t.logQ[i] = float32(math.Log(1 - absent*(1-drawn)))
	}
}

func (t *trainer) step(e example) Step { return t.corpus.Visitors[e.visitor].Steps[e.step] }

// shuffle puts the examples into the order of an epoch.
func (t *trainer) shuffle(epoch int) {
	rng := rand.New(rand.NewPCG(t.options.Seed, 1<<32+uint64(epoch)))
	rng.Shuffle(len(t.examples), func(a, b int) { t.examples[a], t.examples[b] = t.examples[b], t.examples[a] })
}

// trainBatch takes one step of training and returns the sum of losses.
func (t *trainer) trainBatch(examples []example, seed uint64) float64 {
	rng := rand.New(rand.NewPCG(t.options.Seed, seed))
	t.encodeInputs(examples, rng)
	t.drawNegatives(rng)
	t.embed()
	t.score()
	t.backward()
	t.update()
	t.keepHardNegatives()
	sum := 0.0
	for _, l := range t.batch.loss {
		sum += l
	}
	return sum
}

// encodeInputs fills the inputs of the batch and lists the items of its past and its
// targets.
func (t *trainer) encodeInputs(examples []example, rng *rand.Rand) {
	b, r := &t.batch, t.options.hyper
	b.past.clear()
	b.candidates.clear()
	for len(b.inputs) < len(examples) {
		b.inputs = append(b.inputs, userInput{})
	}
	b.inputs = b.inputs[:len(examples)]
	b.targets, b.weights = grown(b.targets, len(examples)), grown(b.weights, len(examples))
	for i, e := range examples {
		v := &t.corpus.Visitors[e.visitor]
		target := v.Steps[e.step]
		in := &b.inputs[i]
		now := target.Time
		if rng.Float32() < r.timeDropout {
			now = 0
		}
		t.encoder.encode(in, v.Steps[:e.step], v.Features, now, rng, float64(r.stepDropout))
		known := in.steps[:0]
		for _, step := range in.steps {
			if step.item >= 0 {
				step.item = b.past.slot(step.item)
				known = append(known, step)
			}
		}
		in.steps = known
		b.targets[i], b.weights[i] = b.candidates.slot(target.Item), t.options.weight(target.Event)
	}
}

// drawNegatives adds hard and uniform negatives to the candidates, all items if
// they are few.
func (t *trainer) drawNegatives(rng *rand.Rand) {
	b, r := &t.batch, t.options.hyper
	n := len(t.corpus.Items)
	for i, item := range t.hard {
		t.hard[i] = b.candidates.slot(item)
	}
	if r.negatives >= n {
		for i := range n {
			b.candidates.slot(int32(i))
		}
	} else {
		for range r.negatives {
			b.candidates.slot(int32(rng.IntN(n)))
		}
	}
	stride := t.id.stride
	b.past.reserve(stride)
	b.candidates.reserve(stride)
	for _, s := range []*itemBatch{&b.past, &b.candidates} {
		for i, item := range s.items {
			ids, _ := t.bags.of(item)
			s.idDropped[i] = len(ids) > 0 && rng.Float32() < r.idDropout
		}
	}
	width := len(b.candidates.lengths)
	b.width = width + 16
	b.bias = grown(b.bias, width)
	for i := range b.bias {
		b.bias[i] = -1000
		if i < len(b.candidates.items) {
			b.bias[i] = -t.logQ[b.candidates.items[i]]
		}
	}
	for _, candidate := range t.hard {
		b.bias[candidate] = 0 // it is there for sure
	}
}

// keepHardNegatives keeps the candidates with the most probability as negatives. They
// are in the next batch for sure and stand for themselves alone, while drawn
// ones stand for all the rest: the sum over all items is still estimated
// without bias.
func (t *trainer) keepHardNegatives() {
	b := &t.batch
	t.hard = t.hard[:0]
	if t.options.hyper.hard == 0 || t.options.hyper.negatives >= len(t.corpus.Items) {
		return
	}
	width := len(b.bias)
	mass := b.mass[:width]
	for from := width; from < len(b.mass); from += width {
		t.kernel.axpy(1, b.mass[from:from+width], mass)
	}
	order := make([]int32, len(b.candidates.items))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(x, y int32) int { return cmp.Or(cmp.Compare(mass[y], mass[x]), cmp.Compare(x, y)) })
	for _, candidate := range order[:min(t.options.hyper.hard, len(order))] {
		t.hard = append(t.hard, b.candidates.items[candidate])
	}
}
