package ann

// slotTable maps ids to slots: pages of 1024 ids, made when needed. Ids that are
// dense cost 4 bytes each.
type slotTable struct {
	pages []*page
}

const pageSize = 1024

// page holds slot+1 for each id, 0 where there is none.
type page [pageSize]int32

func (n *slotTable) get(id uint32) (slot int32, ok bool) {
	p := int(id / pageSize)
	if p >= len(n.pages) || n.pages[p] == nil {
		return 0, false
	}
	s := n.pages[p][id%pageSize]
	return s - 1, s != 0
}

func (n *slotTable) set(id uint32, slot int32) {
	p := int(id / pageSize)
	if p >= len(n.pages) {
		n.pages = append(n.pages, make([]*page, p+1-len(n.pages))...)
	}
	if n.pages[p] == nil {
		n.pages[p] = new(page)
	}
	n.pages[p][id%pageSize] = slot + 1
}

func (n *slotTable) remove(id uint32) {
	if _, ok := n.get(id); ok {
		n.pages[id/pageSize][id%pageSize] = 0
	}
}

func (n *slotTable) bytes() int {
	b := 8 * cap(n.pages)
	for _, p := range n.pages {
		if p != nil {
			b += 4 * pageSize
		}
	}
	return b
}
