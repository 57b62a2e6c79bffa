package tower

import "golang.org/x/sys/cpu"

// fastest is the best kernel for this machine.
func fastest() kernel {
	switch {
	case cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ:
		return avx512{}
	case cpu.X86.HasAVX2:
		return avx2{}
	}
	return portable{}
}

// kernels are all that this machine can run.
func kernels() []kernel {
	list := []kernel{portable{}}
	if cpu.X86.HasAVX2 {
		list = append(list, avx2{})
	}
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ {
		list = append(list, avx512{})
	}
	return list
}

type avx512 struct{}

func (avx512) tile(c []float32, ldc int, a []float32, row, col int, b []float32, ldb, depth int) {
	if depth == 0 || outside(c, ldc, a, row, col, b, ldb, depth) {
		portable{}.tile(c, ldc, a, row, col, b, ldb, depth)
		return
	}
	tileAVX512(&c[0], ldc, &a[0], row, col, &b[0], ldb, depth)
}

func (avx512) dot(x, y []float32) float32 {
	if len(x) == 0 || len(y) < len(x) {
		return portable{}.dot(x, y)
	}
	return dotAVX512(&x[0], &y[0], len(x))
}

func (avx512) axpy(alpha float32, x, y []float32) {
	if len(x) == 0 || len(y) < len(x) {
		portable{}.axpy(alpha, x, y)
		return
	}
	axpyAVX512(alpha, &x[0], &y[0], len(x))
}

func (avx512) exps(x, bias []float32, scale float32) float32 {
	if len(x) == 0 || len(bias) < len(x) {
		return portable{}.exps(x, bias, scale)
	}
	return expsAVX512(&x[0], &bias[0], len(x), scale)
}

type avx2 struct{}

func (avx2) tile(c []float32, ldc int, a []float32, row, col int, b []float32, ldb, depth int) {
	if depth == 0 || outside(c, ldc, a, row, col, b, ldb, depth) {
		portable{}.tile(c, ldc, a, row, col, b, ldb, depth)
		return
	}
	for i := 0; i < tileRows; i += 4 {
		for j := 0; j < tileCols; j += 16 {
			tileAVX2(&c[i*ldc+j], ldc, &a[i*row], row, col, &b[j], ldb, depth)
		}
	}
}

func (avx2) dot(x, y []float32) float32 {
	if len(x) == 0 || len(y) < len(x) {
		return portable{}.dot(x, y)
	}
	return dotAVX2(&x[0], &y[0], len(x))
}

func (avx2) axpy(alpha float32, x, y []float32) {
	if len(x) == 0 || len(y) < len(x) {
		portable{}.axpy(alpha, x, y)
		return
	}
	axpyAVX2(alpha, &x[0], &y[0], len(x))
}

func (avx2) exps(x, bias []float32, scale float32) float32 {
	if len(x) == 0 || len(bias) < len(x) {
		return portable{}.exps(x, bias, scale)
	}
	return expsAVX2(&x[0], &bias[0], len(x), scale)
}

// outside reports whether a tile would touch memory beyond its slices; plain
// Go then panics in place of the assembly.
func outside(c []float32, ldc int, a []float32, row, col int, b []float32, ldb, depth int) bool {
	return len(c) < (tileRows-1)*ldc+tileCols ||
		len(a) <= (tileRows-1)*row+(depth-1)*col ||
		len(b) < (depth-1)*ldb+tileCols
}

// Strides count elements; n is a multiple of 32.

//go:noescape
func tileAVX512(c *float32, ldc int, a *float32, row, col int, b *float32, ldb, depth int)

//go:noescape
func dotAVX512(x, y *float32, n int) float32

//go:noescape
func axpyAVX512(alpha float32, x, y *float32, n int)

//go:noescape
func expsAVX512(x, bias *float32, n int, scale float32) float32

// tileAVX2 computes 4 rows by 16 columns.
//
//go:noescape
func tileAVX2(c *float32, ldc int, a *float32, row, col int, b *float32, ldb, depth int)

//go:noescape
func dotAVX2(x, y *float32, n int) float32

//go:noescape
func axpyAVX2(alpha float32, x, y *float32, n int)

//go:noescape
func expsAVX2(x, bias *float32, n int, scale float32) float32
