package main

import (
	"fmt"
	"runtime"
	"slices"

	"github.com/peakday/peakday/recommend/ann"
)

func (m *annRun) asked() int { return min(len(m.queries)/m.dimension, m.most) }

// answers are those of all queries.
func (m *annRun) answers(options ann.SearchOptions, filter ann.Bitmap) [][]ann.Hit {
	out := make([][]ann.Hit, m.asked())
	for i := range out {
		out[i] = m.index.SearchWith(options, m.query(i), m.k, filter, nil)
	}
	return out
}

// recallOf is the share of truth that was found.
func recallOf(got, truth [][]ann.Hit) float64 {
	found, all := 0, 0
	for i, want := range truth {
		all += len(want)
		for _, h := range got[i] {
			if slices.ContainsFunc(want, func(w ann.Hit) bool { return w.ID == h.ID }) {
				found++
			}
		}
	}
	return float64(found) / float64(max(all, 1))
}

// once is the processor time of one search, in seconds, over all queries.
func (m *annRun) once(options ann.SearchOptions, filter ann.Bitmap) float64 {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	began := threadCPU()
	for i := range m.asked() {
		m.hits = m.index.SearchWith(options, m.query(i), m.k, filter, m.hits)
	}
	return (threadCPU() - began).Seconds() / float64(m.asked())
}

// often is the median of the repeats.
func (m *annRun) often(options ann.SearchOptions, filter ann.Bitmap) float64 {
	all := make([]float64, m.repeats)
	for i := range all {
		all[i] = m.once(options, filter)
	}
	return medianOf(all)
}

func medianOf(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

// breadthFor is the least breadth that reaches the recall, or the largest tried.
func (m *annRun) breadthFor(recall float64, of func(breadth int) (float64, error)) (breadth int, reached float64, err error) {
	const most = 2048
	least := m.k
	for breadth = least; ; breadth = min(breadth*3/2, most) {
		if reached, err = of(breadth); err != nil || breadth == most || reached >= recall {
			break
		}
		least = breadth + 1
	}
	for err == nil && least < breadth {
		middle, at := (least+breadth)/2, 0.0
		if at, err = of(middle); at >= recall {
			breadth, reached = middle, at
		} else {
			least = middle + 1
		}
	}
	return breadth, reached, err
}

func (m *annRun) ourRecall(breadth int) (float64, error) {
	return recallOf(m.answers(ann.SearchOptions{Breadth: breadth, Path: ann.Graph}, nil), m.truth), nil
}

func (m *annRun) theirRecall(breadth int) (float64, error) {
	a, err := m.peer.ask(annCommand{Do: "search", Breadth: breadth, K: m.k, Queries: m.asked(), Labels: true})
	if err != nil {
		return 0, err
	}
	got := make([][]ann.Hit, len(a.Labels))
	for i, labels := range a.Labels {
		for _, id := range labels {
			got[i] = append(got[i], ann.Hit{ID: id})
		}
	}
	return recallOf(got, m.truth), nil
}

// compare measures both at the breadths that reach the same recalls.
func (m *annRun) compare() error {
	for _, recall := range []float64{0.95, 0.98, 0.99} {
		ours, reached, err := m.breadthFor(recall, m.ourRecall)
		if err != nil {
			return err
		}
		what := fmt.Sprintf("queries/s at recall@%d of %.2f", m.k, recall)
		if m.peer == nil {
			m.rates(fmt.Sprintf("%s (breadth %d: %.4f)", what, ours, reached), what, m.often(ann.SearchOptions{Breadth: ours, Path: ann.Graph}, nil), 0, 0)
			continue
		}
		theirs, theirReached, err := m.breadthFor(recall, m.theirRecall)
		if err != nil {
			return err
		}
		long := fmt.Sprintf("%s (breadth %d: %.4f; theirs %d: %.4f)", what, ours, reached, theirs, theirReached)
		if err := m.interleave(long, what, ours, theirs); err != nil {
			return err
		}
	}
	return nil
}

// interleave lets both take turns, so that a slow spell of the machine meets
// both; the ratio is the median of the pairs'.
func (m *annRun) interleave(long, short string, ours, theirs int) error {
	var a, b, ratios []float64
	for range m.repeats {
		mine := m.once(ann.SearchOptions{Breadth: ours, Path: ann.Graph}, nil)
		answer, err := m.peer.ask(annCommand{Do: "search", Breadth: theirs, K: m.k, Queries: m.asked()})
		if err != nil {
			return err
		}
		other := answer.CPU / float64(m.asked())
		a, b, ratios = append(a, mine), append(b, other), append(ratios, other/mine)
	}
	m.rates(long, short, medianOf(a), medianOf(b), medianOf(ratios))
	return nil
}

func (m *annRun) rates(long, short string, ours, theirs, ratio float64) {
	m.value(short, 1/ours)
	if theirs == 0 {
		m.add(long, fmt.Sprintf("%.0f", 1/ours), "missing", "")
		return
	}
	m.value(short+", ratio", ratio)
	m.add(long, fmt.Sprintf("%.0f", 1/ours), fmt.Sprintf("%.0f", 1/theirs), fmt.Sprintf("%.2f", ratio))
}
