package events

import (
	"fmt"
	"strings"
	"time"
)

// maxAhead is how far an event's time may lie ahead of its append: clocks
// differ, but a fact from the future would count in no window.
const maxAhead = time.Hour

// batch is what one transaction of the consumer applies.
type batch struct {
	step     Step
	read     []Delivery // those that could be read, with their arrivals beside them
	arrivals []Arrival
	fresh    []Delivery // of read, those that the inbox did not know
	dead     []DeadLetter
}

// open reads the stored entries. What cannot be read is dead at once.
func (c *Consumer[T]) open(cursor Cursor, stored []Stored) batch {
	b := batch{step: Step{Cursor: cursor, To: stored[len(stored)-1].Position}}
	for _, s := range stored {
		d, err := deliver(s, cursor.Partition, c.Shop)
		if err != nil {
			b.dead = append(b.dead, deadLetter(cursor, s, err.Error()))
			continue
		}
		b.read = append(b.read, d)
		b.arrivals = append(b.arrivals, d.arrival(cursor.Log))
	}
	return b
}

// deliver reads one entry of the log.
func deliver(s Stored, partition int, shop Currency) (Delivery, error) {
	r, err := DecodeRecord(s.Data)
	if err != nil {
		return Delivery{}, err
	}
	f, err := r.Fact(shop)
	if err != nil {
		return Delivery{}, err
	}
	f.Appended = s.Appended
	if ahead := f.Time.Sub(s.Appended); ahead > maxAhead {
		return Delivery{}, fmt.Errorf("time %s is %s ahead of its arrival, at most %s is allowed",
			f.Time.Format(time.RFC3339), ahead.Round(time.Second), maxAhead)
	}
	return Delivery{Record: r, Fact: f, Partition: partition, Position: s.Position}, nil
}

func (d *Delivery) arrival(log string) Arrival {
	return Arrival{InboxID{d.Part(), d.RecordID()}, log, d.Partition, d.Position, d.Fact.Appended.Unix() / 86400}
}

// settle splits the batch by what the inbox said and counts it. It may run
// again if the transaction does.
func (b *batch) settle(fresh []bool) {
	b.fresh = b.fresh[:0]
	b.step.Unknown, b.step.Newest = 0, 0
	for i, d := range b.read {
		if !fresh[i] {
			continue
		}
		b.fresh = append(b.fresh, d)
		if !d.Type.Known() {
			b.step.Unknown++
		}
		b.step.Newest = max(b.step.Newest, Micros(d.Time))
	}
	b.step.Applied = int64(len(b.fresh))
	b.step.Duplicates = int64(len(b.read) - len(b.fresh))
	b.step.Dead = int64(len(b.dead))
}

// bury makes a dead letter of the only record of b, which a fold refused. It
// stays out of the inbox, so that it can be replayed once the cause is mended.
func (b *batch) bury(s Stored, reason string) {
	b.dead = append(b.dead, deadLetter(b.step.Cursor, s, reason))
	b.read, b.arrivals = nil, nil
}

// DeadLetter is a record that could not be applied, kept with the reason.
type DeadLetter struct {
	Log       string
	Partition int
	Position  Position
	Appended  time.Time
	Reason    string
	Data      []byte // the record as the log held it
}

// maxReasonBytes bounds what a dead letter says of itself.
const maxReasonBytes = 1000

func deadLetter(c Cursor, s Stored, reason string) DeadLetter {
	// A panic may say anything; some stores take only text.
	reason = strings.ReplaceAll(reason[:min(len(reason), maxReasonBytes)], "\x00", "")
	return DeadLetter{c.Log, c.Partition, s.Position, s.Appended, strings.ToValidUTF8(reason, ""), s.Data}
}
