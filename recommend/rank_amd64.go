package recommend

import "golang.org/x/sys/cpu"

// scoreGroups adds to into what the trees say of groups of candidates. Every
// processor adds up in the same order, so all give the same bits.
func scoreGroups(cells []float32, width int, p *packed, into []float32) {
	if !cpu.X86.HasAVX2 {
		scoreGroupsGo(cells, width, p, into)
		return
	}
	groups := len(into) / lanes
	_ = cells[groups*lanes*width-1]
	scoreGroupsAVX2(&cells[0], lanes*4*width, groups, &p.feature[0], &p.cut[0], &p.value[0], p.depth, p.trees, &into[0])
}

// scoreGroupsAVX2 needs size bytes a group at cells, trees·depth features and
// cuts, trees·2^depth values, and 8 numbers a group at into.
//
//go:noescape
func scoreGroupsAVX2(cells *float32, size, groups int, feature *int32, cut, value *float32, depth, trees int, into *float32)
