package recommend

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/peakday/peakday/events"
)

// What a ranker is learned from: what some visitors did at last, which the
// other parts of the model do not get to see.
const (
	taughtBy      = 10 // one visitor in so many
	mostLessons   = 4000
	fewestLessons = 200          // teach a ranker
	lessonShare   = 0.25         // of those visitors' steps, the newest, at most
	wantedAhead   = 5            // steps that count as what the visitor wanted then
	wantedFor     = 24 * 60 * 60 // seconds ahead, at most
)

// occasion is a moment at which a visitor wanted something: what the step at
// index at, and the next ones, are about.
type occasion struct {
	steps []step // the visitor's, oldest first
	at    int
}

func (q *occasion) second() int64 { return q.steps[q.at].second }

// lessons parts the corpus into what the sources learn from and occasions for
// a ranker; why there are none otherwise.
func (c *corpus) lessons(how Training) (rest *corpus, occasions []occasion, why string) {
	if how.Accept == nil {
		return c, nil, "nothing was held out to compare a learned ranker with the weights"
	}
	rest, occasions = c.withhold()
	if len(occasions) < fewestLessons {
		return c, nil, fmt.Sprintf("a ranker is learned from %d requests or more, there are %d", fewestLessons, len(occasions))
	}
	return rest, occasions, ""
}

// withRanker gives m a ranker, if there is something to learn it from and it
// is accepted. c is the whole corpus, occasions included.
func (c *corpus) withRanker(ctx context.Context, m *Model, occasions []occasion, why string, how Training) (*Model, error) {
	m.unranked = why
	if why != "" {
		return m, nil
	}
	ranker, err := c.learnRanker(ctx, m, occasions, how)
	if err != nil {
		return nil, fmt.Errorf("learn a ranker: %w", err)
	}
	if ranker == nil {
		m.unranked = "too few of the withheld requests were for something that the sources propose"
		return m, nil
	}
	other := *m
	other.ranker = ranker
	how.tell("compare the ranker with the weights", 0.97)
	if how.Accept(&other, m) {
		return &other, nil
	}
	m.unranked = "the learned ranker did worse than the weights on what was held out"
	return m, nil
}

// Ranking says what orders the candidates of a policy that leaves it to the
// model: the ranker, or weights and why.
func (m *Model) Ranking() string {
	if m.ranker != nil {
		return m.ranker.String()
	}
	return "weights: " + cmp.Or(m.unranked, "without a reason")
}

// Worths says what each source was worth to the ranker; nil without one.
func (m *Model) Worths() []Worth {
	if m.ranker == nil {
		return nil
	}
	return m.ranker.Worths()
}

// withhold parts the corpus into what the sources learn from and occasions,
// oldest first.
func (c *corpus) withhold() (rest *corpus, occasions []occasion) {
	cut := c.lessonCut()
	out := *c
	out.steps, out.starts = make([]step, 0, len(c.steps)), make([]int32, 0, len(c.starts))
	for v := range c.visitors() {
		steps := c.stepsOf(v)
		out.starts = append(out.starts, int32(len(out.steps)))
		kept := len(steps)
		if v%taughtBy == 0 {
			for kept > 0 && steps[kept-1].second > cut {
				kept--
				occasions = append(occasions, occasion{steps, kept})
			}
		}
		out.steps = append(out.steps, steps[:kept]...)
	}
	out.starts = append(out.starts, int32(len(out.steps)))
	slices.SortStableFunc(occasions, func(a, b occasion) int { return cmp.Compare(a.second(), b.second()) })
	return &out, thinned(occasions, mostLessons)
}

// lessonCut is the time behind which steps of the visitors who teach are
// withheld: of four times as many as become lessons, if there are so many.
func (c *corpus) lessonCut() int64 {
	var at []int64
	for v := 0; v < c.visitors(); v += taughtBy {
		for _, s := range c.stepsOf(v) {
			at = append(at, s.second)
		}
	}
	if len(at) == 0 {
		return 0
	}
	slices.Sort(at)
	return at[len(at)-1-min(4*mostLessons, int(lessonShare*float64(len(at))))]
}

// thinned keeps n of a list, evenly.
func thinned[T any](list []T, n int) []T {
	if len(list) <= n {
		return list
	}
	for i := range n {
		list[i] = list[i*len(list)/n]
	}
	return list[:n]
}

// wants lists the items that the visitor came to, as far as they are not
// hidden by then.
func (q *occasion) wants(hidden []int32) []int32 {
	var out []int32
	for _, s := range q.steps[q.at:min(q.at+wantedAhead, len(q.steps))] {
		if s.second > q.second()+wantedFor {
			break
		}
		if !slices.Contains(hidden, s.item) && !slices.Contains(out, s.item) {
			out = append(out, s.item)
		}
	}
	return out
}

