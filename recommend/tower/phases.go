package tower

import "math"

// shardRows is how many examples, or items, are one shard's work.
const shardRows = tileCols

func shardsOf(n int) int { return (n + shardRows - 1) / shardRows }

// embed computes the vectors of all items of the batch.
func (t *trainer) embed() {
	b := &t.batch
	past := shardsOf(len(b.past.items))
	b.packed = grown(b.packed, len(b.candidates.vectors))
	forEachShard(past+shardsOf(len(b.candidates.items)), func(shard int) {
		if shard < past {
			t.compose(&b.past, shard, t.pastFeatures, t.id, t.past)
			return
		}
		shard -= past
		t.compose(&b.candidates, shard, t.idFeatures, t.id)
		stride := t.id.stride
		from, to := shard*shardRows, min((shard+1)*shardRows, len(b.candidates.items))
		for i := from; i < to; i++ {
			b.candidates.lengths[i] = normalise(t.kernel, b.candidates.vectors[i*stride:(i+1)*stride])
		}
		pack(b.packed[from*stride:(from+tileCols)*stride], b.candidates.vectors[from*stride:(from+tileCols)*stride], stride)
	})
}

// compose sums up ids and features of the items of a shard.
func (t *trainer) compose(s *itemBatch, shard int, features *table, ids ...*table) {
	stride := features.stride
	for i := shard * shardRows; i < min((shard+1)*shardRows, len(s.items)); i++ {
		if s.idDropped[i] {
			t.sum(s.vectors[i*stride:(i+1)*stride], s.items[i], features)
		} else {
			t.sum(s.vectors[i*stride:(i+1)*stride], s.items[i], features, ids...)
		}
	}
}

// pack transposes a panel of tileCols rows.
func pack(to, from []float32, stride int) {
	for i := range tileCols {
		for d, x := range from[i*stride : (i+1)*stride] {
			to[d*tileCols+i] = x
		}
	}
}

// score computes users, probabilities, the loss and the gradients of users and
// scales, by shards of examples.
func (t *trainer) score() {
	b := &t.batch
	shards := shardsOf(len(b.inputs))
	stride := t.id.stride
	rows := shards * shardRows
	b.users, b.toUsers = grown(b.users, rows*stride), grown(b.toUsers, rows*stride)
	b.lengths = grown(b.lengths, rows)
	b.probs = grown(b.probs, rows*b.width)
	b.mass = grown(b.mass, shards*len(b.bias))
	b.loss, b.toScales = grown(b.loss, shards), grown(b.toScales, shards)
	forEachShard(shards, func(shard int) {
		from, to := shard*shardRows, min((shard+1)*shardRows, len(b.inputs))
		for i := from; i < to; i++ {
			t.user(i)
		}
		clear(b.users[to*stride : (from+shardRows)*stride])
		t.softmax(shard, from, to)
		t.backUsers(shard, from, to)
	})
}

// user computes the vector of one example's visitor.
func (t *trainer) user(i int) {
	b := &t.batch
	stride := t.id.stride
	u := b.users[i*stride : (i+1)*stride]
	clear(u)
	for _, step := range b.inputs[i].steps {
		t.kernel.axpy(t.scales.of(step), b.past.vectors[int(step.item)*stride:(int(step.item)+1)*stride], u)
	}
	for _, c := range b.inputs[i].context {
		t.kernel.axpy(1, t.context.row(c), u)
	}
	b.lengths[i] = normalise(t.kernel, u)
}

// softmax turns a shard's rows of probs into the gradient of the loss with
// respect to the cosines.
func (t *trainer) softmax(shard, from, to int) {
	b := &t.batch
	stride, width := t.id.stride, len(b.bias)
	rows := b.probs[from*b.width:]
	for p := 0; p < width; p += tileCols {
		multiply(t.kernel, rows[p:], b.width, b.users[from*stride:], stride, 1, b.packed[p*stride:], tileCols, shardRows, tileCols, stride)
	}
	logitScale := t.options.hyper.logitScale
	b.loss[shard] = 0
	mass := b.mass[shard*width : (shard+1)*width]
	clear(mass)
	for i := from; i < from+shardRows; i++ {
		row := b.probs[i*b.width : i*b.width+width]
		if i >= to {
			clear(row)
			continue
		}
		target := b.targets[i]
		row[target] -= b.bias[target] / logitScale // the target is there by itself, not by chance
		sum := t.kernel.exps(row, b.bias, logitScale)
		probability := row[target] / sum
		b.loss[shard] -= float64(b.weights[i]) * math.Log(float64(probability)+1e-30)
		row[target] = 0
		scale := logitScale * b.weights[i] / sum
		for j := range row {
			row[j] *= scale
		}
		t.kernel.axpy(1, row, mass)
		row[target] = logitScale * b.weights[i] * (probability - 1)
	}
}

