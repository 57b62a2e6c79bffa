package recommend

import "math/rand/v2"

// interleave lets two rankings take turns to pick items: in each round a coin
// says which goes first, and each picks its best item that is not picked yet
// (team draft; Radlinski, Kurup and Joachims, CIKM 2008). Each item knows the
// team that picked it. Equal rankings win equally often.
func interleave(a, b []Recommended, limit int, seed uint64) []Recommended {
	rng := rand.New(rand.NewPCG(seed, 0x7465616d))
	teams := [2][]Recommended{a, b}
	picked := map[string]bool{}
	out := make([]Recommended, 0, limit)
	pick := func(team int) bool {
		for len(teams[team]) > 0 {
			it := teams[team][0]
			teams[team] = teams[team][1:]
			if !picked[string(it.Item)] {
				picked[string(it.Item)] = true
				it.Team = team
				out = append(out, it)
				return true
			}
		}
		return false
	}
	for len(out) < limit {
		first := rng.IntN(2)
		some := pick(first)
		if len(out) < limit && pick(1-first) {
			some = true
		}
		if !some {
			break
		}
	}
	most := 0.0
	for i := len(out) - 1; i >= 0; i-- {
		most = max(most, out[i].Score)
		out[i].Score = most
	}
	return out
}
