package recommend

import (
	"context"
	"fmt"
	"iter"
	"math"

	"github.com/peakday/peakday/events"
)

// Dataset is interactions made ready for learning, so that the parts of a model
// can be learned from them again and again under other settings. Train learns
// all parts at once.
type Dataset struct {
	corpus *corpus
	matrix *interactionMatrix
}

// NewDataset sorts interactions by visitor and time. Items that nobody touched
// get a number if more names them.
func NewDataset(interactions iter.Seq[Interaction], more ...events.ItemID) *Dataset {
	c := newCorpus(interactions, more...)
	return &Dataset{c, c.matrix()}
}

// Popularity is the weight of all that was done with each item.
func (s *Dataset) Popularity() []float32 { return s.corpus.popularity() }

// Transitions learns the sequential rules: of each item the limit best.
func (s *Dataset) Transitions(ctx context.Context, how TransitionRules, limit int) (*Links, error) {
	l, err := s.corpus.transitions(ctx, how, limit)
	if err != nil {
		return nil, fmt.Errorf("learn transitions: %w", err)
	}
	return &Links{l}, nil
}

// Similar learns which items are alike: of each item the limit most similar.
func (s *Dataset) Similar(ctx context.Context, how ItemSimilarity, limit int) (*Links, error) {
	l, err := s.matrix.similar(ctx, how, limit)
	if err != nil {
		return nil, fmt.Errorf("learn likeness: %w", err)
	}
	return &Links{l}, nil
}

// Links say for each item which items it leads to, and how strongly.
type Links struct{ links links }

// Gather adds to sums, one an item, what the newest items of a history lead
// to. A moment further back weighs decay times as much.
func (l *Links) Gather(history []HistoryItem, decay float64, sums []float32) {
	for _, t := range history[:min(len(history), linkedItems)] {
		weight := Faded(t, decay)
		to, score := l.links.of(int32(t.Slot))
		for i, other := range to {
			sums[other] += weight * score[i]
		}
	}
}

// Faded is what an item of the history weighs when a moment further back weighs
// decay times as much.
func Faded(t HistoryItem, decay float64) float32 {
	return float32(t.Weight * math.Pow(decay, float64(t.Moment)))
}

// fading are the first powers of a decay: to compute them for each item of a
// history takes longer than to add up what the item leads to.
type fading [maxHistory]float64

func newFading(decay float64) (f fading) {
	for moment := range f {
		f[moment] = math.Pow(decay, float64(moment))
	}
	return f
}

// of is Faded.
func (f *fading) of(t HistoryItem) float32 {
	return float32(t.Weight * f[min(t.Moment, maxHistory-1)])
}

// IndexedStep is one action of a visitor, on the item with a number of a Dataset.
type IndexedStep struct {
	Item   int32
	Action Action
	At     int64 // any rising measure of time; steps with the same are one moment
}

// HistoryOf turns a visitor's steps, oldest first, into what sources are asked
// with: each item once, the newest first, by its strongest action.
func HistoryOf(into []HistoryItem, steps []IndexedStep) []HistoryItem {
	into = into[:0]
	moment := 0
	for i := len(steps) - 1; i >= 0; i-- {
		s := steps[i]
		if i < len(steps)-1 && s.At != steps[i+1].At {
			moment++
		}
		if at := indexInHistory(into, Slot(s.Item)); at >= 0 {
			into[at].Weight, into[at].Action = max(into[at].Weight, s.Action.weight()), max(into[at].Action, s.Action)
		} else if len(into) < maxHistory {
			into = append(into, HistoryItem{Slot(s.Item), moment, s.Action.weight(), s.Action, s.At / 1e6})
		}
	}
	return into
}

// RecentActionsIn counts the moments of the last half hour among a visitor's steps,
// oldest first, whose times are in microseconds; all of them where times are
// but an order.
func RecentActionsIn(steps []IndexedStep) int {
	n := 0
	for i := len(steps) - 1; i >= 0 && steps[len(steps)-1].At-steps[i].At < recentSeconds*1e6; i-- {
		if i == len(steps)-1 || steps[i].At != steps[i+1].At {
			n++
		}
	}
	return n
}

func indexInHistory(past []HistoryItem, slot Slot) int {
	for i := range past {
		if past[i].Slot == slot {
			return i
		}
	}
	return -1
}
