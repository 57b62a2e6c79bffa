package ann

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// TestKernelsAgree holds every kernel to the plain sums, on matrices that begin
// at any address.
func TestKernelsAgree(t *testing.T) {
	t.Parallel()
	for _, k := range kernels() {
		t.Run(k.String(), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				agrees(t, k, rapid.IntRange(1, 1024).Draw(t, "dimension"), rapid.IntRange(0, 9).Draw(t, "rows"),
					rapid.IntRange(0, 63).Draw(t, "shift"), rapid.Uint64().Draw(t, "seed"))
			})
		})
	}
}

// TestKernelsAgreeAtEveryDimension leaves none to chance.
func TestKernelsAgreeAtEveryDimension(t *testing.T) {
	t.Parallel()
	for _, k := range kernels() {
		t.Run(k.String(), func(t *testing.T) {
			t.Parallel()
			for d := 1; d <= 1024; d++ {
				agrees(t, k, d, d%6, d%64, uint64(d))
			}
		})
	}
}

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

func agrees(t fataler, k kernel, dimension, rows, shift int, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	floatStride, codeStride := blocks(dimension, floatBlock), blocks(dimension, codeBlock)
	matrix := make([]float32, rows*floatStride+shift+1)[shift:]
	codes := make([]uint8, rows*codeStride+shift+1)[shift:]
	query := make([]float32, floatStride)
	for i := range dimension {
		query[i] = float32(r.NormFloat64())
	}
	if seed%5 == 0 { // the largest sums
		for i := range dimension {
			query[i] = 1
		}
	}
	q := newQuantisedQuery(dimension)
	q.set(query[:dimension])
	for row := range rows {
		vector := matrix[row*floatStride:][:dimension]
		for i := range vector {
			vector[i] = float32(r.NormFloat64())
			if seed%5 == 0 {
				vector[i] = 4
			}
		}
		encode(vector, 4.0/codeMax, codes[row*codeStride:][:codeStride])
	}
	ids := make([]int32, 0, 2*rows)
	for range 2 * rows {
		ids = append(ids, int32(r.IntN(rows)))
	}
	gathered, scanned, floats := make([]int32, len(ids)), make([]int32, rows), make([]float32, len(ids))
	k.gatherBytes(q, codes, ids, gathered)
	k.scanBytes(q, codes, scanned)
	k.gatherFloats(query, matrix, ids, floats)
	for i, id := range ids {
		want := int64(0)
		for j, w := range q.words {
			want += int64(w) * int64(codes[int(id)*codeStride+j])
		}
		if int64(gathered[i]) != want || int64(scanned[id]) != want {
			t.Fatalf("%s, dimension %d, row %d of %d: gathered %d, scanned %d, want %d", k, dimension, id, rows, gathered[i], scanned[id], want)
		}
		sum, size := 0.0, 0.0
		for j, x := range query {
			term := float64(x) * float64(matrix[int(id)*floatStride+j])
			sum, size = sum+term, size+math.Abs(term)
		}
		if math.Abs(float64(floats[i])-sum) > 1e-5*size {
			t.Fatalf("%s, dimension %d: %g, want %g", k, dimension, floats[i], sum)
		}
	}
}

func TestWordsAreTheirParts(t *testing.T) {
	t.Parallel()
	q := newQuantisedQuery(1)
	for w := -queryMax; w <= queryMax; w++ {
		q.words[0] = int16(w)
		q.split()
		if got := 128*int(q.parts[0]) + int(q.parts[codeBlock]); got != w || int(q.bias) != 128*w {
			t.Fatalf("parts of %d make %d, bias %d", w, got, q.bias)
		}
	}
}

func BenchmarkKernels(b *testing.B) {
	const rows = 1024
	for _, k := range kernels() {
		for _, d := range []int{64, 128, 512} {
			q := newQuantisedQuery(d)
			codes, ids, out := make([]uint8, rows*blocks(d, codeBlock)), make([]int32, 32), make([]int32, rows)
			matrix, query, floats := make([]float32, rows*d), make([]float32, d), make([]float32, 32)
			for i := range ids {
				ids[i] = int32(i * 31)
			}
			b.Run(fmt.Sprintf("%s/%d/gather 32 rows of bytes", k, d), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					k.gatherBytes(q, codes, ids, out)
				}
			})
			b.Run(fmt.Sprintf("%s/%d/scan 1024 rows of bytes", k, d), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					k.scanBytes(q, codes, out)
				}
			})
			b.Run(fmt.Sprintf("%s/%d/gather 32 rows of float32", k, d), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					k.gatherFloats(query, matrix, ids, floats)
				}
			})
		}
	}
}
