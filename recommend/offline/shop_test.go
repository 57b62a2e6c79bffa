package offline

import (
	"fmt"
	"math/rand/v2"

	"github.com/peakday/peakday/events"
)

// shopRows are users who walk through one of four aisles of a shop, with a
// jump now and then: what comes next can be learned, but not all of it.
func shopRows(users, aisle int, seed uint64) []Row {
	rng := rand.New(rand.NewPCG(seed, 2))
	var rows []Row
	for u := range users {
		which, at := rng.IntN(4), rng.IntN(aisle)
		had := map[int]bool{}
		for step := range 4 + rng.IntN(6) {
			at = (at + 1 + rng.IntN(2)) % aisle
			if rng.IntN(5) == 0 {
				at = rng.IntN(aisle)
			}
			if had[at] {
				continue
			}
			had[at] = true
			rows = append(rows, Row{User: fmt.Sprintf("u%03d", u), Item: events.ItemID(fmt.Sprintf("i%d%02d", which, at)), At: int64(step), Target: true})
		}
	}
	return rows
}
