// Package dbtest is what every database driver must do. A driver's test calls
// Run with a way to open an empty database:
//
//	dbtest.Run(t, func(t *testing.T, trace sqldb.Trace) *sqldb.DB { … })
package dbtest

import (
	"testing"

	"github.com/peakday/peakday/store/sqldb"
)

// Open opens a fresh, empty database that is closed when the test ends.
type Open func(t *testing.T, trace sqldb.Trace) *sqldb.DB

// Run runs the suite. Each part has its own database.
func Run(t *testing.T, open Open) {
	t.Helper()
	for _, part := range []struct {
		name string
		test func(*testing.T, *sqldb.DB)
	}{
		{"a cursor belongs to the one who took it last", cursorIsFenced},
		{"the inbox lets each record in once", inboxLetsInOnce},
		{"a transaction that fails leaves nothing", rollbackLeavesNothing},
		{"dead letters are listed until they are replayed", deadLetters},
		{"writers at the same time lose no sum", concurrentMoments},
		{"definitions change one version at a time", definitions},
		{"several definitions change together or not at all", definitionsTogether},
		{"exposures are replaced, facts are found by unit and type", ledger},
		{"moments add up exactly over shards, whatever their size", moments},
		{"moments kept in memory are those stored", keptMoments},
		{"moments kept in memory are of one moment", readWhileMoving},
		{"histories are those of exposed units, part by part", histories},
		{"histories come in the order of their units", historiesInOrder},
		{"facts are found by part, type and time", factsBetween},
		{"the findings of an experiment are the last ones", findings},
		{"credits add up over shards, by account", credits},
		{"a unit counts once in an interleaving", interleavings},
		{"a trait is what the newest event says", traits},
		{"sale lines are found by order, user and return", saleLines},
		{"sale hours add up and come back in order", saleHours},
		{"presale hours add up by event", presaleHours},
		{"overrides are kept in all their versions", overrides},
		{"stock moves are kept once", stockMoves},
		{"products are those sold, stocked or supplied", saleProducts},
		{"the mark is the newest order of all parts", salesMark},
		{"documents are put over the version that was read", documents},
		{"a setting stands as it was first made", settings},
		{"keys are in force until they are revoked", keys},
		{"at most one model is active", models},
		{"facts of visitors are handed over unit by unit", eachFact},
		{"text is stored as it is", oddText},
	} {
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			part.test(t, open(t, nil))
		})
	}
}
