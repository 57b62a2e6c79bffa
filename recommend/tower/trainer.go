package tower

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// trainer holds what is learned and the work space.
//
//	past item   = id + own id + features     weight of a mark = place · event · gap
//	user        = Σ weight · past item + Σ context, to length 1
//	column      = id + features, to length 1
//	loss        = cross-entropy of softmax(temperature · user·column − log chance)
//
// A batch goes through four phases; between two of them all shards wait.
type trainer struct {
	corpus  *Corpus
	how     Training
	kernel  kernel
	lookout lookout
	bags    *bags

	id, idFeatures     *table // of the item tower
	past, pastFeatures *table // of the user tower
	context            *table
	scales, squares    scales

	examples []example
	held     []example // for validation
	logs     []float32 // by item, log of its chance to be in a batch
	batch    batch
	rate     float32
	hard     []int32 // items that competed best in the batch before
	spare    [3]gather
}

func newTrainer(c *Corpus, how Training, k kernel) *trainer {
	t := &trainer{corpus: c, how: how, kernel: k, bags: newBags(c.Items, c.Vocabulary)}
	t.lookout = lookout{how.History, int32(c.Vocabulary.Len()), t.bags.only(c.Vocabulary, how.Latest)}
	rng := rand.New(rand.NewPCG(how.Seed, 1))
	r, features := how.recipe, c.Vocabulary.Len()
	t.id = newTable(len(c.Items), how.Dims, r.idSpread, rng)
	t.past = newTable(len(c.Items), how.Dims, r.idSpread, rng)
	t.idFeatures = newTable(features, how.Dims, r.featureSpread, rng)
	t.pastFeatures = newTable(features, how.Dims, r.featureSpread, rng)
	t.context = newTable(contextRows(c.Vocabulary), how.Dims, 0, rng)
	for i := range t.scales.place {
		t.scales.place[i] = float32(max(-5, float64(i)*math.Log(r.decay)))
	}
	t.batch.past, t.batch.columns = newSide(len(c.Items)), newSide(len(c.Items))
	t.spare = [3]gather{newGather(t.idFeatures), newGather(t.pastFeatures), newGather(t.context)}
	t.choose()
	t.pace()
	t.chances()
	return t
}

