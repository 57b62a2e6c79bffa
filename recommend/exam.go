package recommend

import (
	"cmp"
	"context"
	"iter"
	"math"
	"slices"
	"time"

	"github.com/spaolacci/murmur3"

	"github.com/peakday/peakday/events"
)

// Exam is what some visitors did at last, kept from training, so that models
// can be asked what comes next and be compared. The same visitors sit it every
// time (one in 20, by a hash): what a model of yesterday was trained on does
// not contain what they are asked about today.
type Exam struct {
	since    time.Time
	catalog  *Catalog
	trends   *Trends // as they were then
	visitors map[events.Unit]*paper
}

// paper is the question to one visitor: what was done before, and what came.
type paper struct {
	before []Interaction
	next   []events.ItemID
}

const (
	examined      = 20 // one visitor in so many
	mostPapers    = 2000
	examHistory   = 50
	examPlaces    = 20 // of recall
	examTop       = 10 // of NDCG
	enoughPapers  = 100
	noiseInErrors = 2 // by how many standard errors one model must be worse
)

// HoldOut gives interactions without what the examined visitors did after
// since; reading them fills the exam. catalog says what models may know of
// items; nil: nothing.
func HoldOut(interactions iter.Seq[Interaction], since time.Time, catalog *Catalog) (rest iter.Seq[Interaction], exam *Exam) {
	if catalog == nil {
		catalog = NewCatalog(NewRegister(), "", "")
	}
	exam = &Exam{since: since, catalog: catalog, visitors: map[events.Unit]*paper{}}
	rest = func(yield func(Interaction) bool) {
		clear(exam.visitors)
		exam.trends = NewTrends(catalog.register, "")
		for in := range interactions {
			if age := since.Sub(in.Time); age >= 0 && age < freshFor*time.Second {
				exam.trends.count(in)
			}
			if exam.keeps(in) {
				continue
			}
			if !yield(in) {
				return
			}
		}
	}
	return rest, exam
}

// keeps notes an interaction of an examined visitor, and reports whether it is
// kept from training.
func (e *Exam) keeps(in Interaction) bool {
	if in.Visitor.ID == "" || murmur3.Sum64([]byte(in.Visitor.ID))%examined != 0 {
		return false
	}
	p := e.visitors[in.Visitor]
	if p == nil {
		if len(e.visitors) == mostPapers*2 {
			return false
		}
		p = &paper{}
		e.visitors[in.Visitor] = p
	}
	if !in.Time.After(e.since) {
		p.before = append(p.before, in)
		return false
	}
	if !slices.Contains(p.next, in.Item) {
		p.next = append(p.next, in.Item)
	}
	return true
}

// Marks are how a model did in an exam: the means over its papers.
type Marks struct {
	Papers int
	Recall float64 // of 20 places
	NDCG   float64 // of 10 places

	each []float64 // NDCG by paper
}

// Marks asks a model what came next, of all items that it knows and the
// visitor had neither bought nor put into the cart.
func (e *Exam) Marks(m *Model) Marks {
	policy := DefaultPolicy()
	return e.marks(m, &policy)
}

// PopularityMarks asks for what is most popular, which is what to beat.
func (e *Exam) PopularityMarks(m *Model) Marks {
	return e.marks(m, &Policy{Weights: []Weight{{SourcePopularity, 1}}})
}

func (e *Exam) marks(m *Model, policy *Policy) Marks {
	s := newStage(m, e.catalog, e.trends).serve(policy)
	papers := e.papers()
	type mark struct{ recall, ndcg float64 }
	each := make([]mark, len(papers))
	_ = inShards(context.Background(), len(papers), 16, func(_, from, to int) {
		d := s.desks.Get().(*desk)
		defer s.desks.Put(d)
		for i := from; i < to; i++ {
			papers[i].sit(s, d, e.since)
			each[i].recall, each[i].ndcg = papers[i].mark(d)
		}
	})
	out := Marks{Papers: len(papers)}
	for _, m := range each {
		out.Recall += m.recall / float64(len(papers))
		out.NDCG += m.ndcg / float64(len(papers))
		out.each = append(out.each, m.ndcg)
	}
	return out
}

