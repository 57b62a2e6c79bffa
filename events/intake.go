package events

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Intake takes events in: it checks them, routes them and appends their
// records. It is safe for concurrent use.
type Intake struct {
	log    Log
	inbox  Inbox
	shop   Currency
	clock  func() time.Time
	recent *recent
}

// Inbox answers which records have been applied before.
type Inbox interface {
	// Applied reports for each record whether it has been applied.
	Applied(ctx context.Context, ids []InboxID) ([]bool, error)
}

// InboxID is a record's id with its virtual partition, which leads the key.
type InboxID struct {
	Part Part
	ID   RecordID
}

// NewIntake returns an intake into log. Amounts without a currency are in
// shop; clock dates the events that carry no time.
func NewIntake(log Log, inbox Inbox, shop Currency, clock func() time.Time) *Intake {
	return &Intake{log: log, inbox: inbox, shop: shop, clock: clock, recent: newRecent()}
}

// Channel says how events come in.
type Channel struct {
	// Trusted channels may send every type, the others those that
	// Type.Trusted leaves to browsers.
	Trusted bool
	// Imported facts come from a file, afterwards: they are never late, and
	// their duplicates are also looked up among all that was ever applied.
	Imported bool
}

// Receipt says what became of a batch.
type Receipt struct {
	Accepted   int
	Duplicates int // seen before: in the batch, in the last minutes, or (imported) ever
	Rejected   []Rejection
}

// Rejection says why one event was not accepted.
type Rejection struct {
	Index   int
	ID      string
	Problem *Invalid
}

// Accept appends the good events of batch and returns when they are durable.
// The error is the log's or the inbox's: then nothing of the batch is
// promised, and sending it again is safe.
func (in *Intake) Accept(ctx context.Context, batch []Decoded, via Channel) (Receipt, error) {
	var (
		receipt Receipt
		fresh   []routed
		inBatch = make(map[RecordID]bool, len(batch))
	)
	for _, d := range batch {
		r, err := in.route(d, via)
		if err != nil {
			receipt.Rejected = append(receipt.Rejected, reject(d, err))
			continue
		}
		if inBatch[r.id] || in.recent.has(r.id, in.clock()) {
			receipt.Duplicates++
			continue
		}
		inBatch[r.id] = true
		fresh = append(fresh, r)
	}
	if via.Imported {
		known := len(fresh)
		var err error
		if fresh, err = in.withoutApplied(ctx, fresh); err != nil {
			return Receipt{}, fmt.Errorf("look up what was imported before: %w", err)
		}
		receipt.Duplicates += known - len(fresh)
	}
	if err := in.append(ctx, fresh); err != nil {
		return Receipt{}, err
	}
	receipt.Accepted = len(fresh)
	return receipt, nil
}

// routed is one event, ready for the log.
type routed struct {
	id      RecordID // of the whole event
	records []Record
}

func (in *Intake) route(d Decoded, via Channel) (routed, error) {
	if d.Err != nil {
		return routed{}, d.Err
	}
	e := d.Event
	if err := e.check(); err != nil {
		return routed{}, err
	}
	e.Time = e.happened(in.clock()).UTC().Truncate(time.Microsecond)
	if !via.Trusted && Type(e.Type).Trusted() {
		return routed{}, &Invalid{Field: "type", Problem: e.Type + " needs the scope events:trusted"}
	}
	f, err := Parse(e, in.shop)
	if err != nil {
		return routed{}, err
	}
	f.Imported = via.Imported
	records, err := Route(e, f)
	if err != nil {
		return routed{}, err
	}
	whole := Record{Source: e.Source, ID: e.ID, Type: f.Type}
	return routed{whole.RecordID(), records}, nil
}

func reject(d Decoded, err error) Rejection {
	var invalid *Invalid
	if !errors.As(err, &invalid) {
		invalid = &Invalid{Problem: err.Error()}
	}
	return Rejection{Index: d.Index, ID: d.Event.ID, Problem: invalid}
}

// withoutApplied drops the events all of whose records have been applied.
func (in *Intake) withoutApplied(ctx context.Context, rs []routed) ([]routed, error) {
	var ids []InboxID
	for _, r := range rs {
		for i := range r.records {
			ids = append(ids, InboxID{r.records[i].Part(), r.records[i].RecordID()})
		}
	}
	applied, err := in.inbox.Applied(ctx, ids)
	if err != nil {
		return nil, err
	}
	kept := rs[:0]
	for _, r := range rs {
		n := len(r.records)
		if !all(applied[:n]) {
			kept = append(kept, r)
		}
		applied = applied[n:]
	}
	return kept, nil
}

func all(bs []bool) bool {
	for _, b := range bs {
		if !b {
			return false
		}
	}
	return true
}

func (in *Intake) append(ctx context.Context, rs []routed) error {
	if len(rs) == 0 {
		return nil
	}
	var entries []Entry
	for _, r := range rs {
		for i := range r.records {
			entries = append(entries, Entry{r.records[i].Part(), r.records[i].Encode(nil)})
		}
	}
	if err := in.log.Append(ctx, entries); err != nil {
		return fmt.Errorf("append to the log: %w", err)
	}
	// Only now: an id that is known before its records are durable would turn
	// the sender's retry into a lost event.
	now := in.clock()
	for _, r := range rs {
		in.recent.add(r.id, now)
	}
	return nil
}