// choose splits the targets of all visitors into examples to learn from and,
// for some visitors the last one, examples held out.
func (t *trainer) choose() {
	rng := rand.New(rand.NewPCG(t.how.Seed, 2))
	most := min(maxHeld, max(minHeld, heldScores/max(1, len(t.corpus.Items))))
	share := min(t.how.Holdout, float64(most)/float64(max(1, len(t.corpus.Visitors))))
	for v := range t.corpus.Visitors {
		steps := t.corpus.Visitors[v].Steps
		last := -1
		for i, s := range steps {
			if s.Item < 0 || t.how.weight(s.Event) == 0 {
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
		if e := (example{int32(v), int32(last)}); t.how.Validate == nil && last >= 2 && rng.Float64() < share {
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

// pace fits epochs and batches to the number of examples: a small shop must
// take enough steps too.
func (t *trainer) pace() {
	n := len(t.examples)
	if t.how.Epochs == 0 {
		t.how.Epochs = min(max(1_000_000/max(1, n), 4), 20)
	}
	t.how.recipe.batch = min(max(n/400, 64), t.how.recipe.batch)
}

// chances computes for each item the chance to be among the columns of a batch:
// as the target of one of its examples, or drawn.
func (t *trainer) chances() {
	n := len(t.corpus.Items)
	t.logs = make([]float32, n)
	count := make([]float64, n)
	for _, e := range t.examples {
		count[t.step(e).Item]++
	}
	size := float64(min(t.how.recipe.batch, len(t.examples)))
	drawn := -math.Expm1(float64(t.how.recipe.negatives) * math.Log1p(-1/float64(n)))
	if t.how.recipe.negatives >= n {
		drawn = 1
	}
	for i, c := range count {
		absent := math.Exp(size * math.Log1p(-min(c/float64(max(1, len(t.examples))), 1-1e-9)))
		t.logs[i] = float32(math.Log(1 - absent*(1-drawn)))
	}
}

func (t *trainer) step(e example) Step { return t.corpus.Visitors[e.visitor].Steps[e.step] }

// shuffle puts the examples into the order of an epoch.
func (t *trainer) shuffle(epoch int) {
	rng := rand.New(rand.NewPCG(t.how.Seed, 1<<32+uint64(epoch)))
	rng.Shuffle(len(t.examples), func(a, b int) { t.examples[a], t.examples[b] = t.examples[b], t.examples[a] })
}

// learn takes one step of training and returns the sum of losses.
func (t *trainer) learn(examples []example, seed uint64) float64 {
	rng := rand.New(rand.NewPCG(t.how.Seed, seed))
	t.look(examples, rng)
	t.draw(rng)
	t.embed()
	t.score()
	t.back()
	t.update()
	t.keepHard()
	sum := 0.0
	for _, l := range t.batch.loss {
		sum += l
	}
	return sum
}

// look fills the sights of the batch and lists the items of its past and its
// targets.
func (t *trainer) look(examples []example, rng *rand.Rand) {
	b, r := &t.batch, t.how.recipe
	b.past.clear()
	b.columns.clear()
	for len(b.sights) < len(examples) {
		b.sights = append(b.sights, sight{})
	}
	b.sights = b.sights[:len(examples)]
	b.targets, b.weights = grown(b.targets, len(examples)), grown(b.weights, len(examples))
	for i, e := range examples {
		v := &t.corpus.Visitors[e.visitor]
		target := v.Steps[e.step]
		s := &b.sights[i]
		now := target.Time
		if rng.Float32() < r.timeless {
			now = 0
		}
		t.lookout.see(s, v.Steps[:e.step], v.Features, now, rng, float64(r.forget))
		known := s.marks[:0]
		for _, m := range s.marks {
			if m.item >= 0 {
				m.item = b.past.slot(m.item)
				known = append(known, m)
			}
		}
		s.marks = known
		b.targets[i], b.weights[i] = b.columns.slot(target.Item), t.how.weight(target.Event)
	}
}

// draw adds negatives to the columns, all items if they are few.
func (t *trainer) draw(rng *rand.Rand) {
	b, r := &t.batch, t.how.recipe
	n := len(t.corpus.Items)
	for i, item := range t.hard {
		t.hard[i] = b.columns.slot(item)
	}
	if r.negatives >= n {
		for i := range n {
			b.columns.slot(int32(i))
		}
	} else {
		for range r.negatives {
			b.columns.slot(int32(rng.IntN(n)))
		}
	}
	stride := t.id.stride
	b.past.room(stride)
	b.columns.room(stride)
	for _, s := range []*side{&b.past, &b.columns} {
		for i, item := range s.items {
			ids, _ := t.bags.of(item)
			s.nameless[i] = len(ids) > 0 && rng.Float32() < r.nameless
		}
	}
	width := len(b.columns.lengths)
	b.width = width + 16
	b.bias = grown(b.bias, width)
	for i := range b.bias {
		b.bias[i] = -1000
		if i < len(b.columns.items) {
			b.bias[i] = -t.logs[b.columns.items[i]]
		}
	}
	for _, column := range t.hard {
		b.bias[column] = 0 // it is there for sure
	}
}

// keepHard keeps the columns that took most from the targets of others. They
// are in the next batch for sure and stand for themselves alone, while drawn
// ones stand for all the rest: the sum over all items is still estimated
// without bias.
func (t *trainer) keepHard() {
	b := &t.batch
	t.hard = t.hard[:0]
	if t.how.recipe.hard == 0 || t.how.recipe.negatives >= len(t.corpus.Items) {
		return
	}
	width := len(b.bias)
	mass := b.mass[:width]
	for from := width; from < len(b.mass); from += width {
		t.kernel.axpy(1, b.mass[from:from+width], mass)
	}
	order := make([]int32, len(b.columns.items))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(x, y int32) int { return cmp.Or(cmp.Compare(mass[y], mass[x]), cmp.Compare(x, y)) })
	for _, column := range order[:min(t.how.recipe.hard, len(order))] {
		t.hard = append(t.hard, b.columns.items[column])
	}
}
