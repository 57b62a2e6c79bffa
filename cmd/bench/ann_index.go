package main

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/peakday/peakday/recommend/ann"
)

// scan measures the exact scan, and from which size the graph wins.
func (m *annRun) scan() {
	scan, graph := m.often(ann.SearchOptions{Path: ann.Scan}, nil), m.often(ann.SearchOptions{Path: ann.Graph}, nil)
	chosen := m.often(ann.SearchOptions{}, nil)
	m.value("exact scan, µs", scan*1e6)
	m.add("exact scan, recall 1", fmt.Sprintf("%.1f µs", scan*1e6), "", "")
	m.add("graph at the default breadth", fmt.Sprintf("%.1f µs", graph*1e6), "", "")
	m.add("as the index chooses", fmt.Sprintf("%.1f µs", chosen*1e6), "", "")
	m.value("exact scan wins below", float64(m.count())*graph/scan)
	m.add("exact scan wins below about", fmt.Sprintf("%.0f vectors", float64(m.count())*graph/scan), "", "")
}

// filtered measures searches among some.
func (m *annRun) filtered() {
	for _, percent := range []int{1, 10, 50} {
		r := rand.New(rand.NewPCG(5, uint64(percent)))
		filter := ann.NewBitmap(m.count())
		for id := range uint32(m.count()) {
			if r.IntN(100) < percent {
				filter.Set(id)
			}
		}
		truth := m.answers(ann.SearchOptions{Path: ann.Scan}, filter)
		recall := recallOf(m.answers(ann.SearchOptions{}, filter), truth)
		took := m.often(ann.SearchOptions{}, filter)
		what := fmt.Sprintf("%d %% allowed", percent)
		m.value(what+", recall", recall)
		m.value(what+", µs", took*1e6)
		m.add(what, fmt.Sprintf("%.1f µs, recall %.4f", took*1e6, recall), "", "")
	}
}

// churn deletes a fifth and inserts as many, one by one, and looks again.
func (m *annRun) churn() error {
	options := ann.SearchOptions{Path: ann.Graph}
	before := recallOf(m.answers(options, nil), m.truth)
	n, r := m.count(), rand.New(rand.NewPCG(6, 6))
	gone := r.Perm(n)[:n/5]
	began := time.Now()
	for i, id := range gone {
		m.index.Delete(uint32(id))
		if err := m.index.Insert(uint32(n+i), m.item(gone[len(gone)-1-i])); err != nil {
			return err
		}
	}
	each := time.Since(began).Seconds() / float64(len(gone))
	after := recallOf(m.answers(options, nil), m.answers(ann.SearchOptions{Path: ann.Scan}, nil))
	took := m.often(options, nil)
	m.value("recall before changes", before)
	m.value("recall after changes", after)
	m.add("recall after 20 % deletes and inserts, before them", fmt.Sprintf("%.4f, %.4f", after, before), "", "")
	m.add("a delete and an insert; a search afterwards", fmt.Sprintf("%.0f µs; %.1f µs", each*1e6, took*1e6), "", "")
	if after < before-0.01 {
		m.r.note("After the changes the recall is more than .01 lower.")
	}
	return nil
}
