package experiments

import (
	"context"
	"time"

	"github.com/peakday/peakday/events"
)

// LedgerTx is what the ledger needs of the transaction in which a batch of
// records is applied.
type LedgerTx interface {
	// Revision is the number of the newest change of definitions.
	Revision(ctx context.Context) (int64, error)

	// Definitions gives all definitions as they stand in this transaction.
	Definitions(ctx context.Context) (Definitions, error)

	// Exposures gives what is stored of the units' exposures.
	Exposures(ctx context.Context, units []events.UnitID) ([]UnitExposure, error)

	// SaveExposures stores exposures; one of the same experiment, unit and
	// variant that is there already is replaced.
	SaveExposures(ctx context.Context, exposures []UnitExposure) error

	// Facts gives the units' facts of the given types.
	Facts(ctx context.Context, units []events.UnitID, types []events.Type) ([]UnitFact, error)

	// SaveFacts stores new facts.
	SaveFacts(ctx context.Context, facts []UnitFact) error

	// AddMoments adds to the cells of a shard, in the order given; a cell that
	// is not there begins at zero.
	AddMoments(ctx context.Context, shard int, cells []Cell, by Cells) error
}

// Store is what the rest of the package needs of a database.
type Store interface {
	// Definitions gives all definitions with their revision.
	Definitions(ctx context.Context) (Definitions, error)

	// Revision is the number of the newest change of definitions.
	Revision(ctx context.Context) (int64, error)

	// Commit stores changed definitions together, each with its history, and
	// raises the revision. ErrConflict means that one of them has changed
	// since the version that its change was made from.
	Commit(ctx context.Context, changes []Change) error

	// History gives the changes of one definition, oldest first.
	History(ctx context.Context, kind Kind, key string) ([]Change, error)

	// Moments gives the cells of an experiment, the shards added up.
	Moments(ctx context.Context, experiment string) (Cells, error)
}

// Archive is what background work reads of the kept exposures and facts, part by
// part: there are events.Parts of them.
type Archive interface {
	// Histories gives the units of a part that were exposed to anything, sorted
	// by id, with all their exposures and their facts of the given types.
	Histories(ctx context.Context, part int, types []events.Type) ([]UnitHistory, error)

	// FactsBetween gives the facts of a part's units, exposed or not, that
	// happened from one time to before another.
	FactsBetween(ctx context.Context, part int, types []events.Type, from, to time.Time) ([]UnitFact, error)

	// Findings gives what was found last of an experiment, nil if nothing was.
	Findings(ctx context.Context, experiment string) (*Findings, error)

	// SaveFindings replaces what was found of an experiment.
	SaveFindings(ctx context.Context, experiment string, f *Findings) error
}

// Kind says what a definition defines.
type Kind string

// The kinds of definitions.
const (
	ExperimentKind Kind = "experiment"
	MetricKindOf   Kind = "metric"
	LayerKind      Kind = "layer"
	HoldoutKind    Kind = "holdout"
)

// Change is one version of a definition.
type Change struct {
	Kind    Kind
	Key     string
	Version int64 // that it makes; 1 for a new definition
	At      time.Time
	Author  string
	Action  string // create, change, start, pause, stop, ship, …
	Doc     []byte // the definition as JSON
}
