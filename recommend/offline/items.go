package offline

import (
	"cmp"
	"slices"
)

// mostItems is how many of a visitor's items count, the newest: a robot must
// not outweigh the shop.
const mostItems = 200

// items lists what a visitor had, each item once, ascending.
func (v *Visitor) items(targets bool) []int32 {
	var out []int32
	for i := len(v.Steps) - 1; i >= 0 && len(out) < mostItems; i-- {
		if s := v.Steps[i]; s.Target || !targets {
			out = append(out, s.Item)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// frequent lists the n items that most visitors had, ascending; nil if there
// are no more than that.
func (s *Set) frequent(n int) []int32 {
	if len(s.Items) <= n {
		return nil
	}
	counts := s.counts(false)
	order := make([]int32, len(s.Items))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	order = order[:n]
	slices.Sort(order)
	return order
}

// indexIn is where a sorted list has the item, -1 if it has not.
func indexIn(sorted []int32, item int32) int {
	if at, ok := slices.BinarySearch(sorted, item); ok {
		return at
	}
	return -1
}

// numbersIn gives the places of items in a sorted list, without those that it
// does not have.
func numbersIn(sorted, items []int32) []int32 {
	var out []int32
	for _, item := range items {
		if at := indexIn(sorted, item); at >= 0 {
			out = append(out, int32(at))
		}
	}
	return out
}
