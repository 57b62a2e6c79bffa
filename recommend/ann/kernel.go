package ann

// A kernel is one way of computing many dot products in one call: a call costs
// as much as two short dot products. Kernels are methods:
//
//	gatherBytes   the query's words times rows ids[i] of a matrix of codes
//	scanBytes     the same with the first len(out) rows
//	gatherFloats  float32 times rows ids[i] of a matrix of float32
//
// Every kernel gives the same integers, bit for bit, and the same float32
// within rounding. ids must be rows of the matrix.
type kernel uint8

const (
	kernelGo     kernel = iota
	kernelAVX2          // 256 bits, widening bytes to words
	kernelAVX512        // 512 bits, widening bytes to words
	kernelVNNI          // 512 bits, multiplying bytes by bytes
)

// String names the instructions.
func (k kernel) String() string {
	switch k {
	case kernelAVX2:
		return "AVX2"
	case kernelAVX512:
		return "AVX-512"
	case kernelVNNI:
		return "AVX-512 VNNI"
	}
	return "Go"
}

// kernels lists those that this processor runs.
func kernels() []kernel {
	var all []kernel
	for k := range fastest() + 1 {
		all = append(all, k)
	}
	return all
}

func gatherBytesGo(words []int16, codes []uint8, ids, out []int32) {
	for i, id := range ids {
		out[i] = dotBytes(words, codes[int(id)*len(words):])
	}
}

func scanBytesGo(words []int16, codes []uint8, out []int32) {
	for i := range out {
		out[i] = dotBytes(words, codes[i*len(words):])
	}
}

func dotBytes(words []int16, codes []uint8) int32 {
	codes = codes[:len(words)]
	sum := int32(0)
	for i, w := range words {
		sum += int32(w) * int32(codes[i])
	}
	return sum
}

func gatherFloatsGo(query, rows []float32, ids []int32, out []float32) {
	for i, id := range ids {
		out[i] = dotFloats(query, rows[int(id)*len(query):])
	}
}

// dotFloats keeps four sums, so that the processor need not wait for each
// addition. Rows are padded to 16 numbers.
func dotFloats(a, b []float32) float32 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float32
	for i := 0; i+3 < len(a); i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	return (s0 + s1) + (s2 + s3)
}