// papers lists those with something before and something after, in a fixed
// order.
func (e *Exam) papers() []*paper {
	type sat struct {
		visitor events.Unit
		*paper
	}
	var all []sat
	for v, p := range e.visitors {
		if p.ready() {
			all = append(all, sat{v, p})
		}
	}
	slices.SortFunc(all, func(a, b sat) int {
		x, y := murmur3.Sum64([]byte(a.visitor.ID)), murmur3.Sum64([]byte(b.visitor.ID))
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return compareBool(a.visitor.Kind > b.visitor.Kind, b.visitor.Kind > a.visitor.Kind)
	})
	out := make([]*paper, min(len(all), mostPapers))
	for i := range out {
		out[i] = all[i].paper
	}
	return out
}

// ready leaves out of what came next what would not have been shown, and
// reports whether there is something before it and something left.
func (p *paper) ready() bool {
	slices.SortFunc(p.before, func(a, b Interaction) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Item, b.Item), cmp.Compare(a.Action, b.Action))
	})
	p.next = slices.DeleteFunc(p.next, func(item events.ItemID) bool {
		return slices.ContainsFunc(p.before, func(in Interaction) bool { return in.Item == item && in.Action >= Cart })
	})
	return len(p.before) > 0 && len(p.next) > 0
}

// sit leaves on the desk what is proposed for the visitor.
func (p *paper) sit(s *stage, d *desk, at time.Time) {
	var steps []step
	for _, in := range p.before[max(0, len(p.before)-examHistory):] {
		next := step{item: int32(s.catalog.register.Enter(in.Item)), action: in.Action, second: in.Time.Unix()}
		if n := len(steps); n > 0 {
			next.group = steps[n-1].group
			if next.second != steps[n-1].second {
				next.group++
			}
		}
		steps = append(steps, next)
	}
	var had []Slot
	for _, slot := range hidden(steps) {
		had = append(had, Slot(slot))
	}
	d.tastes = tastesOf(d.tastes, steps, DefaultPolicy().HistoryHalfLife, func(slot int32) Slot { return Slot(slot) })
	s.ask(d, Past{d.tastes, deedsIn(steps), had}, at)
}

// mark compares the candidates on the desk with what came.
func (p *paper) mark(d *desk) (recall, ndcg float64) {
	top := best{limit: examPlaces}
	for i := range d.candidates {
		top.offer(int32(i), float32(d.candidates[i].score))
	}
	hits := 0
	for place, s := range top.ranked() {
		if !slices.Contains(p.next, d.filter.catalog.register.Item(d.candidates[s.index].slot)) {
			continue
		}
		hits++
		if place < examTop {
			ndcg += gain(float64(place))
		}
	}
	return float64(hits) / float64(min(examPlaces, len(p.next))), ndcg / idealGain(len(p.next))
}

// gain is what an item adds to DCG at a place, the first being 0.
func gain(place float64) float64 { return 1 / math.Log2(place+2) }

// idealGain is DCG@10 when so many items are wanted and stand first.
func idealGain(wanted int) (sum float64) {
	for place := range min(examTop, wanted) {
		sum += gain(float64(place))
	}
	return sum
}

// WorseThan reports whether m did worse than another model in the same exam, by
// more than chance explains: the mean difference of the papers' NDCG lies more
// than two standard errors below 0. Of few papers nothing can be said.
func (m Marks) WorseThan(other Marks) bool {
	if len(m.each) != len(other.each) || len(m.each) < enoughPapers {
		return false
	}
	n := float64(len(m.each))
	mean, squares := 0.0, 0.0
	for i, v := range m.each {
		mean += (v - other.each[i]) / n
	}
	for i, v := range m.each {
		d := v - other.each[i] - mean
		squares += d * d
	}
	return mean < -noiseInErrors*math.Sqrt(squares/(n*(n-1)))
}
