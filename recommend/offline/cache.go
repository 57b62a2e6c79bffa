package offline

import (
	"iter"
	"strconv"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
)

// cachedSet is a set with what was learned from it, so that two settings which
// share a part learn it once.
type cachedSet struct {
	*Set
	cache map[string]any
}

func newCachedSet(s *Set) *cachedSet { return &cachedSet{s, map[string]any{}} }

// once learns what key names, or gives what was learned before.
func once[T any](s *cachedSet, key string, learn func() (T, error)) (T, error) {
	if v, ok := s.cache[key]; ok {
		return v.(T), nil
	}
	v, err := learn()
	if err == nil {
		s.cache[key] = v
	}
	return v, err
}

// study makes the set's rows ready for learning, all or those to be predicted.
func (s *cachedSet) study(targets bool) *recommend.Dataset {
	study, _ := once(s, "study "+strconv.FormatBool(targets), func() (*recommend.Dataset, error) {
		return recommend.NewDataset(s.interactions(targets), s.Items...), nil
	})
	return study
}

func (s *Set) interactions(targets bool) iter.Seq[recommend.Interaction] {
	return func(yield func(recommend.Interaction) bool) {
		for _, v := range s.Visitors {
			visitor := events.Unit{Kind: events.User, ID: events.UnitID(v.ID)}
			for _, step := range v.Steps {
				if targets && !step.Target {
					continue
				}
				in := recommend.Interaction{Visitor: visitor, Item: s.Items[step.Item], Action: step.Action, Time: time.UnixMicro(step.At)}
				if !yield(in) {
					return
				}
			}
		}
	}
}

// onlyTargets is the history without the other behaviour.
func onlyTargets(query *Query) []recommend.HistoryItem {
	var steps []recommend.IndexedStep
	for _, s := range query.Steps {
		if s.Target {
			steps = append(steps, s.IndexedStep)
		}
	}
	return recommend.HistoryOf(nil, steps)
}

// historyOf is the history as a setting wants it.
func historyOf(query *Query, targets bool) []recommend.HistoryItem {
	if targets {
		return onlyTargets(query)
	}
	return query.History
}
