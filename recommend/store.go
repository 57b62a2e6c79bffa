package recommend

import (
	"context"
	"errors"

	"github.com/peakday/peakday/events"
)

// ErrStale says that state does not stand where the caller believes: another
// writer was there first, or records are missing in between. Nothing changed.
var ErrStale = errors.New("state is at another position")

// Profiles keeps the encoded profile of each visitor (EncodeProfile), and how
// far each log has been folded into them. Drivers stand in store/ and pass
// storetest/profile. Methods may be called from any goroutine.
//
// Every virtual partition of visitors (events.PartOf of the id) has a position
// of its own, which changes together with its profiles: a crash between two
// parts leaves each of them whole. The position of the log partition as a whole
// follows when all its parts have been committed, and is never ahead of them.
type Profiles interface {
	// Load returns the profile of each visitor, nil for a stranger, in one
	// round trip. The bytes must not be changed.
	Load(ctx context.Context, visitors []events.Unit) ([][]byte, error)

	// Open fills in At, Guard and each Profile of the sheets, one for each
	// part, in one round trip. What is read of one part is of one moment.
	Open(ctx context.Context, log string, sheets []Sheet) error

	// Commit stores the profiles of each sheet and moves its part to To, both
	// or neither, if the part still stands where Open found it; else ErrStale.
	// Sheets before one that fails may have been stored.
	Commit(ctx context.Context, log string, sheets []Sheet) error

	// Position is how far a log partition has been folded as a whole, 0 if
	// it never was.
	Position(ctx context.Context, log string, partition int) (events.Position, error)

	// Advance moves a log partition as a whole; ErrStale if it is not at from.
	Advance(ctx context.Context, log string, partition int, from, to events.Position) error

	// Forget removes a visitor's profile. A fold that has it open must begin
	// again.
	Forget(ctx context.Context, visitor events.Unit) error
}

// Sheet is one virtual partition as a fold sees it: a few of its visitors.
type Sheet struct {
	Part  events.Part
	At    events.Position // of the newest record folded into this part
	To    events.Position // where Commit moves it
	Guard string          // the driver's word for the moment of Open
	Pages []Page
}

// Page is one visitor of a sheet.
type Page struct {
	Visitor events.Unit
	Profile []byte // nil for a stranger
}
