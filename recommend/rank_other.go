//go:build !amd64

package recommend

// scoreGroups adds to into what the trees say of groups of candidates.
func scoreGroups(cells []float32, width int, p *packed, into []float32) {
	scoreGroupsGo(cells, width, p, into)
}
