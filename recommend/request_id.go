package recommend

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spaolacci/murmur3"

	"github.com/peakday/peakday/events"
)

// Attribution is what a request id says of its answer, so that an event which
// carries the id needs no look-up to be credited:
//
//	r:EXPERIMENT:POLICY:NONCE           one policy
//	r:EXPERIMENT:A:B:NONCE:TEAMS        two that took turns
//
// EXPERIMENT is empty where none chose the policy. TEAMS are 128 bits v such
// that the parity of v AND hash(item) is the team of each item of the answer:
// a linear system over GF(2), with more unknowns than an answer has items.
type Attribution struct {
	Experiment string
	Policies   []string // one, or the two that took turns
	teams      [2]uint64
}

// RequestID makes the id of an answer; nonce tells it from all others.
func RequestID(experiment string, policies []string, items []Recommended, nonce uint64) string {
	if len(policies) < 2 {
		return fmt.Sprintf("r:%s:%s:%016x", experiment, policies[0], nonce)
	}
	v := solveTeams(items)
	return fmt.Sprintf("r:%s:%s:%s:%016x:%016x%016x", experiment, policies[0], policies[1], nonce, v[0], v[1])
}

// ParseRequestID reads a request id. ok is false for one that RequestID did not make.
func ParseRequestID(id string) (s Attribution, ok bool) {
	parts := strings.Split(id, ":")
	if len(parts) != 4 && len(parts) != 6 || parts[0] != "r" {
		return s, false
	}
	s.Experiment = parts[1]
	s.Policies = parts[2 : len(parts)-1]
	if len(parts) == 6 {
		s.Policies = parts[2:4]
		if len(parts[5]) != 32 {
			return s, false
		}
		var err1, err2 error
		s.teams[0], err1 = strconv.ParseUint(parts[5][:16], 16, 64)
		s.teams[1], err2 = strconv.ParseUint(parts[5][16:], 16, 64)
		if err1 != nil || err2 != nil {
			return s, false
		}
	}
	for _, key := range s.Policies {
		if events.CheckKey("", key) != nil {
			return s, false
		}
	}
	return s, s.Experiment == "" || events.CheckKey("", s.Experiment) == nil
}

// Team is which of two policies picked the item, 0 or 1; 0 of a single one. Of
// an item that was not in the answer it is either.
func (s *Attribution) Team(item events.ItemID) int {
	row := teamRow(item)
	return parity(row[0]&s.teams[0]) ^ parity(row[1]&s.teams[1])
}

func teamRow(item events.ItemID) [2]uint64 {
	hi, lo := murmur3.Sum128([]byte(item))
	return [2]uint64{hi, lo}
}

func parity(x uint64) int {
	for shift := 32; shift > 0; shift /= 2 {
		x ^= x >> shift
	}
	return int(x & 1)
}

// solveTeams eliminates row by row; an item whose hash depends on those of the
// items before it (one in 2²⁸ answers of 100) keeps whatever team results.
func solveTeams(items []Recommended) (v [2]uint64) {
	type equation struct {
		row   [2]uint64
		pivot int
		team  int
	}
	bit := func(x [2]uint64, i int) bool { return x[i/64]>>(i%64)&1 == 1 }
	var solved []equation
	for _, it := range items {
		e := equation{row: teamRow(it.Item), team: it.Team, pivot: -1}
		for _, s := range solved {
			if bit(e.row, s.pivot) {
				e.row[0], e.row[1], e.team = e.row[0]^s.row[0], e.row[1]^s.row[1], e.team^s.team
			}
		}
		for i := range 128 {
			if bit(e.row, i) {
				e.pivot = i
				break
			}
		}
		if e.pivot >= 0 {
			solved = append(solved, e)
		}
	}
	for i := len(solved) - 1; i >= 0; i-- {
		e := solved[i]
		rest := parity(e.row[0]&v[0]) ^ parity(e.row[1]&v[1]) // the pivot's own bit is still 0
		if rest != e.team {
			v[e.pivot/64] |= 1 << (e.pivot % 64)
		}
	}
	return v
}
