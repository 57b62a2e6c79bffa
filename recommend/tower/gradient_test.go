package tower

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestGradientsAreSlopes compares every kind of gradient with the slope of the
// loss, measured by moving one number a little to both sides.
func TestGradientsAreSlopes(t *testing.T) {
	t.Parallel()
	options, err := Training{Seed: 5, Dims: 8, Holdout: -1, Latest: []string{"category"}, Targets: []float32{1, 0.5, 2}}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	options.hyper.batch, options.hyper.negatives, options.hyper.logitScale = 40, 20, 3
	c := planted(50, 5, 30, 4)
	tr := newTrainer(c, options, portable{})
	for i := range tr.context.w {
		if i%tr.context.stride < options.Dims {
			tr.context.w[i] = float32(i%13)/50 - 0.1
		}
	}
	rng := rand.New(rand.NewPCG(1, 1))
	tr.encodeInputs(tr.examples[:40], rng)
	tr.drawNegatives(rng)
	tr.forward()
	tr.backward() // with rate 0: gradients, no step

	b := &tr.batch
	checked := 0
	check := func(what string, gradient float32, number *float32) {
		t.Helper()
		const step = 0.004
		was := *number
		*number = was + step
		up := tr.forward()
		*number = was - step
		down := tr.forward()
		*number = was
		slope := (up - down) / (2 * step)
		if math.Abs(slope-float64(gradient)) > 0.02*math.Abs(slope)+0.02 {
			t.Errorf("%s: gradient %v, slope %v", what, gradient, slope)
		}
		checked++
	}
	for _, side := range []struct {
		what         string
		s            *itemBatch
		id, features *table
	}{{"candidate", &b.candidates, tr.id, tr.idFeatures}, {"past", &b.past, tr.past, tr.pastFeatures}} {
		gradients := append([]float32(nil), side.s.gradient...)
		var g sparseGradient = newSparseGradient(side.features)
		tr.bagGradients(&g.shards[1], side.s, 1)
		for i := 0; i < len(side.s.items); i += 3 {
			if !side.s.idDropped[i] {
				item := side.s.items[i]
				gradient := gradients[i*tr.id.stride+i%8]
				if at := b.past.slots[item]; side.s == &b.candidates && at >= 0 && !b.past.idDropped[at] {
					gradient += b.past.gradient[int(at)*tr.id.stride+i%8] // the past shares the id
				}
				check(side.what+" id", gradient, &side.id.row(item)[i%8])
			}
		}
		for slot, row := range g.shards[1].rows {
			check(side.what+" feature", g.shards[1].gradient[slot*tr.id.stride+slot%8], &side.features.row(row)[slot%8])
		}
	}
	checkContext(tr, check)
	if checked < 40 {
		t.Errorf("only %d gradients were compared", checked)
	}
}

func checkContext(tr *trainer, check func(what string, gradient float32, number *float32)) {
	b := &tr.batch
	sum := map[int32]float32{}
	var scale scales
	for i := range b.inputs {
		for _, c := range b.inputs[i].context {
			sum[c] += b.toUsers[i*tr.id.stride+int(c)%8]
		}
	}
	for i := range b.toScales {
		scale.plus(&b.toScales[i])
	}
	for c, g := range sum {
		check("context", g, &tr.context.row(c)[c%8])
	}
	check("place 0", scale.place[0], &tr.scales.place[0])
	check("place 2", scale.place[2], &tr.scales.place[2])
	check("event 1", scale.event[1], &tr.scales.event[1])
	check("gap 11", scale.gap[11], &tr.scales.gap[11])
}

// forward computes the loss of the batch as it is.
func (t *trainer) forward() float64 {
	t.embed()
	t.score()
	sum := 0.0
	for _, l := range t.batch.loss {
		sum += l
	}
	return sum
}
