package offline

import (
	"math/rand/v2"
	"slices"
)

// split splits a set into training and the cases of the test. dropped counts
// what the test holds but cannot ask for: users without any history, items
// that a user already has.
func (s *Set) split(p Protocol) (train *Set, cases []Case, dropped int) {
	split := s.splitter(p)
	train = &Set{Items: s.Items, Attributes: s.Attributes, TargetOnly: s.TargetOnly}
	for _, v := range s.Visitors {
		kept, tested := split(v)
		var more []Case
		switch {
		case p.Session && len(tested) > 0:
			more = nextItems(append(slices.Clip(kept), tested...), len(kept))
		case !p.Session && len(tested) > 0:
			if c, ok := newCase(kept, tested, len(train.Visitors)); ok {
				more = []Case{c}
			} else {
				dropped++
			}
		}
		cases = append(cases, more...)
		if len(kept) > 0 {
			train.Visitors = append(train.Visitors, Visitor{v.ID, kept})
		}
	}
	return train, cases, dropped
}

// splitter splits a visitor's steps into those for training and those for the
// test.
func (s *Set) splitter(p Protocol) func(Visitor) (kept, tested []Step) {
	switch p.Split {
	case ByTime:
		edge := s.quantile(p.Share, p.Session)
		if p.Session {
			return func(v Visitor) (kept, tested []Step) {
				if v.Steps[0].At > edge {
					return nil, v.Steps
				}
				return v.Steps, nil
			}
		}
		return func(v Visitor) (kept, tested []Step) {
			at := slices.IndexFunc(v.Steps, func(s Step) bool { return s.At > edge })
			if at < 0 {
				return v.Steps, nil
			}
			return v.Steps[:at:at], v.Steps[at:]
		}
	case ByMark:
		return func(v Visitor) (kept, tested []Step) {
			for _, s := range v.Steps {
				if s.test {
					tested = append(tested, s)
				} else {
					kept = append(kept, s)
				}
			}
			return kept, tested
		}
	}
	return func(v Visitor) (kept, tested []Step) { return cutLast(v.Steps) }
}

// cutLast keeps what comes before the last target step, if there is anything
// before it. What comes after it is for neither.
func cutLast(steps []Step) (kept, tested []Step) {
	for at := len(steps) - 1; at > 0; at-- {
		if steps[at].Target {
			return steps[:at:at], steps[at : at+1]
		}
	}
	return steps, nil
}

// takeLast takes the last target step out, if another one stays, and keeps what
// comes after it.
func takeLast(steps []Step) (kept, tested []Step) {
	targets, last := 0, 0
	for i, s := range steps {
		if s.Target {
			targets, last = targets+1, i
		}
	}
	if targets < 2 {
		return steps, nil
	}
	return slices.Concat(steps[:last], steps[last+1:]), steps[last : last+1]
}

// quantile is the time that a share of the rows, or of the sessions' first
// rows, does not exceed.
func (s *Set) quantile(share float64, first bool) int64 {
	var at []int64
	for _, v := range s.Visitors {
		for _, step := range v.Steps {
			at = append(at, step.At)
			if first {
				break
			}
		}
	}
	if len(at) == 0 {
		return 0
	}
	slices.Sort(at)
	return at[max(0, min(len(at)-1, int(share*float64(len(at)))-1))]
}

// newCase asks for the target items that were tested and are not had yet. ok
// is false if there is no such item, or no history to go by.
func newCase(history, tested []Step, visitor int) (c Case, ok bool) {
	c = Case{Visitor: visitor, History: history}
	for _, s := range history {
		if s.Target {
			c.Masked = append(c.Masked, s.Item)
		}
	}
	slices.Sort(c.Masked)
	c.Masked = slices.Compact(c.Masked)
	for _, s := range tested {
		if _, had := slices.BinarySearch(c.Masked, s.Item); s.Target && !had && !slices.Contains(c.Relevant, s.Item) {
			c.Relevant = append(c.Relevant, s.Item)
		}
	}
	return c, len(c.Relevant) > 0 && len(history) > 0
}

// nextItems makes a case of every target step of a session from the given one
// on, the session's first step apart.
func nextItems(steps []Step, from int) []Case {
	var cases []Case
	for i := max(1, from); i < len(steps); i++ {
		if steps[i].Target {
			cases = append(cases, Case{Visitor: -1, History: steps[:i:i], Relevant: []int32{steps[i].Item}})
		}
	}
	return cases
}

// validation splits training once more, in the way in which the test was split
// off, so that settings can be chosen without the test. Where rows say which
// part they are of and have no times, their order in the file is that of time,
// but for other behaviour: files often list that by itself.
func (d *Data) validation(seed uint64) (train *Set, cases []Case) {
	p := d.Protocol
	rng := rand.New(rand.NewPCG(seed, 0x76616c6964))
	switch {
	case p.Session:
		return d.Train.splitSessions(p.Ordered, rng)
	case p.Split == ByMark && !p.Ordered:
		train = &Set{Items: d.Train.Items, Attributes: d.Train.Attributes, TargetOnly: d.Train.TargetOnly}
		for _, v := range d.Train.Visitors {
			kept, tested := takeLast(v.Steps)
			if c, ok := newCase(kept, tested, len(train.Visitors)); ok {
				cases = append(cases, c)
			}
			train.Visitors = append(train.Visitors, Visitor{v.ID, kept})
		}
		return train, cases
	case p.Split == ByMark:
		p.Split = LeaveOneOut
	}
	train, cases, _ = d.Train.split(p)
	return train, cases
}

// heldSessions is the share of training sessions that validate.
const heldSessions = 0.15

// splitSessions takes the newest sessions out, or random ones if there are no
// times.
func (s *Set) splitSessions(ordered bool, rng *rand.Rand) (*Set, []Case) {
	order := rng.Perm(len(s.Visitors))
	if ordered {
		slices.SortStableFunc(order, func(a, b int) int {
			return int(max(-1, min(1, s.Visitors[a].Steps[0].At-s.Visitors[b].Steps[0].At)))
		})
	}
	held := make([]bool, len(s.Visitors))
	for _, v := range order[len(order)-int(heldSessions*float64(len(order))):] {
		held[v] = true
	}
	train := &Set{Items: s.Items, Attributes: s.Attributes, TargetOnly: s.TargetOnly}
	var cases []Case
	for i, v := range s.Visitors {
		if held[i] {
			cases = append(cases, nextItems(v.Steps, 0)...)
		} else {
			train.Visitors = append(train.Visitors, v)
		}
	}
	return train, cases
}

// sample takes at most n of the cases, whole sessions' apart.
func sample(cases []Case, n int, seed uint64) []Case {
	if len(cases) <= n {
		return cases
	}
	picked := rand.New(rand.NewPCG(seed, 0x73616d706c65)).Perm(len(cases))[:n]
	slices.Sort(picked)
	out := make([]Case, n)
	for i, at := range picked {
		out[i] = cases[at]
	}
	return out
}
