package offline

import (
	"cmp"
	"slices"
)

// topOf lists the k items with the highest scores, best first; of equal ones
// the lower number. into is used again.
func topOf(scores []float32, k int, into []int32) []int32 {
	heap := into[:0]
	worse := func(a, b int32) bool { // a stands below b
		return scores[a] < scores[b] || scores[a] == scores[b] && a > b
	}
	k = min(k, len(scores))
	for i := range int32(k) {
		heap = append(heap, i)
		for at := len(heap) - 1; at > 0 && worse(heap[at], heap[(at-1)/2]); at = (at - 1) / 2 {
			heap[at], heap[(at-1)/2] = heap[(at-1)/2], heap[at]
		}
	}
	if k > 0 {
		bar := scores[heap[0]]
		for i := k; i < len(scores); i++ {
			if scores[i] > bar {
				heap[0] = int32(i)
				sink(heap, worse)
				bar = scores[heap[0]]
			}
		}
	}
	slices.SortFunc(heap, func(a, b int32) int {
		return cmp.Or(cmp.Compare(scores[b], scores[a]), cmp.Compare(a, b))
	})
	return heap
}

// sink lets the root of a heap, whose root is the worst, come to its place.
func sink(heap []int32, worse func(a, b int32) bool) {
	for i := 0; ; {
		low := 2*i + 1
		if low >= len(heap) {
			return
		}
		if right := low + 1; right < len(heap) && worse(heap[right], heap[low]) {
			low = right
		}
		if !worse(heap[low], heap[i]) {
			return
		}
		heap[i], heap[low] = heap[low], heap[i]
		i = low
	}
}
