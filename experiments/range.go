package experiments

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strconv"
)

// A hash is a point on a circle of 2⁶⁴ points. Shares of the circle are
// compared as integers, never as fractions, so that no rounding can move a
// unit.

// Range is the half-open piece [From, To) of the circle. To is 0 for a range
// that reaches the top.
type Range struct{ From, To uint64 }

// Contains reports whether the range holds point h.
func (r Range) Contains(h uint64) bool {
	return h >= r.From && (h < r.To || r.To == 0)
}

// MarshalJSON writes the bounds as hexadecimal strings: JSON numbers lose
// integers beyond 2⁵³.
func (r Range) MarshalJSON() ([]byte, error) {
	return json.Marshal([2]string{fmt.Sprintf("%016x", r.From), fmt.Sprintf("%016x", r.To)})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (r *Range) UnmarshalJSON(b []byte) error {
	var bounds [2]string
	if err := json.Unmarshal(b, &bounds); err != nil {
		return err
	}
	var err error
	if r.From, err = strconv.ParseUint(bounds[0], 16, 64); err != nil {
		return fmt.Errorf("range from: %w", err)
	}
	if r.To, err = strconv.ParseUint(bounds[1], 16, 64); err != nil {
		return fmt.Errorf("range to: %w", err)
	}
	return nil
}

// points counts the points of fraction f of the circle: 2⁶⁴ for 1, and one at
// least for whatever is above 0.
func points(f float64) *big.Int {
	n, _ := new(big.Float).SetMantExp(big.NewFloat(math.Min(f, 1)), 64).Int(nil)
	if n.Sign() == 0 && f > 0 {
		n.SetInt64(1)
	}
	return n
}

// low64 gives the point behind n points; 0 for all of them, the top.
func low64(n *big.Int) uint64 {
	return new(big.Int).And(n, new(big.Int).SetUint64(math.MaxUint64)).Uint64()
}

// below is the range that holds the first fraction f of the circle, 0 < f ≤ 1.
func below(f float64) Range { return Range{0, low64(points(f))} }

// take finds want points of the circle that used does not hold, lowest first,
// as few ranges as that gives. ok is false when there are not enough; a lack
// of less than a billionth is put up with, because ten shares of 0.1 are, as
// binary fractions, a little more than 1.
func take(used []Range, want *big.Int) (got []Range, ok bool) {
	lack := new(big.Int).Set(want)
	for _, gap := range gaps(used) {
		if lack.Sign() == 0 {
			break
		}
		size := gap.size()
		if size.Cmp(lack) > 0 {
			size.Set(lack)
			gap.To = gap.From + size.Uint64()
		}
		lack.Sub(lack, size)
		got = append(got, gap)
	}
	return got, lack.Lsh(lack, 30).Cmp(want) <= 0
}

// gaps lists the ranges between the used ones, which must be sorted and apart.
func gaps(used []Range) []Range {
	var free []Range
	next := uint64(0)
	for _, u := range used {
		if u.From > next {
			free = append(free, Range{next, u.From})
		}
		if u.To == 0 {
			return free
		}
		next = u.To
	}
	return append(free, Range{next, 0})
}

// size counts the points of the range, up to 2⁶⁴.
func (r Range) size() *big.Int {
	to := new(big.Int).SetUint64(r.To)
	if r.To == 0 {
		to.Lsh(big.NewInt(1), 64)
	}
	return to.Sub(to, new(big.Int).SetUint64(r.From))
}
