package tower

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// sampler is a trainer of a shop in which ten of the items are what half of the
// steps are about.
func sampler(t *testing.T, change func(*Training)) *trainer {
	t.Helper()
	c := planted(300, 5, 400, 3)
	for v := range c.Visitors {
		for i := range c.Visitors[v].Steps {
			if (v+i)%2 == 0 {
				c.Visitors[v].Steps[i].Item = int32((v/2 + i) % 10)
			}
		}
	}
	options := quick(1)
	options.hyper.negatives, options.hyper.hard = 40, 0
	if change != nil {
		change(&options)
	}
	return newTrainer(c, mustDefault(t, options), fastest())
}

// epochs calls do after the candidates of every batch are drawn.
func (t *trainer) epochs(n int, do func(examples []example)) {
	size := t.options.hyper.batch
	rng := rand.New(rand.NewPCG(7, 7))
	for epoch := range n {
		t.shuffle(epoch)
		for at := 0; at+size <= len(t.examples); at += size {
			part := t.examples[at : at+size]
			t.encodeInputs(part, rng)
			t.drawNegatives(rng)
			do(part)
		}
	}
}

// TestLogQIsHowOftenAnItemIsACandidate counts, so that the softmax is corrected
// for what in-batch and uniform sampling really do.
func TestLogQIsHowOftenAnItemIsACandidate(t *testing.T) {
	t.Parallel()
	tr := sampler(t, nil)
	counts, batches := make([]float64, len(tr.corpus.Items)), 0.0
	tr.epochs(40, func(examples []example) {
		batches++
		b := &tr.batch
		for i, item := range b.candidates.items {
			counts[item]++
			if b.bias[i] != -tr.logQ[item] {
				t.Fatalf("item %d has bias %v, want −logQ, %v", item, b.bias[i], -tr.logQ[item])
			}
		}
		for i, e := range examples {
			if got, want := b.candidates.items[b.targets[i]], tr.step(e).Item; got != want {
				t.Fatalf("the target of example %d is item %d, want %d", i, got, want)
			}
		}
	})
	rare, popular := 0, 0
	for item, n := range counts {
		q := math.Exp(float64(tr.logQ[item]))
		if sd := math.Sqrt(q * (1 - q) / batches); math.Abs(n/batches-q) > 5*sd+0.02 {
			t.Errorf("item %d is a candidate of %.3f of the batches, logQ says %.3f", item, n/batches, q)
		}
		if q < 0.3 {
			rare++
		}
		if q > 0.9 {
			popular++
		}
	}
	if rare < 100 || popular < 5 {
		t.Errorf("%d rare and %d popular items: the test shows little", rare, popular)
	}
}

// TestHardNegativesAreTheStrongest takes one step of training: those which took
// most from the targets are candidates of the next batch and stand for themselves.
func TestHardNegativesAreTheStrongest(t *testing.T) {
	t.Parallel()
	tr := sampler(t, func(o *Training) { o.hyper.hard = 8 })
	tr.rate = 0.1
	tr.trainBatch(tr.examples[:64], 1)
	mass := map[int32]float32{}
	b := &tr.batch
	for i, item := range b.candidates.items {
		mass[item] = b.mass[i] // the first shard's place holds the sum of all
	}
	if len(tr.hard) != 8 {
		t.Fatalf("%d hard negatives, want 8", len(tr.hard))
	}
	hard := slices.Clone(tr.hard)
	for item, m := range mass {
		if !slices.Contains(hard, item) && m > mass[hard[7]] {
			t.Errorf("item %d took %v and is not hard; the last one took %v", item, m, mass[hard[7]])
		}
	}
	rng := rand.New(rand.NewPCG(2, 2))
	tr.encodeInputs(tr.examples[64:128], rng)
	tr.drawNegatives(rng)
	for i, item := range b.candidates.items {
		want := -tr.logQ[item]
		if slices.Contains(hard, item) {
			want = 0
		}
		if b.bias[i] != want {
			t.Errorf("item %d has bias %v, want %v", item, b.bias[i], want)
		}
	}
	for _, item := range hard {
		if !slices.Contains(b.candidates.items, item) {
			t.Errorf("the hard item %d is no candidate", item)
		}
	}
}

// TestSampledLossIsThatOfAllItems: over many draws of negatives the corrected
// sum of a softmax is that of all items.
func TestSampledLossIsThatOfAllItems(t *testing.T) {
	t.Parallel()
	tr := sampler(t, nil)
	value := func(item int32) float64 { return 1 + float64(item%17) }
	all, sum, n := 0.0, 0.0, 0.0
	for item := range int32(len(tr.corpus.Items)) {
		all += value(item)
	}
	tr.epochs(40, func([]example) {
		n++
		for i, item := range tr.batch.candidates.items {
			sum += value(item) * math.Exp(float64(tr.batch.bias[i]))
		}
	})
	if got := sum / n; math.Abs(got/all-1) > 0.02 {
		t.Errorf("the sum over samples is %.0f on average, over all items %.0f", got, all)
	}
}

