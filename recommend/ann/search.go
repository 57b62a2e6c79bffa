package ann

import "slices"

// Hit is a vector that was found.
type Hit struct {
	ID    uint32
	Score float32 // the inner product with the query
}

// Search returns the k vectors with the largest inner products with the query,
// largest first and equal ones by id; fewer only if fewer can be found. A nil
// filter allows every id; otherwise only the ids in it are found.
//
// The hits are written over buffer, which may be nil. A query of another
// dimension, or with a number that is not finite, finds nothing.
func (x *Index) Search(query []float32, k int, filter Bitmap, buffer []Hit) []Hit {
	return x.SearchWith(SearchOptions{}, query, k, filter, buffer)
}

// SearchOptions say how to search where the index's own choice is not wanted.
type SearchOptions struct {
	Breadth int // in place of Options.Breadth, unless 0
	Path    Path

	// Unsorted gives the k best in any order, and perhaps some that come right
	// after them: to sort 150 takes as long as to find them among 5,000.
	Unsorted bool
}

// Path is a way of searching.
type Path uint8

// The paths.
const (
	Fastest Path = iota // what is expected to be the fastest
	Scan                // the exact scan
	Graph               // the graph, and the scan only where the graph finds too few
)

// SearchWith is Search in a chosen way.
func (x *Index) SearchWith(options SearchOptions, query []float32, k int, filter Bitmap, buffer []Hit) []Hit {
	hits := buffer[:0]
	if k <= 0 || x.check(query) != nil {
		return hits
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.living == 0 {
		return hits
	}
	s := x.borrow()
	defer x.scratch.Put(s)
	s.set(query)
	allowed := x.living
	if filter != nil {
		allowed = min(filter.Count(), x.living)
	}
	breadth := x.breadth(options, k, allowed)
	if x.ready && (options.Path == Graph || options.Path == Fastest && x.graphWins(breadth, allowed, filter != nil)) {
		if hits, enough := x.searchGraph(s, options, breadth, k, allowed, filter, hits); enough {
			return hits
		}
	}
	return x.scan(s, options, k, allowed, filter, hits)
}

// breadth is how many slots the walk must keep so that the wanted number of
// them can be returned: the best of all slots contain the best of the allowed.
func (x *Index) breadth(options SearchOptions, k, allowed int) int {
	b := options.Breadth
	if b <= 0 {
		b = x.options.Breadth
	}
	b = max(b, k)
	if allowed == 0 {
		return b
	}
	return min(x.used, (b*x.used+allowed-1)/allowed)
}

// searchGraph reports whether it found k, or all.
func (x *Index) searchGraph(s *scratch, options SearchOptions, breadth, k, allowed int, filter Bitmap, hits []Hit) ([]Hit, bool) {
	x.walk(s, breadth)
	most := k + k/2 + (breadth*allowed/x.used)/4 + 8
	s.candidates = s.candidates[:0]
	for _, c := range s.pool {
		if slot := candidateSlot(c); x.allows(filter, slot) {
			if s.candidates = append(s.candidates, slot); len(s.candidates) == most {
				break
			}
		}
	}
	if len(s.candidates) < k {
		return hits, false
	}
	return x.rerank(s, options, k, hits), true
}

func (x *Index) allows(filter Bitmap, slot int32) bool {
	return x.alive.Has(uint32(slot)) && (filter == nil || filter.Has(x.ids[slot]))
}

// rerank turns the best k of s.candidates into hits by their float32 products.
func (x *Index) rerank(s *scratch, options SearchOptions, k int, hits []Hit) []Hit {
	n := len(s.candidates)
	s.exact = slices.Grow(s.exact[:0], n)[:n]
	x.kernel.gatherFloats(s.padded, x.floats, s.candidates, s.exact)
	if options.Unsorted || k > fewHits {
		for i, score := range s.exact {
			hits = append(hits, Hit{x.ids[s.candidates[i]], score})
		}
		if !options.Unsorted {
			hits = sorted(hits, k)
		}
		return hits
	}
	for i, score := range s.exact {
		hit := Hit{x.ids[s.candidates[i]], score}
		if len(hits) == k && !before(hit, hits[k-1]) {
			continue
		}
		if len(hits) < k {
			hits = append(hits, hit)
		}
		at := len(hits) - 1
		for at > 0 && before(hit, hits[at-1]) {
			hits[at] = hits[at-1]
			at--
		}
		hits[at] = hit
	}
	return hits
}

// fewHits is how many are faster kept in order one by one than sorted at the
// end: of 200 hits the sort takes a quarter of the time.
const fewHits = 32

func sorted(hits []Hit, k int) []Hit {
	slices.SortFunc(hits, func(a, b Hit) int {
		if before(a, b) {
			return -1
		}
		return 1
	})
	return hits[:min(k, len(hits))]
}

// before reports whether a stands before b in an answer.
func before(a, b Hit) bool { return a.Score > b.Score || a.Score == b.Score && a.ID < b.ID }
