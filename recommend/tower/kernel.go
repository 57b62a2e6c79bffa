package tower

// kernel is the arithmetic that training spends its time in. Every kernel
// gives the same bits: products and sums are rounded one by one (never fused),
// and sums run in the order that portable shows. So a seed gives one model on
// every machine.
//
// Lengths of vectors are multiples of 32.
type kernel interface {
	// tile sets the 8 rows by 32 columns of c, rows ldc apart, to a·b: a has 8
	// rows and depth columns, element (i, k) at a[i·row+k·col]; b has depth
	// rows, ldb apart.
	tile(c []float32, ldc int, a []float32, row, col int, b []float32, ldb, depth int)
	// dot is the sum of x[i]·y[i].
	dot(x, y []float32) float32
	// axpy adds alpha·x to y.
	axpy(alpha float32, x, y []float32)
	// exps sets x to exp(scale·x + bias), with exponents held within ±80, and
	// returns the sum.
	exps(x, bias []float32, scale float32) float32
}

// The block of rows and columns that one call of tile computes, and so what
// the sides of matrices are rounded up to.
const (
	tileRows = 8
	tileCols = 32
)

// multiply sets c (m by n, rows ldc apart) to a·b. m is a multiple of
// tileRows, n of tileCols.
func multiply(k kernel, c []float32, ldc int, a []float32, row, col int, b []float32, ldb, m, n, depth int) {
	for j := 0; j < n; j += tileCols {
		for i := 0; i < m; i += tileRows {
			k.tile(c[i*ldc+j:], ldc, a[i*row:], row, col, b[j:], ldb, depth)
		}
	}
}

// roundUp is the smallest multiple of to that is not below n.
func roundUp(n, to int) int { return (n + to - 1) / to * to }
