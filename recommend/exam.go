package recommend

import (
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
// since; reading them fills the exam.
func HoldOut(interactions iter.Seq[Interaction], since time.Time) (rest iter.Seq[Interaction], exam *Exam) {
	exam = &Exam{since: since, visitors: map[events.Unit]*paper{}}
	rest = func(yield func(Interaction) bool) {
		clear(exam.visitors)
		for in := range interactions {
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

// Marks asks a model what came next, of all items that it knows.
func (e *Exam) Marks(m *Model) Marks { return e.marks(m, DefaultPolicy().Weights) }

// PopularityMarks asks for what is most popular, which is what to beat.
func (e *Exam) PopularityMarks(m *Model) Marks {
	return e.marks(m, []Weight{{SourcePopularity, 1}})
}

func (e *Exam) marks(m *Model, weights []Weight) Marks {
	catalog := NewCatalog(NewRegister(), "", "")
	r := &Recommender{catalog: catalog, trends: NewTrends(catalog.register, "")}
	in := install(m, catalog)
	sources := r.sources(in, weights, LastWeek)
	d := &desk{}
	out := Marks{}
	for _, p := range e.papers() {
		d.begin(catalog, "", "", nil)
		d.filter.open = true
		ask := Ask{History: p.tastes(catalog.register)}
		if len(sources) > 0 {
			d.blend(&ask, sources, 100)
		}
		recall, ndcg := p.mark(d)
		out.Recall += recall
		out.NDCG += ndcg
		out.each = append(out.each, ndcg)
	}
	out.Papers = len(out.each)
	if out.Papers > 0 {
		out.Recall /= float64(out.Papers)
		out.NDCG /= float64(out.Papers)
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
		if len(p.before) > 0 && len(p.next) > 0 {
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

func (p *paper) tastes(r *Register) []Taste {
	slices.SortStableFunc(p.before, func(a, b Interaction) int { return a.Time.Compare(b.Time) })
	var steps []Step
	for _, in := range p.before[max(0, len(p.before)-examHistory):] {
		steps = append(steps, Step{in.Item, in.Action})
	}
	return history(nil, r, &Profile{}, steps, 0)
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
			ndcg += 1 / math.Log2(float64(place)+2)
		}
	}
	ideal := 0.0
	for place := range min(examTop, len(p.next)) {
		ideal += 1 / math.Log2(float64(place)+2)
	}
	return float64(hits) / float64(min(examPlaces, len(p.next))), ndcg / ideal
}

// WorseThan reports whether m did worse than another model in the same exam, by
// more than chance explains: the mean difference of the papers' NDCG lies more
// than two standard errors below 0. Of few papers nothing can be said.
func (m Marks) WorseThan(other Marks) bool {
	n := float64(len(m.each))
	if len(m.each) != len(other.each) || len(m.each) < enoughPapers {
		return false
	}
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
