package recommend

import (
	"context"
	"errors"
	"time"

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
	// Load returns the profile of each visitor, nil for one without any, in one
	// round trip. The bytes must not be changed.
	Load(ctx context.Context, visitors []events.Unit) ([][]byte, error)

	// Open fills in At, Guard and each Profile of the parts, one for each
	// part, in one round trip. What is read of one part is of one moment.
	Open(ctx context.Context, log string, parts []PartProfiles) error

	// Commit stores the profiles of each part and moves its part to To, both
	// or neither, if the part still stands where Open found it; else ErrStale.
	// Parts before one that fails may have been stored.
	Commit(ctx context.Context, log string, parts []PartProfiles) error

	// Position is how far a log partition has been folded as a whole, 0 if
	// it never was.
	Position(ctx context.Context, log string, partition int) (events.Position, error)

	// Advance moves a log partition as a whole; ErrStale if it is not at from.
	Advance(ctx context.Context, log string, partition int, from, to events.Position) error

	// Forget removes a visitor's profile. A fold that has it open must begin
	// again.
	Forget(ctx context.Context, visitor events.Unit) error
}

// UserProfiles reads the profiles of all users, in no order. One that changes
// meanwhile may come as it was or as it is, and in rare cases twice.
type UserProfiles interface {
	EachUser(ctx context.Context, yield func(events.UserID, []byte) error) error
}

// PartProfiles are the profiles of one virtual partition that a fold changes.
type PartProfiles struct {
	Part     events.Part
	At       events.Position // of the newest record folded into this part
	To       events.Position // where Commit moves it
	Guard    string          // by which the driver knows the moment of Open
	Profiles []VisitorProfile
}

// VisitorProfile is one visitor's.
type VisitorProfile struct {
	Visitor events.Unit
	Profile []byte // encoded; nil if there is none
}

// Definitions keeps policies and rules, and their history.
type Definitions interface {
	// Revision is the number of the newest change of any definition.
	Revision(ctx context.Context) (int64, error)

	// Documents gives the newest version of every document of these kinds.
	Documents(ctx context.Context, kinds ...DocumentKind) ([]Document, error)

	// PutDocument stores a version and raises the revision; ErrChanged if the
	// stored version is not the one before it.
	PutDocument(ctx context.Context, d Document) error
}

// DocumentKind says what a document defines.
type DocumentKind string

// The kinds of documents.
const (
	PolicyKind DocumentKind = "policy"
	RulesKind  DocumentKind = "rules"
)

// Document is one version of a policy or of the rules.
type Document struct {
	Kind    DocumentKind
	Key     string
	Version int64 // that it makes; 1 for a new one
	At      time.Time
	Author  string
	Action  string // create or change
	Doc     []byte // as JSON
}
