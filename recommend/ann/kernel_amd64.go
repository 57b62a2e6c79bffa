package ann

import "golang.org/x/sys/cpu"

// fastest is the best kernel that this processor runs.
func fastest() kernel {
	switch {
	case cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL && cpu.X86.HasAVX512VNNI:
		return kernelVNNI
	case cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL:
		return kernelAVX512
	case cpu.X86.HasAVX2 && cpu.X86.HasFMA:
		return kernelAVX2
	}
	return kernelGo
}

func (k kernel) gatherBytes(q *quantisedQuery, codes []uint8, ids, out []int32) {
	if len(ids) == 0 {
		return
	}
	_ = out[len(ids)-1]
	switch k {
	case kernelVNNI:
		gatherBytesVNNI(&q.parts[0], &codes[0], len(q.words), &ids[0], len(ids), &out[0])
	case kernelAVX512:
		gatherBytesAVX512(&q.words[0], &codes[0], len(q.words), &ids[0], len(ids), &out[0])
	case kernelAVX2:
		gatherBytesAVX2(&q.words[0], &codes[0], len(q.words), &ids[0], len(ids), &out[0])
	default:
		gatherBytesGo(q.words, codes, ids, out)
	}
}

func (k kernel) scanBytes(q *quantisedQuery, codes []uint8, out []int32) {
	if len(out) == 0 {
		return
	}
	_ = codes[len(out)*len(q.words)-1]
	switch k {
	case kernelVNNI:
		scanBytesVNNI(&q.parts[0], &codes[0], len(q.words), len(out), &out[0])
	case kernelAVX512:
		scanBytesAVX512(&q.words[0], &codes[0], len(q.words), len(out), &out[0])
	case kernelAVX2:
		scanBytesAVX2(&q.words[0], &codes[0], len(q.words), len(out), &out[0])
	default:
		scanBytesGo(q.words, codes, out)
	}
}

func (k kernel) gatherFloats(query, rows []float32, ids []int32, out []float32) {
	if len(ids) == 0 {
		return
	}
	_ = out[len(ids)-1]
	switch k {
	case kernelVNNI, kernelAVX512:
		gatherFloatsAVX512(&query[0], &rows[0], 4*len(query), &ids[0], len(ids), &out[0])
	case kernelAVX2:
		gatherFloatsAVX2(&query[0], &rows[0], 4*len(query), &ids[0], len(ids), &out[0])
	default:
		gatherFloatsGo(query, rows, ids, out)
	}
}

//go:noescape
func gatherBytesVNNI(query *int8, codes *uint8, stride int, ids *int32, n int, out *int32)

//go:noescape
func gatherBytesAVX512(query *int16, codes *uint8, stride int, ids *int32, n int, out *int32)

//go:noescape
func gatherBytesAVX2(query *int16, codes *uint8, stride int, ids *int32, n int, out *int32)

//go:noescape
func scanBytesVNNI(query *int8, codes *uint8, stride int, n int, out *int32)

//go:noescape
func scanBytesAVX512(query *int16, codes *uint8, stride int, n int, out *int32)

//go:noescape
func scanBytesAVX2(query *int16, codes *uint8, stride int, n int, out *int32)

//go:noescape
func gatherFloatsAVX512(query *float32, rows *float32, stride int, ids *int32, n int, out *float32)

//go:noescape
func gatherFloatsAVX2(query *float32, rows *float32, stride int, ids *int32, n int, out *float32)
