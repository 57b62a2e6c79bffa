package recommend

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
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
	return Seal(w, trendsKind, trendsVersion, t.encode())
}

// encode writes items by id, so that equal trends give equal bytes.
func (t *Trends) encode() []byte {
	t.gate.Lock()
	defer t.gate.Unlock()
	b := t.at.encode(nil)
	b = binary.AppendVarint(b, t.newest.Load())
	type named struct {
		item  events.ItemID
		trend *trend
	}
	var all []named
	for i := range t.items.len() {
		if e := t.items.get(i); e != nil {
			all = append(all, named{t.register.Item(Slot(i)), e})
		}
	}
	slices.SortFunc(all, func(a, b named) int { return cmp.Compare(a.item, b.item) })
	b = appendCount(b, len(all))
	for _, n := range all {
		b = appendString(b, n.item)
		for _, c := range n.trend.counts {
			b = c.encode(b)
		}
	}
	return b
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
	slot := int(t.register.Enter(item))
	t.entry(slot).counts = counts
	for w, c := range counts {
		t.warm(Window(w), slot, c.heat())
	}
}
