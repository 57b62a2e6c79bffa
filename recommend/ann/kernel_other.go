//go:build !amd64

package ann

func fastest() kernel { return kernelGo }

func (kernel) gatherBytes(q *quantisedQuery, codes []uint8, ids, out []int32) {
	gatherBytesGo(q.words, codes, ids, out)
}

func (kernel) scanBytes(q *quantisedQuery, codes []uint8, out []int32) {
	scanBytesGo(q.words, codes, out)
}

func (kernel) gatherFloats(query, rows []float32, ids []int32, out []float32) {
	gatherFloatsGo(query, rows, ids, out)
}
