package ann

// What the steps of a search cost, in nanoseconds for each block of 64 codes,
// measured by `cmd/bench ann` on one core with AVX-512 VNNI. Only their
// ratios matter: they decide between the scan and the graph. Where the kernel is
// slower, the scan and the walk are slower alike.
const (
	scanRow   = 2.0   // a row of the scan
	gatherRow = 8.0   // a row of the scan of the allowed, its look-up included
	graphRow  = 350.0 // a slot that the walk keeps: some 15 codes from anywhere, and the pool
	graphBase = 2500.0

	// graphFrom is the number of vectors from which an index has a graph at all:
	// somewhat below the size at which it begins to win.
	graphFrom = 8192
)

// graphWins reports whether a walk of this breadth is expected to take less time
// than the scan. A block of codes more adds to the row of a scan all it costs,
// and to a step of the walk a tenth.
func (x *Index) graphWins(breadth, allowed int, filtered bool) bool {
	width := float64(x.codeStride / codeBlock)
	scan := float64(x.used) * scanRow * width
	if filtered {
		scan = min(scan, float64(allowed)*gatherRow*(0.8+0.2*width))
	}
	graph := graphBase + float64(breadth)*graphRow*(0.9+0.1*width)
	return graph < scan
}
