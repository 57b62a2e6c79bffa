package recommend

import "slices"

// snapshotOrder lists what is only ever added to, in order, from one snapshot to the
// next: only what came since the last one is sorted. To sort a million ids each
// time would keep a processor from answering for a second.
type snapshotOrder[T any] struct {
	sorted []T
	fresh  []T
}

func (r *snapshotOrder[T]) add(v T) { r.fresh = append(r.fresh, v) }

// take gives what came since the last time. It must not run beside add.
func (r *snapshotOrder[T]) take() (fresh []T) {
	fresh, r.fresh = r.fresh, nil
	return fresh
}

// merge sorts in what take gave, and gives all. It may run beside add.
func (r *snapshotOrder[T]) merge(fresh []T, compare func(a, b T) int) []T {
	if len(fresh) == 0 {
		return r.sorted
	}
	slices.SortFunc(fresh, compare)
	merged, rest := make([]T, 0, len(r.sorted)+len(fresh)), r.sorted
	for _, v := range fresh {
		before, _ := slices.BinarySearchFunc(rest, v, compare)
		merged, rest = append(append(merged, rest[:before]...), v), rest[before:]
	}
	r.sorted = append(merged, rest...)
	return r.sorted
}
