package forecast

import "slices"

// counts is a row of a table by the hour: what it is about, and what is counted
// of that.
type counts[R any] interface {
	*R
	subtract(other *R) // takes the other's counts away
	zero() bool        // nothing is counted
	compare(other *R) int
}

// difference gives the rows by which a table exceeds what it was, without those that
// are equal, in a fixed order.
func difference[K comparable, R any, P counts[R]](now, before map[K]*R) []R {
	var out []R
	enter := func(row R, less *R) {
		if less != nil {
			P(&row).subtract(less)
		}
		if !P(&row).zero() {
			out = append(out, row)
		}
	}
	for k, row := range now {
		enter(*row, before[k])
	}
	for k, gone := range before {
		if now[k] == nil {
			nothing := *gone
			P(&nothing).subtract(gone)
			enter(nothing, gone)
		}
	}
	slices.SortFunc(out, func(a, b R) int { return P(&a).compare(&b) })
	return out
}
