// Package ann finds the vectors with the largest inner products with a query:
// exactly by a scan of byte codes while that is faster, and by a graph above
// that size. The index chooses by itself.
//
//	            ┌ few vectors, or few allowed ── scan the codes ──────────────┐
//	Search ─────┤                                                             ├─ re-rank by float32
//	            └ many ── entries ── walk the graph on the codes, best first ─┘
//
// A code is a byte a dimension with one scale for all vectors. The scan knows how
// far a code's product can be from the true one and re-ranks every vector that
// might belong to the answer: it is exact. The graph's walk keeps the best
// Breadth vectors that it met, expands the best that is not yet expanded, and
// stops when all are; links are chosen so that they lead in different
// directions, as HNSW does (Malkov and Yashunin 2018, algorithm 4), there are no
// levels: a scan of a sample of the vectors finds where to begin.
//
//	index, err := ann.New(ann.Options{Dimension: 64})
//	err = index.Insert(7, vector)
//	hits := index.Search(query, 10, nil, nil)
//
// Searches run beside one another and beside changes; changes wait for each
// other. With the same seed and the same changes in the same order, the index is
// the same to the last bit, however many goroutines build it.
//
// WriteTo and Read carry an index, with its vectors and links, through a file.
// peakday's service does without: it builds the index of a model anew at its
// start (docs/decisions/0011-own-vector-search.md says what that costs).
//
// amd64 has kernels for AVX2, AVX-512 and VNNI, chosen at run time; elsewhere
// plain Go computes the same codes' products bit for bit.
package ann
