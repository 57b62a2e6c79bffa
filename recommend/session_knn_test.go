package recommend

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/peakday/peakday/events"
)

// someVisits are sessions of one to eight items, none twice in a row: what a
// study keeps as it is.
func someVisits(seed uint64, n, items int) [][]int32 {
	rng := rand.New(rand.NewPCG(seed, 9))
	out := make([][]int32, n)
	for v := range out {
		for range 1 + rng.IntN(8) {
			item := int32(rng.IntN(items))
			if len(out[v]) == 0 || out[v][len(out[v])-1] != item {
				out[v] = append(out[v], item)
			}
		}
	}
	return out
}

func studyVisits(visits [][]int32, items int) *Dataset {
	name := func(i int32) events.ItemID { return events.ItemID(fmt.Sprintf("i%03d", i)) }
	var more []events.ItemID
	for i := range items {
		more = append(more, name(int32(i)))
	}
	return NewDataset(func(yield func(Interaction) bool) {
		for v, visit := range visits {
			for at, item := range visit {
				in := Interaction{
					Visitor: events.Unit{Kind: events.User, ID: events.UnitID(fmt.Sprintf("v%04d", v))},
					Item:    name(item), Time: time.Unix(int64(1000*v+at), 0),
				}
				if !yield(in) {
					return
				}
			}
		}
	}, more...)
}

// bruteSessions is the formula of Sessions, visit by visit.
func bruteSessions(visits [][]int32, history []HistoryItem, how SessionKNN, items int) []float64 {
	type neighbour struct {
		visit, shared int
		likeness      float64
	}
	count := make([]int, items)
	for _, v := range visits {
		for _, item := range v {
			count[item]++
		}
	}
	var all []neighbour
	for v, visit := range visits {
		n := neighbour{visit: v, shared: -1}
		for _, t := range history {
			for step := len(visit) - 1; step >= 0; step-- {
				if visit[step] == int32(t.Slot) {
					if n.shared < 0 {
						n.shared = step
					}
					n.likeness += t.Weight * math.Pow(how.Decay, float64(t.Moment))
					break
				}
			}
		}
		if n.shared >= 0 {
			n.likeness *= math.Pow(float64(len(visit)), -how.Length)
			all = append(all, n)
		}
	}
	slices.SortStableFunc(all, func(a, b neighbour) int { return cmp.Compare(float32(b.likeness), float32(a.likeness)) })
	out := make([]float64, items)
	for _, n := range all[:min(len(all), how.Neighbours)] {
		for step, item := range visits[n.visit] {
			out[item] += n.likeness * math.Pow(how.Near, math.Abs(float64(step-n.shared))) * math.Pow(float64(count[item]), -how.Damp)
		}
	}
	return out
}

func TestSessionsScoreAsTheFormulaSays(t *testing.T) {
	t.Parallel()
	const items = 30
	visits := someVisits(1, 200, items)
	sessions := studyVisits(visits, items).Sessions()
	for _, how := range []SessionKNN{
		{Sample: 1000, Neighbours: 1000, Decay: 0.5, Near: 0.7, Length: 0.5, Damp: 0.25},
		{Sample: 1000, Neighbours: 1000, Decay: 1, Near: 1, Length: 0, Damp: 0},
	} {
		var scratch SessionScratch
		for query := range 20 {
			history := []HistoryItem{{Slot: Slot(query % items), Weight: 1}, {Slot: Slot((query + 7) % items), Moment: 1, Weight: 2}}
			want := bruteSessions(visits, history, how, items)
			got := make([]float32, items)
			sessions.Gather(history, how, &scratch, got)
			for i := range got {
				if math.Abs(float64(got[i])-want[i]) > 1e-4*(1+want[i]) {
					t.Fatalf("%+v, query %d: item %d scores %g, want %g", how, query, i, got[i], want[i])
				}
			}
		}
	}
}

func TestSessionsLookAtTheNewestVisitsOnly(t *testing.T) {
	t.Parallel()
	// Item 0 leads to 1 in the oldest visit and to 2 in the two newer ones.
	sessions := studyVisits([][]int32{{0, 1}, {0, 2}, {0, 2}}, 3).Sessions()
	how := DefaultSessionKNN()
	how.Sample = 2
	got := make([]float32, 3)
	sessions.Gather([]HistoryItem{{Weight: 1}}, how, &SessionScratch{}, got)
	if got[1] != 0 || got[2] <= 0 {
		t.Errorf("scores %v: the oldest visit counts, or the newer ones do not", got)
	}
}

func TestHistoryHasEachItemOnceByTheStrongestAction(t *testing.T) {
	t.Parallel()
	got := HistoryOf(nil, []IndexedStep{{Item: 1, Action: Buy, At: 1}, {Item: 2, At: 2}, {Item: 3, At: 2}, {Item: 1, At: 3}})
	want := []HistoryItem{{Slot: 1, Weight: 4, Action: Buy}, {Slot: 3, Moment: 1, Weight: 1}, {Slot: 2, Moment: 1, Weight: 1}}
	if !slices.Equal(got, want) {
		t.Errorf("tastes %v, want %v", got, want)
	}
}
