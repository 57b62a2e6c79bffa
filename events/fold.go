package events

import "context"

// Delivery is a record as a fold gets it: read, and known to be new.
type Delivery struct {
	Record
	Fact      Fact
	Partition int // of the log
	Position  Position
}

// Fold turns records into state inside the transaction that also advances the
// cursor, so that each record counts exactly once.
//
// The state must not depend on the order in which records of different keys
// arrive. An *Invalid as error means that a record of the batch is poison: the
// consumer finds it and sets it aside. Any other error is tried again.
type Fold[T any] interface {
	Name() string
	Apply(ctx context.Context, tx T, batch []Delivery) error
}

// Flow feeds the records that Wants picks to a fold.
type Flow[T any] struct {
	Fold  Fold[T]
	Wants func(Kind, Type) bool
}
