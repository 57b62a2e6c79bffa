package tower

import "math"

// portable is the kernel in plain Go, and the definition of what the others
// compute. The conversions forbid the compiler to fuse a product and a sum.
type portable struct{}

func (portable) tile(c []float32, ldc int, a []float32, row, col int, b []float32, ldb, depth int) {
	for i := range tileRows {
		var sum [tileCols]float32
		for k := range depth {
			x := a[i*row+k*col]
			for j, y := range b[k*ldb : k*ldb+tileCols] {
				sum[j] += float32(x * y)
			}
		}
		copy(c[i*ldc:i*ldc+tileCols], sum[:])
	}
}

func (portable) dot(x, y []float32) float32 {
	var sum [lanes]float32
	y = y[:len(x)]
	for i := 0; i+lanes <= len(x); i += lanes {
		for l := range sum {
			sum[l] += float32(x[i+l] * y[i+l])
		}
	}
	return fold(sum)
}

func (portable) axpy(alpha float32, x, y []float32) {
	y = y[:len(x)]
	for i := range x {
		y[i] += float32(alpha * x[i])
	}
}

func (portable) exps(x, bias []float32, scale float32) float32 {
	var sum [lanes]float32
	bias = bias[:len(x)]
	for i := 0; i+lanes <= len(x); i += lanes {
		for l := range sum {
			e := exp(float32(scale*x[i+l]) + bias[i+l])
			x[i+l] = e
			sum[l] += e
		}
	}
	return fold(sum)
}

// lanes is how many partial sums a long sum has.
const lanes = 16

func fold(sum [lanes]float32) float32 {
	for half := lanes / 2; half > 0; half /= 2 {
		for l := range half {
			sum[l] += sum[l+half]
		}
	}
	return sum[0]
}

// The exponential function: x = n·ln 2 + r with |r| ≤ ln 2 / 2, and eʳ by its
// Taylor polynomial of degree 7, whose error is below one unit in the last
// place of a float32. ln 2 is split (Cody and Waite, Software Manual for the
// Elementary Functions, 1980) so that n·ln2High is exact.
const (
	expLimit = 80
	log2e    = math.Log2E
	ln2High  = 0.693359375
	ln2Low   = -2.12194440e-4
	rounder  = 3 << 22 // adding it rounds a float32 to an integer, kept in the low bits
)

// exp is e to the power of x, which is held within ±80.
func exp(x float32) float32 {
	x = min(max(x, -expLimit), expLimit)
	shifted := float32(x*log2e) + rounder
	n := shifted - rounder
	r := x - float32(n*ln2High)
	r -= float32(n * ln2Low)
	p := float32(r*(1.0/5040)) + 1.0/720
	p = float32(p*r) + 1.0/120
	p = float32(p*r) + 1.0/24
	p = float32(p*r) + 1.0/6
	p = float32(p*r) + 0.5
	p = float32(p*r) + 1
	p = float32(p*r) + 1
	return math.Float32frombits(math.Float32bits(p) + math.Float32bits(shifted)<<23)
}
