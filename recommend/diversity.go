package recommend

import "math"

// mmrState is what diversity works on: the unit vector of each item in the
// pool, where the model knows one.
type mmrState struct {
	vectors     []float32
	known       []bool
	nearest     []float32 // of each item in the pool: the largest similarity to a chosen one
	taken       []bool
	perCategory map[string]int
}

// rerankDepth is how many items are looked at to choose limit from.
func rerankDepth(limit int, policy *Policy) int {
	if policy.Diversity == 0 && policy.CategoryCap == 0 {
		return limit
	}
	return limit + 100
}

// diversify chooses limit items of d.order one by one, each by its score and its
// dissimilarity to those chosen before it (Carbonell and Goldstein, SIGIR 1998):
//
//	(1−λ)·score/best − λ·max similarity to one chosen
//
// Similarity is the cosine of item vectors; of items without a vector, ½ within
// a category. Of one category at most CategoryCap are chosen while there are
// others.
func (d *workspace) diversify(limit int, policy *Policy, in *installed) {
	if policy.Diversity == 0 && policy.CategoryCap == 0 || len(d.order) == 0 {
		d.order = d.order[:min(limit, len(d.order))]
		return
	}
	d.prepareMMR(in)
	capped := policy.CategoryCap
	if capped == 0 || d.filter.category != "" {
		capped = limit
	}
	best := max(d.candidates[d.order[0]].score, math.SmallestNonzeroFloat64)
	chosen := make([]int32, 0, limit)
	for len(chosen) < min(limit, len(d.order)) {
		at := d.bestByMMR(policy.Diversity, best, capped)
		if at < 0 {
			capped = limit // no other category is left
			continue
		}
		d.choose(at, policy.Diversity, best)
		chosen = append(chosen, d.order[at])
	}
	d.order = append(d.order[:0], chosen...)
}

// bestByMMR is the place in d.order of the next item; -1 if all that are left
// belong to full categories.
func (d *workspace) bestByMMR(diversity, best float64, capped int) int {
	u, at, most := &d.mmr, -1, math.Inf(-1)
	for i, number := range d.order {
		c := &d.candidates[number]
		if u.taken[i] || u.perCategory[c.item.Category] >= capped {
			continue
		}
		if wanted := (1-diversity)*c.score/best - diversity*float64(u.nearest[i]); wanted > most {
			at, most = i, wanted
		}
	}
	return at
}

// choose takes the item at this place of d.order, and notes how like it the
// others are.
func (d *workspace) choose(at int, diversity, best float64) {
	u, c := &d.mmr, &d.candidates[d.order[at]]
	u.taken[at] = true
	u.perCategory[c.item.Category]++
	if relevance := (1 - diversity) * c.score / best; relevance > 0 {
		c.diversity = math.Max(0, 1-diversity*float64(u.nearest[at])/relevance)
	}
	if diversity == 0 {
		return
	}
	for i, number := range d.order {
		if !u.taken[i] {
			u.nearest[i] = max(u.nearest[i], d.similarity(at, i, c.item, d.candidates[number].item))
		}
	}
}

func (d *workspace) similarity(a, b int, x, y *Item) float32 {
	u := &d.mmr
	if !u.known[a] || !u.known[b] {
		if x.Category != "" && x.Category == y.Category {
			return 0.5
		}
		return 0
	}
	dims := len(u.vectors) / len(d.order)
	v, w := u.vectors[a*dims:(a+1)*dims], u.vectors[b*dims:(b+1)*dims]
	dot := float32(0)
	for i, f := range v {
		dot += f * w[i]
	}
	return max(0, dot)
}

// prepareMMR reads the vectors of the pool.
func (d *workspace) prepareMMR(in *installed) {
	u, n := &d.mmr, len(d.order)
	dims := 0
	if in != nil {
		dims = in.model.vectors.dims
	}
	u.vectors, u.known = resized(u.vectors, n*dims), resized(u.known, n)
	u.nearest, u.taken = resized(u.nearest, n), resized(u.taken, n)
	if u.perCategory == nil {
		u.perCategory = map[string]int{}
	}
	clear(u.perCategory)
	for i, number := range d.order {
		if in == nil {
			continue
		}
		if item, ok := in.number(d.candidates[number].slot); ok {
			v := u.vectors[i*dims : (i+1)*dims]
			in.model.vectors.add(v, item, 1)
			u.known[i] = normalise(v)
		}
	}
}

// normalise scales v to length 1; false if it is zero.
func normalise(v []float32) bool {
	sum := float32(0)
	for _, f := range v {
		sum += f * f
	}
	if !(sum > 0) {
		return false
	}
	scale := 1 / float32(math.Sqrt(float64(sum)))
	for i := range v {
		v[i] *= scale
	}
	return true
}

// resized is n zeros, in s's memory if it is large enough.
func resized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	s = s[:n]
	clear(s)
	return s
}
