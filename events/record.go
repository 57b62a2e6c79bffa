package events

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/spaolacci/murmur3"
)

// Kind says what a record is keyed by: one of the unit kinds, a SKU, an item,
// or nothing that a fold reads.
type Kind string

// The kinds beside those of units (Kind(User), Kind(Device) …).
const (
	ForSKU   Kind = "sku"
	ForItem  Kind = "item"
	ForNoKey Kind = "none" // an unknown type: kept and counted
)

// Record is what the log holds: one event, narrowed to one of the keys that a
// fold needs. Source, ID, Kind and Index identify it, so that a retry after a
// half-written batch adds nothing.
type Record struct {
	Source   string
	ID       string
	Kind     Kind
	Index    int // which of the event's records of this kind, from 0
	Key      string
	Type     Type
	Time     time.Time
	Imported bool
	Data     []byte // the event's data as JSON, with only the lines of Key
}

// Part is the virtual partition that the record belongs to.
func (r *Record) Part() Part { return PartOf(r.Key) }

// RecordID is a 128-bit hash of what identifies a record.
type RecordID struct{ Hi, Lo int64 }

// RecordID hashes Source, ID, Kind and Index, and whether the type is a trusted
// one: a browser may choose any source and id, and must not be able to take the
// place of a server's event.
func (r *Record) RecordID() RecordID {
	b := make([]byte, 0, len(r.Source)+len(r.ID)+len(r.Kind)+8)
	b = appendString(b, r.Source)
	b = appendString(b, r.ID)
	b = appendString(b, string(r.Kind))
	b = binary.AppendUvarint(b, uint64(r.Index))
	if r.Type.Trusted() {
		b = append(b, 1)
	}
	hi, lo := murmur3.Sum128(b)
	return RecordID{int64(hi), int64(lo)}
}

// Fact reads the record's data; amounts without a currency are in shop.
func (r *Record) Fact(shop Currency) (Fact, error) {
	f, err := Parse(Event{ID: r.ID, Source: r.Source, Type: string(r.Type), Time: r.Time, Data: r.Data}, shop)
	f.Imported = r.Imported
	return f, err
}

// recordVersion is the first byte of an encoded record.
const recordVersion = 1

const flagImported = 1

// Encode appends the record's bytes to b: a version, flags, and its fields
// with their lengths.
func (r *Record) Encode(b []byte) []byte {
	var flags byte
	if r.Imported {
		flags |= flagImported
	}
	b = append(b, recordVersion, flags)
	for _, s := range []string{r.Source, r.ID, string(r.Kind), r.Key, string(r.Type)} {
		b = appendString(b, s)
	}
	b = binary.AppendUvarint(b, uint64(r.Index))
	b = binary.AppendVarint(b, Micros(r.Time))
	return append(b, r.Data...)
}

var errRecord = errors.New("not a record")

// DecodeRecord reads what Encode wrote. The record's Data shares b.
func DecodeRecord(b []byte) (Record, error) {
	var r Record
	if len(b) < 2 {
		return r, errRecord
	}
	if b[0] != recordVersion {
		return r, fmt.Errorf("record version %d is not known: %w", b[0], errRecord)
	}
	r.Imported = b[1]&flagImported != 0
	b = b[2:]
	var kind, typ string
	for _, s := range []*string{&r.Source, &r.ID, &kind, &r.Key, &typ} {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > uint64(len(b)-size) {
			return r, errRecord
		}
		*s, b = string(b[size:size+int(n)]), b[size+int(n):]
	}
	r.Kind, r.Type = Kind(kind), Type(typ)
	index, size := binary.Uvarint(b)
	if size <= 0 || index > maxLines {
		return r, errRecord
	}
	r.Index, b = int(index), b[size:]
	at, size := binary.Varint(b)
	if size <= 0 {
		return r, errRecord
	}
	r.Time, r.Data = FromMicros(at), b[size:]
	return r, nil
}

func appendString(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}
