package recommend

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/peakday/peakday/events"
)

// positions remembers how far each partition of each log has been folded.
type positions map[partition]events.Position

type partition struct {
	log    string
	number int
}

// advance moves a partition from one position to the next, and refuses to if
// it stands elsewhere: then the caller's records are not the next ones.
func (p positions) advance(at partition, from, to events.Position) error {
	if err := p.check(at, from, to); err != nil {
		return err
	}
	p[at] = to
	return nil
}

func (p positions) check(at partition, from, to events.Position) error {
	if p[at] != from || to < from {
		return fmt.Errorf("partition %d of log %s stands at %d and cannot go from %d to %d: %w",
			at.number, at.log, p[at], from, to, ErrStale)
	}
	return nil
}

func (p positions) encode(b []byte) []byte {
	keys := slices.SortedFunc(maps.Keys(p), func(a, b partition) int {
		return cmp.Or(strings.Compare(a.log, b.log), cmp.Compare(a.number, b.number))
	})
	b = binary.AppendUvarint(b, uint64(len(keys)))
	for _, k := range keys {
		b = appendString(b, k.log)
		b = binary.AppendUvarint(b, uint64(k.number))
		b = binary.AppendVarint(b, int64(p[k]))
	}
	return b
}

// maxPartitions bounds what a file of positions may hold.
const maxPartitions = 1 << 20

func decodePositions(d *decoder) positions {
	out := positions{}
	for range d.count(maxPartitions, 3) {
		k := partition{strings.Clone(d.string()), int(d.uvarint() % (1 << 31))}
		out[k] = events.Position(d.varint())
	}
	return out
}
