package sqldb

import (
	"cmp"
	"maps"
	"slices"
)

// sortedKeys gives the keys of m in order: every writer takes its rows in key
// order, so that no two of them wait for each other.
func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
