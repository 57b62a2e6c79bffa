package experiments

import (
	"cmp"
	"math/big"
	"slices"
)

// Share gives a range to a variant. A variant may have several.
type Share struct {
	Variant string `json:"variant"`
	Range   Range  `json:"range"`
}

// allocate splits the circle among the variants by weight, in their order. A
// weight beside which the others leave not a single point gets none.
func allocate(variants []Variant) []Share {
	var shares []Share
	from := new(big.Int)
	for i, size := range portions(variants) {
		if size.Sign() > 0 {
			to := new(big.Int).Add(from, size)
			shares = append(shares, Share{variants[i].Key, Range{from.Uint64(), low64(to)}})
			from = to
		}
	}
	return shares
}

// portions counts the points of the circle that each variant's weight is
// worth; they add up to all 2⁶⁴.
func portions(variants []Variant) []*big.Int {
	total, last := 0.0, -1
	for i, v := range variants {
		total += v.Weight
		if v.Weight > 0 {
			last = i
		}
	}
	sizes := make([]*big.Int, len(variants))
	from, sum := new(big.Int), 0.0
	for i, v := range variants {
		sizes[i] = new(big.Int)
		if v.Weight == 0 {
			continue
		}
		sum += v.Weight
		to := points(sum / total)
		if i == last {
			to = points(1)
		}
		if to.Cmp(from) > 0 {
			sizes[i].Sub(to, from)
			from = to
		}
	}
	return sizes
}

// reallocate gives the variants the portions that their weights are worth and
// moves the fewest points that it takes: those which a variant has too many.
// Without shares to begin with it allocates.
func reallocate(shares []Share, variants []Variant) []Share {
	if len(shares) == 0 {
		return allocate(variants)
	}
	var lacks []lack
	kept := slices.Clone(shares)
	var freed []Range
	for i, want := range portions(variants) {
		key := variants[i].Key
		spare := new(big.Int).Sub(held(shares, key), want)
		switch spare.Sign() {
		case 1:
			kept, freed = giveUp(kept, freed, key, spare)
		case -1:
			lacks = append(lacks, lack{key, spare.Neg(spare)})
		}
	}
	slices.SortFunc(freed, func(a, b Range) int { return cmp.Compare(a.From, b.From) })
	return merged(append(kept, handOut(freed, lacks, kept)...))
}

// lack is what a variant has too little.
type lack struct {
	variant string
	points  *big.Int
}

// held counts the points of a variant.
func held(shares []Share, variant string) *big.Int {
	sum := new(big.Int)
	for _, s := range shares {
		if s.Variant == variant {
			sum.Add(sum, s.Range.size())
		}
	}
	return sum
}

// giveUp takes n points from a variant: its smallest ranges as wholes, so that
// the circle does not go to pieces over many changes, then the end of one more.
func giveUp(shares []Share, freed []Range, variant string, n *big.Int) ([]Share, []Range) {
	n = new(big.Int).Set(n)
	for n.Sign() > 0 {
		least := -1
		for i, s := range shares {
			if s.Variant == variant && (least < 0 || s.Range.size().Cmp(shares[least].Range.size()) < 0) {
				least = i
			}
		}
		whole := shares[least].Range
		if size := whole.size(); size.Cmp(n) <= 0 {
			n.Sub(n, size)
			shares, freed = slices.Delete(shares, least, least+1), append(freed, whole)
			continue
		}
		cut := new(big.Int).SetUint64(whole.From)
		cut.Add(cut, whole.size()).Sub(cut, n)
		shares[least].Range.To = cut.Uint64()
		freed, n = append(freed, Range{cut.Uint64(), whole.To}), new(big.Int)
	}
	return shares, freed
}

// handOut gives the freed ranges to those who lack points, each first to the
// variant whose range it touches: the two become one.
func handOut(freed []Range, lacks []lack, kept []Share) (given []Share) {
	var rest []Range
	for _, r := range freed {
		before := len(given)
		for _, l := range lacks {
			touches := slices.ContainsFunc(kept, func(s Share) bool {
				return s.Variant == l.variant && (s.Range.To == r.From && r.From != 0 || s.Range.From == r.To && r.To != 0)
			})
			if touches && l.points.Cmp(r.size()) >= 0 {
				given = append(given, Share{l.variant, r})
				l.points.Sub(l.points, r.size())
				break
			}
		}
		if len(given) == before {
			rest = append(rest, r)
		}
	}
	for _, r := range rest {
		left := r.size()
		for _, l := range lacks {
			n := new(big.Int).Set(l.points)
			if n.Cmp(left) > 0 {
				n.Set(left)
			}
			if n.Sign() == 0 {
				continue
			}
			end := new(big.Int).SetUint64(r.From)
			end.Add(end, n)
			given = append(given, Share{l.variant, Range{r.From, low64(end)}})
			r.From = low64(end)
			l.points.Sub(l.points, n)
			left.Sub(left, n)
		}
	}
	return given
}

// merged puts shares in order and joins neighbours of one variant.
func merged(shares []Share) []Share {
	slices.SortFunc(shares, func(a, b Share) int { return cmp.Compare(a.Range.From, b.Range.From) })
	out := shares[:0]
	for _, s := range shares {
		if n := len(out); n > 0 && out[n-1].Variant == s.Variant && out[n-1].Range.To == s.Range.From {
			out[n-1].Range.To = s.Range.To
		} else {
			out = append(out, s)
		}
	}
	return out
}