// hidden lists the items that a visitor has bought or put into the cart: the
// default policy does not show them.
func hidden(steps []step) []int32 {
	var out []int32
	for _, s := range steps {
		if s.action >= Cart {
			out = append(out, s.item)
		}
	}
	return out
}

// tastesOf is the history that steps make, as history makes it of a profile.
// slot gives an item's slot.
func tastesOf(into []Taste, steps []step, half time.Duration, slot func(int32) Slot) []Taste {
	into = into[:0]
	moment := 0
	for i := len(steps) - 1; i >= 0 && len(into) < maxHistory; i-- {
		s := &steps[i]
		if i < len(steps)-1 && s.group != steps[i+1].group {
			moment++
		}
		if at := slot(s.item); indexOfTaste(into, at) < 0 {
			age := time.Duration(steps[len(steps)-1].second-s.second) * time.Second
			into = append(into, Taste{at, moment, s.action.weight() * halves(age, half), s.action, s.second})
		}
	}
	return into
}

// learnRanker teaches a ranker to order what the sources of m propose. nil
// tells that the occasions are too few.
func (c *corpus) learnRanker(ctx context.Context, m *Model, occasions []occasion, how Training) (*Ranker, error) {
	catalog := how.Catalog
	if catalog == nil {
		catalog = NewCatalog(NewRegister(), "", "")
	}
	stage := newStage(m, catalog, NewTrends(catalog.register, "")).teach()
	lessons, err := c.ask(ctx, stage, occasions, how)
	if err != nil {
		return nil, fmt.Errorf("make lessons: %w", err)
	}
	r, err := LearnRanker(ctx, stage.names(), useful(lessons), how.Ranking)
	var invalid *events.Invalid
	if errors.As(err, &invalid) {
		return nil, nil
	}
	return r, err
}

// ask makes the lessons of the occasions.
func (c *corpus) ask(ctx context.Context, stage *stage, occasions []occasion, how Training) ([]Lesson, error) {
	lessons := make([]Lesson, len(occasions))
	news := c.news(occasions)
	for from := 0; from < len(occasions); from += lessonsAtATime {
		to := min(from+lessonsAtATime, len(occasions))
		news = stage.live(c, news, occasions[from].second())
		err := inShards(ctx, to-from, 16, func(_, first, end int) {
			d := stage.desks.Get().(*desk)
			defer stage.desks.Put(d)
			for i := from + first; i < from+end; i++ {
				rng := rand.New(rand.NewPCG(how.Seed, uint64(i)))
				lessons[i] = stage.lesson(d, &occasions[i], rng)
			}
		})
		if err != nil {
			return nil, err
		}
		how.tell("learn to rank", 0.92+0.04*float64(to)/float64(len(occasions)))
	}
	return lessons, nil
}

// lesson is what an occasion teaches, without wanted items if that is nothing.
func (s *stage) lesson(d *desk, q *occasion, rng *rand.Rand) (l Lesson) {
	before := q.steps[:q.at]
	hidden := hidden(before)
	wanted := q.wants(hidden)
	if len(wanted) == 0 {
		return l
	}
	d.tastes = tastesOf(d.tastes, before, DefaultPolicy().HistoryHalfLife, s.slot)
	s.ask(d, Past{d.tastes, deedsIn(before), s.slots(hidden)}, time.Unix(q.second(), 0))
	l, _ = d.slate.lesson(func(n int) bool {
		number, ok := s.in.number(d.candidates[n].slot)
		return ok && slices.Contains(wanted, number)
	}, rng)
	return l
}

// lessonsAtATime are asked at one state of the trends.
const lessonsAtATime = 400

// useful lists the lessons that teach something.
func useful(lessons []Lesson) []Lesson {
	return slices.DeleteFunc(lessons, func(l Lesson) bool { return len(l.wanted) == 0 })
}

// freshFor is how far back trends are told, in seconds, and mostNews about how
// many steps of all visitors at most.
const (
	freshFor = 4 * 7 * 24 * 60 * 60
	mostNews = 1_000_000
)

// news lists the steps that trends know of, oldest first.
func (c *corpus) news(occasions []occasion) []step {
	if len(occasions) == 0 {
		return nil
	}
	since := max(occasions[0].second()-freshFor, c.timeOfNewest(mostNews))
	var out []step
	for _, s := range c.steps {
		if s.second > since {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b step) int { return cmp.Compare(a.second, b.second) })
	return out
}

// timeOfNewest is the time that about n steps are newer than, by a sample.
func (c *corpus) timeOfNewest(n int) int64 {
	if len(c.steps) <= n {
		return 0
	}
	const sample = 10_000
	at := make([]int64, sample)
	for i := range at {
		at[i] = c.steps[i*len(c.steps)/sample].second
	}
	slices.Sort(at)
	return at[sample-1-n*sample/len(c.steps)]
}
