package experiments

import (
	"math/big"
	"math/bits"
	"strconv"
)

// int192 is a whole number of 192 bits, the lowest word first, in two's
// complement. A product of two int64 is below 2¹²⁶ in size, and no count of
// units reaches 2⁶⁴: sums of products stay below 2¹⁹⁰, so they never overflow.
type int192 [3]uint64

func int192Of(n int64) int192 {
	sign := uint64(n >> 63)
	return int192{uint64(n), sign, sign}
}

// mulInt64 is a·b.
func mulInt64(a, b int64) int192 {
	high, low := bits.Mul64(uint64(a), uint64(b))
	if a < 0 {
		high -= uint64(b)
	}
	if b < 0 {
		high -= uint64(a)
	}
	return int192{low, high, uint64(int64(high) >> 63)}
}

func (w *int192) add(o *int192) {
	var carry uint64
	w[0], carry = bits.Add64(w[0], o[0], 0)
	w[1], carry = bits.Add64(w[1], o[1], carry)
	w[2], _ = bits.Add64(w[2], o[2], carry)
}

func (w *int192) subtract(o *int192) {
	var borrow uint64
	w[0], borrow = bits.Sub64(w[0], o[0], 0)
	w[1], borrow = bits.Sub64(w[1], o[1], borrow)
	w[2], _ = bits.Sub64(w[2], o[2], borrow)
}

func (w *int192) isZero() bool { return w[0]|w[1]|w[2] == 0 }

// isShort reports whether the number is an int64.
func (w *int192) isShort() bool {
	sign := uint64(int64(w[0]) >> 63)
	return w[1] == sign && w[2] == sign
}

// int gives the number as a new big.Int.
func (w *int192) int() *big.Int {
	if w.isShort() {
		return big.NewInt(int64(w[0]))
	}
	size, negative := *w, int64(w[2]) < 0
	if negative {
		size = int192{}
		size.subtract(w)
	}
	n := new(big.Int).SetUint64(size[2])
	for _, word := range [...]uint64{size[1], size[0]} {
		n.Or(n.Lsh(n, 64), new(big.Int).SetUint64(word))
	}
	if negative {
		n.Neg(n)
	}
	return n
}

// append writes the number in decimals.
func (w *int192) append(b []byte) []byte {
	if w.isShort() {
		return strconv.AppendInt(b, int64(w[0]), 10)
	}
	return w.int().Append(b, 10)
}

// maxWideDigits is how many digits any number may have that fits.
const maxInt192Digits = 58

// parseInt192 reads decimals, with a sign or without.
func parseInt192(text []byte) (w int192, ok bool) {
	if n, ok := shortInt(text); ok {
		return int192Of(n), true
	}
	if len(text) > maxInt192Digits+1 {
		return w, false
	}
	n, ok := new(big.Int).SetString(string(text), 10)
	if !ok || n.BitLen() > 190 {
		return w, false
	}
	var words [24]byte
	new(big.Int).Abs(n).FillBytes(words[:])
	for i := range 8 {
		for k := range w {
			w[k] = w[k]<<8 | uint64(words[8*(2-k)+i])
		}
	}
	if n.Sign() < 0 {
		size := w
		w = int192{}
		w.subtract(&size)
	}
	return w, true
}

// shortInt reads a number of at most 18 digits, as nearly all are: a report
// reads hundreds of thousands.
func shortInt(b []byte) (n int64, ok bool) {
	negative := len(b) > 0 && b[0] == '-'
	if negative {
		b = b[1:]
	}
	if len(b) == 0 || len(b) > 18 {
		return 0, false
	}
	for _, d := range b {
		if d < '0' || d > '9' {
			return 0, false
		}
		n = 10*n + int64(d-'0')
	}
	if negative {
		n = -n
	}
	return n, true
}
