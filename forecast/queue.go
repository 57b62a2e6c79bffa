package forecast

import "container/heap"

// queue gives out the item that comes before all others.
type queue[T any] struct {
	items  []T
	before func(a, b T) bool
}

func (q *queue[T]) add(x T) { heap.Push((*heapOf[T])(q), x) }

// next takes the first item out; the queue must hold one.
func (q *queue[T]) next() T { return heap.Pop((*heapOf[T])(q)).(T) }

// heapOf is a queue as container/heap wants it.
type heapOf[T any] queue[T]

func (h *heapOf[T]) Len() int           { return len(h.items) }
func (h *heapOf[T]) Less(i, j int) bool { return h.before(h.items[i], h.items[j]) }
func (h *heapOf[T]) Swap(i, j int)      { h.items[i], h.items[j] = h.items[j], h.items[i] }
func (h *heapOf[T]) Push(x any)         { h.items = append(h.items, x.(T)) }

func (h *heapOf[T]) Pop() any {
	last := len(h.items) - 1
	x := h.items[last]
	h.items = h.items[:last]
	return x
}
