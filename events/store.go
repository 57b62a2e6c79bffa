package events

import (
	"context"
	"errors"
	"time"
)

// Tx is what the consumer itself needs of a store's transaction.
type Tx interface {
	// Advance moves the cursor and adds to its counts. ErrFenced means that
	// another consumer has taken the partition over.
	Advance(ctx context.Context, step Step) error

	// Fresh enters the arrivals into the inbox and reports which were not
	// there yet. The inbox keeps the position that won.
	Fresh(ctx context.Context, arrivals []Arrival) ([]bool, error)

	// Bury stores dead letters.
	Bury(ctx context.Context, letters []DeadLetter) error
}

// Store keeps cursors, the inbox and dead letters, and commits them together
// with the effects of folds. T is its transaction.
type Store[T Tx] interface {
	// Take makes the caller the only one who may advance the cursor, by
	// raising its epoch, and returns where the cursor stands.
	Take(ctx context.Context, log string, partition int) (Cursor, error)

	// InTx runs fn in a transaction and commits it unless fn fails. It runs
	// fn again when the database asks for it (serialisation, busy).
	InTx(ctx context.Context, fn func(T) error) error

	// Winners reports for each arrival whether the inbox holds its record
	// with its log and position: the fresh ones of a replay.
	Winners(ctx context.Context, arrivals []Arrival) ([]bool, error)

	// Progress gives the cursors of log, with their counts.
	Progress(ctx context.Context, log string) ([]Progress, error)
}

// ErrFenced says that a partition now belongs to another consumer.
var ErrFenced = errors.New("another consumer has taken this partition over")

// Cursor says how far a log partition has been applied, and by whom.
type Cursor struct {
	Log       string
	Partition int
	Epoch     int64
	Position  Position
}

// Step moves a cursor to To and adds to its counts.
type Step struct {
	Cursor
	To         Position
	Applied    int64
	Duplicates int64
	Dead       int64
	Unknown    int64 // of the applied ones, those of a type that is not known
	Newest     int64 // the newest event time applied, in microseconds
}

// Progress is a cursor with all that was counted on its way.
type Progress struct {
	Cursor
	Applied    int64
	Duplicates int64
	Dead       int64
	Unknown    int64
	Newest     time.Time // event time of the newest record applied; zero before the first
}

// Arrival is a record's claim to be the first of its id.
type Arrival struct {
	InboxID
	Log       string
	Partition int
	Position  Position
	Day       int64 // of the append, since 1970 in UTC: how long the inbox must keep it
}
