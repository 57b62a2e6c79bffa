package recommend

import (
	"cmp"
	"encoding/binary"

	"github.com/peakday/peakday/events"
)

// dated is a value and what said it. Of two values the one from the better
// source wins, then the one of the newer event, then the larger one: so the
// order in which facts arrive does not matter.
type dated[T any] struct {
	value T
	at    int64 // event time in microseconds
	by    source
}

// source ranks who says something about the catalogue.
type source uint8

const (
	nobody      source = iota
	byBehaviour        // a browser may have said it
	byOrder            // seen on an order line
	byProduct          // product.changed
)

func (d *dated[T]) known() bool { return d.by != nobody }

// offer takes v if it wins and reports whether anything changed.
func (d *dated[T]) offer(v T, at int64, by source, compare func(a, b T) int) bool {
	c := cmp.Or(cmp.Compare(by, d.by), cmp.Compare(at, d.at))
	if c == 0 {
		c = compare(v, d.value)
	}
	if c <= 0 {
		return false
	}
	*d = dated[T]{v, at, by}
	return true
}

// offerPointer offers what a fact says, if it says anything.
func offerPointer[T any](d *dated[T], v *T, at int64, compare func(a, b T) int) {
	if v != nil {
		d.offer(*v, at, byProduct, compare)
	}
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func (d *dated[T]) encode(b []byte, value func([]byte, T) []byte) []byte {
	b = append(b, byte(d.by))
	if !d.known() {
		return b
	}
	b = binary.AppendVarint(b, d.at)
	return value(b, d.value)
}

func (d *dated[T]) decode(from *decoder, value func(*decoder) T) {
	d.by = source(from.byte())
	if d.by > byProduct {
		from.fail()
	}
	if d.known() && from.err == nil {
		d.at = from.varint()
		d.value = value(from)
	}
}

func appendMoney(b []byte, m events.Money) []byte { return binary.AppendVarint(b, int64(m)) }