// backUsers computes the gradients of a shard's users, before normalising, and
// of the scales.
func (t *trainer) backUsers(shard, from, to int) {
	b := &t.batch
	stride, width := t.id.stride, len(b.bias)
	multiply(t.kernel, b.toUsers[from*stride:], stride, b.probs[from*b.width:], b.width, 1, b.candidates.vectors, stride, shardRows, stride, width)
	b.toScales[shard] = scales{}
	for i := from; i < to; i++ {
		g := b.toUsers[i*stride : (i+1)*stride]
		throughNorm(t.kernel, g, b.users[i*stride:(i+1)*stride], b.lengths[i])
		for _, step := range b.inputs[i].steps {
			v := b.past.vectors[int(step.item)*stride : (int(step.item)+1)*stride]
			b.toScales[shard].add(step, t.scales.of(step)*t.kernel.dot(g, v))
		}
	}
}

// backward computes the gradients of the batch's items and takes the step of their
// ids.
func (t *trainer) backward() {
	b := &t.batch
	candidates := shardsOf(len(b.candidates.items))
	forEachShard(candidates+pastShards, func(shard int) {
		if shard < pastShards {
			t.backPast(shard)
		} else {
			t.backCandidates(shard - pastShards)
		}
	})
}

func (t *trainer) backCandidates(shard int) {
	b, s := &t.batch, &t.batch.candidates
	stride := t.id.stride
	from, to := shard*shardRows, min((shard+1)*shardRows, len(s.items))
	depth := roundUp(len(b.inputs), tileCols)
	multiply(t.kernel, s.gradient[from*stride:], stride, b.probs[from:], 1, b.width, b.users, stride, shardRows, stride, depth)
	for i := from; i < to; i++ {
		g := s.gradient[i*stride : (i+1)*stride]
		throughNorm(t.kernel, g, s.vectors[i*stride:(i+1)*stride], s.lengths[i])
		if !s.idDropped[i] {
			t.id.descend(t.kernel, s.items[i], g, t.rate)
		}
	}
}

// pastShards is how many shards the items of the past are dealt out to.
const pastShards = 4

func (t *trainer) backPast(shard int) {
	b, s := &t.batch, &t.batch.past
	stride := t.past.stride
	for i := shard; i < len(s.items); i += pastShards {
		clear(s.gradient[i*stride : (i+1)*stride])
	}
	for i := range b.inputs {
		g := b.toUsers[i*stride : (i+1)*stride]
		for _, step := range b.inputs[i].steps {
			if int(step.item)%pastShards == shard {
				t.kernel.axpy(t.scales.of(step), g, s.gradient[int(step.item)*stride:(int(step.item)+1)*stride])
			}
		}
	}
	t.descendPast(t.past, shard, t.rate*t.options.hyper.pastRate)
}

// update takes the steps of features, context, scales, and of the items' ids as
// those of the past.
func (t *trainer) update() {
	b := &t.batch
	stride := t.id.stride
	forEachShard(3*gradientShards+pastShards, func(shard int) {
		if shard >= 3*gradientShards {
			t.descendPast(t.id, shard-3*gradientShards, t.rate)
			return
		}
		which, shard := shard/gradientShards, shard%gradientShards
		g := &t.sparse[which].shards[shard]
		switch which {
		case 0:
			t.bagGradients(g, &b.candidates, shard)
		case 1:
			t.bagGradients(g, &b.past, shard)
		case 2:
			for i := range b.inputs {
				for _, c := range b.inputs[i].context {
					if int(c)%gradientShards == shard {
						g.add(t.kernel, c, 1, b.toUsers[i*stride:(i+1)*stride])
					}
				}
			}
		}
		g.descend(t.kernel, t.rate)
	})
	for i := 1; i < len(b.toScales); i++ {
		b.toScales[0].plus(&b.toScales[i])
	}
	t.scales.descend(&b.toScales[0], &t.squares, t.rate*scalesRate)
}

// descendPast takes the step of ids as parts of the past: of the past's own, or
// of the item tower's.
func (t *trainer) descendPast(ids *table, shard int, rate float32) {
	s, stride := &t.batch.past, ids.stride
	for i := shard; i < len(s.items); i += pastShards {
		if !s.idDropped[i] {
			ids.descend(t.kernel, s.items[i], s.gradient[i*stride:(i+1)*stride], rate)
		}
	}
}

// scalesRate slows the scales down: one number acts on every example.
const scalesRate = 0.2

func (t *trainer) bagGradients(g *gradientShard, s *itemBatch, shard int) {
	stride := t.id.stride
	for i, item := range s.items {
		ids, weights := t.bags.of(item)
		for j, f := range ids {
			if int(f)%gradientShards == shard {
				g.add(t.kernel, f, weights[j], s.gradient[i*stride:(i+1)*stride])
			}
		}
	}
}