func TestDropoutsHideWhatTheySay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		set     func(*hyperparameters)
		ids     float64 // share of items without their id
		clocked float64 // share of examples that know the hour
	}{
		{"none", func(h *hyperparameters) { h.idDropout, h.timeDropout = 0, 0 }, 0, 1},
		{"a quarter", func(h *hyperparameters) { h.idDropout, h.timeDropout = 0.25, 0.25 }, 0.25, 0.75},
		{"all", func(h *hyperparameters) { h.idDropout, h.timeDropout = 1, 1 }, 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tr := sampler(t, func(o *Training) { c.set(&o.hyper) })
			var ids, dropped, inputs, clocked float64
			tr.epochs(4, func([]example) {
				for _, s := range []*itemBatch{&tr.batch.past, &tr.batch.candidates} {
					for i := range s.items {
						ids++
						if s.idDropped[i] {
							dropped++
						}
					}
				}
				for _, in := range tr.batch.inputs {
					inputs++
					if slices.ContainsFunc(in.context, func(row int32) bool { return row >= hourRows && row < recencyRows }) {
						clocked++
					}
				}
			})
			if math.Abs(dropped/ids-c.ids) > 0.03 || math.Abs(clocked/inputs-c.clocked) > 0.05 {
				t.Errorf("%.3f of the items without id, want %.2f; %.3f of the examples with a time, want %.2f", dropped/ids, c.ids, clocked/inputs, c.clocked)
			}
		})
	}
}

// TestItemsWithoutFeaturesKeepTheirIDs: without it nothing would be left.
func TestItemsWithoutFeaturesKeepTheirIDs(t *testing.T) {
	t.Parallel()
	c := planted(50, 5, 60, 1)
	for i := range c.Items {
		if i%2 == 0 {
			c.Items[i] = nil
		}
	}
	options := quick(1)
	options.hyper.idDropout = 1
	tr := newTrainer(c, mustDefault(t, options), fastest())
	tr.epochs(1, func([]example) {
		for i, item := range tr.batch.candidates.items {
			if tr.batch.candidates.idDropped[i] != (item%2 == 1) {
				t.Fatalf("item %d, with features: %v, without id: %v", item, item%2 == 1, tr.batch.candidates.idDropped[i])
			}
		}
	})
}

// TestHeldOutTargetsAreNotLearned: what stops the training was not trained on,
// and the target itself is ranked.
func TestHeldOutTargetsAreNotLearned(t *testing.T) {
	t.Parallel()
	tr := sampler(t, func(o *Training) { o.Holdout = 0.3 })
	if share := float64(len(tr.held)) / float64(len(tr.corpus.Visitors)); math.Abs(share-0.3) > 0.08 {
		t.Errorf("%.2f of the visitors are held out, want about .3", share)
	}
	for _, e := range tr.held {
		if slices.Contains(tr.examples, e) {
			t.Fatalf("step %d of visitor %d is held out and trained on", e.step, e.visitor)
		}
		if last := len(tr.corpus.Visitors[e.visitor].Steps) - 1; int(e.step) != last {
			t.Fatalf("step %d of visitor %d is held out, want the last, %d", e.step, e.visitor, last)
		}
	}
}

// TestRankIsAmongItemsThatAreNew counts by hand, for targets that are new and
// for one that is bought again.
func TestRankIsAmongItemsThatAreNew(t *testing.T) {
	t.Parallel()
	c := planted(40, 4, 60, 1)
	c.Visitors = append(c.Visitors, Visitor{Steps: []Step{{Item: 3}, {Item: 7}, {Item: 3}}})
	tr := newTrainer(c, mustDefault(t, quick(1)), fastest())
	m, err := tr.train(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var last []example
	for v := range c.Visitors {
		if n := len(c.Visitors[v].Steps); n > 0 {
			last = append(last, example{int32(v), int32(n - 1)})
		}
	}
	ranks, err := tr.ranks(t.Context(), m, last)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range last {
		steps := c.Visitors[e.visitor].Steps
		past, target := steps[:e.step], steps[e.step]
		u, err := m.UserVector(&Visitor{Steps: past, Features: c.Visitors[e.visitor].Features}, target.Time)
		if err != nil {
			t.Fatal(err)
		}
		want := 0
		for item := range m.Items() {
			had := slices.ContainsFunc(past, func(s Step) bool { return int(s.Item) == item })
			if !had && m.score(u, item) > m.score(u, int(target.Item)) {
				want++
			}
		}
		if ranks[i] != want {
			t.Errorf("the target of visitor %d has %d items before it, want %d", e.visitor, ranks[i], want)
		}
	}
}

func mustDefault(t *testing.T, options Training) Training {
	t.Helper()
	options, err := options.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	return options
}

// TestLossIsTheCorrectedSoftmax computes it in float64: a candidate counts as
// often as its probability to be sampled is small, the target once.
func TestLossIsTheCorrectedSoftmax(t *testing.T) {
	t.Parallel()
	tr := sampler(t, func(o *Training) { o.Targets = []float32{1, 0.5, 2} })
	rng := rand.New(rand.NewPCG(1, 1))
	tr.encodeInputs(tr.examples[:64], rng)
	tr.drawNegatives(rng)
	got := tr.forward()

	b, stride, scale := &tr.batch, tr.id.stride, float64(tr.options.hyper.logitScale)
	want := 0.0
	for i, target := range b.targets {
		user := b.users[i*stride : (i+1)*stride]
		sum, top := 0.0, 0.0
		for j := range b.candidates.items {
			cosine := float64(inner(user, b.candidates.vectors[j*stride:(j+1)*stride]))
			if int32(j) == target {
				top = math.Exp(scale * cosine)
				sum += top
			} else {
				sum += math.Exp(scale*cosine + float64(b.bias[j]))
			}
		}
		want -= float64(b.weights[i]) * math.Log(top/sum)
	}
	if math.Abs(got/want-1) > 1e-4 {
		t.Errorf("the loss is %v, in float64 %v", got, want)
	}
}
