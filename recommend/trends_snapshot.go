package recommend

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"

	"github.com/peakday/peakday/events"
)

const (
	trendsKind    = "trends"
	trendsVersion = 1
)

// Snapshot writes all counts with their positions. It holds up writers, not
// readers, while it encodes into memory.
func (t *Trends) Snapshot(w io.Writer) error {
	return SealPieces(w, trendsKind, trendsVersion, slices.Values(t.encode()))
}

// encode writes items by id, so that equal trends give equal bytes, in pieces.
func (t *Trends) encode() (pieces [][]byte) {
	t.gate.Lock()
	defer t.gate.Unlock()
	slots := t.order.merge(t.order.take(), func(a, b Slot) int { return cmp.Compare(t.interner.Item(a), t.interner.Item(b)) })
	head := binary.AppendVarint(t.at.encode(nil), t.newest.Load())
	pieces = append(pieces, appendCount(head, len(slots)))
	for some := range slices.Chunk(slots, pieceRecords) {
		var b []byte
		for _, slot := range some {
			b = appendString(b, t.interner.Item(slot))
			for _, c := range t.items.get(int(slot)).counts {
				b = c.encode(b)
			}
		}
		pieces = append(pieces, b)
		runtime.Gosched()
	}
	return pieces
}

// Restore takes over a snapshot; the trends must be empty. A file that is cut
// short, damaged or of another kind is refused with ErrSealed.
func (t *Trends) Restore(r io.Reader) error {
	payload, err := Unseal(r, trendsKind, trendsVersion)
	if err != nil {
		return err
	}
	t.gate.Lock()
	defer t.gate.Unlock()
	d := &decoder{b: string(payload)}
	at, newest := decodePositions(d), d.varint()
	var items []events.ItemID
	var counts [][windows]decayed
	for range d.count(maxItems, 1+windows) {
		items = append(items, events.ItemID(strings.Clone(string(d.item()))))
		var c [windows]decayed
		for w := range c {
			c[w] = decodeDecayed(d)
		}
		counts = append(counts, c)
	}
	if err := d.done(); err != nil {
		return fmt.Errorf("%s: %w", trendsKind, err)
	}
	for i, item := range items {
		t.take(item, counts[i])
	}
	t.at = at
	t.newest.Store(newest)
	return nil
}

func (t *Trends) take(item events.ItemID, counts [windows]decayed) {
	slot := int(t.interner.Intern(item))
	t.entry(slot).counts = counts
	for w, c := range counts {
		t.warm(Window(w), slot, c.heat())
	}
}
