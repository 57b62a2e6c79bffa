package recommend

import (
	"cmp"
	"math"
	"slices"
)

// Sessions are the newest visits of a dataset, to be compared with the one that
// is going on (session-kNN). With w a step's faded weight in the visit and n a
// visit of the past,
//
//	similarity(n) = Σ w(i) over shared items i / |n|^Length
//	score(j)      = Σ over the most similar visits n, similarity(n) · Near^|pos(j)−pos(i)|
//
// where i is the newest shared item (Garg et al., Sequence and Time Aware
// Neighborhood for Session-based Recommendations, SIGIR 2019; without the ages
// of visits).
type Sessions struct {
	starts []int32 // of each visit in items, oldest visit first, and the end
	items  []int32
	at     occurrences // of each item, the newest visit first
}

// SessionKNN are the settings of session-kNN.
type SessionKNN struct {
	Sample     int     // of each item, so many of the newest visits with it are looked at
	Neighbours int     // the most similar that count
	Decay      float64 // of a step of the visit that is going on, one moment further back
	Near       float64 // of a step of a neighbour, one step further from the shared item
	Length     float64 // how much a neighbour's length is held against it, 0 to 1
	Damp       float64 // how much an item's popularity is held against it, 0 to 1
}

// DefaultSessionKNN are settings that suit most shops.
func DefaultSessionKNN() SessionKNN {
	return SessionKNN{Sample: 1000, Neighbours: 200, Decay: 0.7, Near: 0.7, Length: 0.5, Damp: 0}
}

// Sessions lists the visits of the dataset, each visitor being one, by the time
// of their last step.
func (s *Dataset) Sessions() *Sessions { return s.corpus.visitsOf(math.MaxInt64, math.MaxInt, 1) }

// visitsOf lists the newest visits of at least so many steps, with no more than
// so many in all. One ends where the visitor paused for longer than so many
// seconds.
func (c *corpus) visitsOf(pause int64, most, least int) *Sessions {
	var all []span32
	for v := range c.visitors() {
		from, end := c.starts[v], c.starts[v+1]
		for i := from; i < end; i++ {
			if i+1 == end || c.steps[i+1].second-c.steps[i].second > pause {
				if visit := (span32{from, i + 1}); visit.len() >= least {
					all = append(all, visit)
				}
				from = i + 1
			}
		}
	}
	last := func(v span32) int64 { return c.steps[v.end-1].second }
	slices.SortStableFunc(all, func(a, b span32) int { return cmp.Compare(last(a), last(b)) })
	first, total := len(all), 0
	for first > 0 && total+all[first-1].len() <= most {
		first--
		total += all[first].len()
	}
	out := &Sessions{starts: make([]int32, 1, len(all)-first+1), items: make([]int32, 0, total)}
	for _, v := range all[first:] {
		for _, step := range c.steps[v.from:v.end] {
			out.items = append(out.items, step.item)
		}
		out.starts = append(out.starts, int32(len(out.items)))
	}
	out.index(len(c.items))
	return out
}

// span32 is a range of steps.
type span32 struct{ from, end int32 }

func (s span32) len() int { return int(s.end - s.from) }

// index lists for each item where it occurs, the newest visit first and in it
// the newest step.
func (s *Sessions) index(items int) {
	s.at = occurrences{starts: make([]int32, items+1), list: make([]occurrence, len(s.items))}
	for _, item := range s.items {
		s.at.starts[item+1]++
	}
	for i := range items {
		s.at.starts[i+1] += s.at.starts[i]
	}
	next := append([]int32(nil), s.at.starts...)
	for visit := len(s.starts) - 2; visit >= 0; visit-- {
		for step := s.starts[visit+1] - 1; step >= s.starts[visit]; step-- {
			item := s.items[step]
			s.at.list[next[item]] = occurrence{int32(visit), step}
			next[item]++
		}
	}
}

type sessionScores struct {
	visits  []sessionScore
	touched []int32
	best    topK

	how                SessionKNN // for which the powers below are
	near, length, damp powers
}

// sessionScore is how like a visit is. Its fields stand together: most visits are
// not in the cache, and are waited for once.
type sessionScore struct {
	similarity float32
	shared     int32 // the step of the newest shared item
	seen       int32 // the last item, from 1, that it was counted for
}

// Gather adds to sums, one an item, what the most similar visits went on to.
func (s *Sessions) Gather(history []HistoryItem, how SessionKNN, t *SessionScratch, sums []float32) {
	s.gather(history, how, t, func(item int32, score float32) { sums[item] += score })
}

func (s *Sessions) gather(history []HistoryItem, how SessionKNN, t *SessionScratch, add func(item int32, score float32)) {
	t.reset(len(s.starts)-1, how)
	most := float32(0)
	for n, item := range history[:min(len(history), linkedItems)] {
		weight := Faded(item, how.Decay)
		if most = max(most, weight); weight < slight*most && len(t.touched) >= how.Neighbours {
			continue
		}
		s.compare(item.Slot, int32(n+1), weight, how.Sample, &t.sessionScores)
	}
	t.best.reset(how.Neighbours)
	for _, visit := range t.touched {
		length := s.starts[visit+1] - s.starts[visit]
		t.best.offer(visit, t.visits[visit].similarity*t.length.at(int(length)))
	}
	for _, n := range t.best.trim() {
		from, to := s.starts[n.index], s.starts[n.index+1]
		for step := from; step < to; step++ {
			gap := step - t.visits[n.index].shared
			item := s.items[step]
			add(item, n.score*t.near.at(int(max(gap, -gap)))*t.damp.at(int(s.at.count(item))))
		}
	}
	t.end()
}

// slight is the share of the largest weight below which an item of the history
// does not make a visit one of the most similar, where others have shared more.
const slight = 0.01

// compare counts one item of the history for the visits that have it.
func (s *Sessions) compare(item Slot, number int32, weight float32, sample int, t *sessionScores) {
	left := sample
	for _, o := range s.at.of(int32(item)) {
		v := &t.visits[o.visitor]
		switch {
		case v.seen == number:
			continue // the same item again
		case left == 0:
			return
		case v.seen == 0:
			t.touched = append(t.touched, o.visitor)
			v.shared = o.step
		}
		left--
		v.seen = number
		v.similarity += weight
	}
}

// SessionScratch is what Gather works on; it may be used again, by one goroutine
// at a time. The zero value is ready.
type SessionScratch struct{ sessionScores }

func (t *sessionScores) reset(visits int, how SessionKNN) {
	if len(t.visits) < visits {
		t.visits = make([]sessionScore, visits)
	}
	if t.how != how {
		t.how = how
		t.near = powers{of: func(gap float64) float64 { return math.Pow(how.Near, gap) }}
		t.length = powers{of: func(n float64) float64 { return math.Pow(n, -how.Length) }}
		t.damp = powers{of: func(n float64) float64 { return math.Pow(n, -how.Damp) }}
	}
}

// powers remembers a slow function of small numbers.
type powers struct {
	of    func(float64) float64
	known []float32
}

func (p *powers) at(n int) float32 {
	for len(p.known) <= n {
		p.known = append(p.known, float32(p.of(float64(len(p.known)))))
	}
	return p.known[n]
}

func (t *sessionScores) end() {
	for _, visit := range t.touched {
		t.visits[visit] = sessionScore{}
	}
	t.touched = t.touched[:0]
}
