package ann

import "math/bits"

// Bitmap is a set of small numbers: bit i%64 of word i/64 says whether i is in
// it. Numbers beyond its end are not.
type Bitmap []uint64

// Has reports whether i is in the set.
func (b Bitmap) Has(i uint32) bool {
	w := int(i >> 6)
	return w < len(b) && b[w]>>(i&63)&1 != 0
}

// Set puts i into the set, which must reach it.
func (b Bitmap) Set(i uint32) { b[i>>6] |= 1 << (i & 63) }

// Clear takes i out of the set, which must reach it.
func (b Bitmap) Clear(i uint32) { b[i>>6] &^= 1 << (i & 63) }

// Count is how many numbers are in the set.
func (b Bitmap) Count() int {
	n := 0
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

// NewBitmap makes an empty set of numbers below n.
func NewBitmap(n int) Bitmap { return make(Bitmap, (n+63)/64) }
