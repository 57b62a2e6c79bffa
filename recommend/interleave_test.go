package recommend

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/peakday/peakday/events"
)

func ranking(items ...string) []Recommended {
	out := make([]Recommended, len(items))
	for i, item := range items {
		out[i] = Recommended{Item: events.ItemID(item), Score: 1 / float64(i+1)}
	}
	return out
}

func TestTeamDraftIsFair(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(0, 12).Draw(rt, "items")
		shuffle := func(label string) []Recommended {
			names := make([]string, n)
			for i, p := range rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, label), 1)).Perm(n) {
				names[i] = fmt.Sprint("item", p)
			}
			return ranking(names...)
		}
		a, b := shuffle("a"), shuffle("b")
		limit := rapid.IntRange(1, 12).Draw(rt, "limit")
		got := interleave(a, b, limit, rapid.Uint64().Draw(rt, "seed"))
		if len(got) != min(limit, n) {
			rt.Fatalf("%d items of %d, limit %d", len(got), n, limit)
		}
		seen, teams := map[events.ItemID]bool{}, [2]int{}
		for i, it := range got {
			if seen[it.Item] || i > 0 && it.Score > got[i-1].Score {
				rt.Fatalf("%+v", got)
			}
			seen[it.Item] = true
			teams[it.Team]++
		}
		if d := teams[0] - teams[1]; d < -1 || d > 1 {
			rt.Fatalf("teams of %d and %d", teams[0], teams[1])
		}
	})
}

// TestEqualPoliciesWinEquallyOften lets visitors click by position alone, as
// real ones largely do, on lists of two equal rankings.
func TestEqualPoliciesWinEquallyOften(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(5, 5))
	list := ranking("a", "b", "c", "d", "e", "f", "g")
	const visitors = 20_000
	won := [2]int{}
	for range visitors {
		for i, it := range interleave(list, list, 6, rng.Uint64()) {
			if rng.Float64() < 0.5/float64(i+1) {
				won[it.Team]++
				break
			}
		}
	}
	n := float64(won[0] + won[1])
	// Four standard errors of a fair coin.
	if d := float64(won[0])/n - 0.5; d*d > 16*0.25/n {
		t.Errorf("%d to %d", won[0], won[1])
	}
}

func TestARequestIDKnowsTheTeams(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		items := make([]Recommended, rapid.IntRange(0, MaxLimit).Draw(rt, "items"))
		for i := range items {
			items[i] = Recommended{Item: events.ItemID(fmt.Sprint("sku-", i)), Team: rapid.IntRange(0, 1).Draw(rt, "team")}
		}
		id := RequestID("exp", []string{"a.b", "c_d"}, items, rapid.Uint64().Draw(rt, "nonce"))
		s, ok := ParseRequestID(id)
		if !ok || s.Experiment != "exp" || s.Policies[0] != "a.b" || s.Policies[1] != "c_d" || len(id) > 256 {
			rt.Fatalf("%q reads as %+v, %v", id, s, ok)
		}
		for _, it := range items {
			if s.Team(it.Item) != it.Team {
				rt.Fatalf("%s is of team %d", it.Item, s.Team(it.Item))
			}
		}
	})
}

func FuzzParseRequestID(f *testing.F) {
	f.Add("r::default:00000000000000aa")
	f.Add("r:exp:a:b:00000000000000aa:00000000000000000000000000000001")
	f.Fuzz(func(t *testing.T, id string) {
		s, ok := ParseRequestID(id)
		if !ok {
			return
		}
		if len(s.Policies) < 1 || len(s.Policies) > 2 {
			t.Errorf("%q has the policies %v", id, s.Policies)
		}
		s.Team("x")
	})
}
