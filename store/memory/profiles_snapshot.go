package memory

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
)

const (
	profilesKind    = "profiles"
	profilesVersion = 1
)

// Name says what the snapshots are of.
func (p *Profiles) Name() string { return profilesKind }

// Snapshot writes all profiles with their positions. Each part is of one
// moment; parts differ in theirs, which their positions say, so that the log
// behind the snapshot brings them level.
func (p *Profiles) Snapshot(w io.Writer) error {
	return recommend.SealPieces(w, profilesKind, profilesVersion, func(yield func([]byte) bool) {
		// The partitions' positions first: the parts read after them are not behind.
		b := p.encodeWhole(nil)
		for i := range p.parts {
			if !yield(b) {
				return
			}
			b = p.parts[i].encode(b[:0])
		}
		yield(b)
	})
}

func (p *Profiles) encodeWhole(b []byte) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	keys := slices.SortedFunc(maps.Keys(p.whole), func(a, b cursor) int {
		return cmp.Or(strings.Compare(a.log, b.log), cmp.Compare(a.partition, b.partition))
	})
	b = binary.AppendUvarint(b, uint64(len(keys)))
	for _, k := range keys {
		b = appendBytes(b, k.log)
		b = binary.AppendUvarint(b, uint64(k.partition))
		b = binary.AppendUvarint(b, uint64(p.whole[k]))
	}
	return b
}

func (p *part) encode(b []byte) []byte {
	p.mu.RLock()
	defer p.mu.RUnlock()
	b = binary.AppendUvarint(b, uint64(len(p.at)))
	for _, log := range slices.Sorted(maps.Keys(p.at)) {
		b = appendBytes(b, log)
		b = binary.AppendUvarint(b, uint64(p.at[log]))
	}
	b = binary.AppendUvarint(b, uint64(len(p.profiles)))
	visitors := slices.SortedFunc(maps.Keys(p.profiles), func(a, b events.Unit) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
	})
	for _, v := range visitors {
		e := p.profiles[v]
		b = appendBytes(b, string(v.Kind))
		b = appendBytes(b, string(v.ID))
		b = binary.AppendUvarint(b, uint64(max(e.touched, 0)))
		b = appendBytes(b, string(e.profile))
	}
	return b
}

func appendBytes(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// Restore takes over a snapshot; the store must not be in use. A file that is
// cut short, damaged or of another kind is refused, and nothing changes.
func (p *Profiles) Restore(r io.Reader) error {
	payload, err := recommend.Unseal(r, profilesKind, profilesVersion)
	if err != nil {
		return err
	}
	fresh := NewProfiles(p.idle, p.clock)
	in := &reader{b: payload}
	for range in.count(3) {
		log := in.text()
		partition := int(in.number() % (1 << 31))
		fresh.whole[cursor{log, partition}] = events.Position(in.number())
	}
	for i := range fresh.parts {
		fresh.parts[i].decode(in)
	}
	if in.bad || len(in.b) > 0 {
		return fmt.Errorf("%s: %w", profilesKind, recommend.ErrSealed)
	}
	p.whole = fresh.whole
	for i := range p.parts {
		p.parts[i].at, p.parts[i].profiles = fresh.parts[i].at, fresh.parts[i].profiles
		p.parts[i].moment++
	}
	return nil
}

func (p *part) decode(in *reader) {
	p.at, p.profiles = map[string]events.Position{}, map[events.Unit]entry{}
	for range in.count(2) {
		log := in.text()
		p.at[log] = events.Position(in.number())
	}
	for range in.count(4) {
		v := events.Unit{Kind: events.UnitKind(in.text()), ID: events.UnitID(in.text())}
		touched := int64(in.number())
		p.profiles[v] = entry{[]byte(in.text()), touched}
	}
}

// reader reads from the front of b and gives zeros once something is bad.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) number() uint64 {
	n, size := binary.Uvarint(r.b)
	if size <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[size:]
	return n
}

// count reads how many things follow, each of at least so many bytes.
func (r *reader) count(bytesEach uint64) uint64 {
	n := r.number()
	if n > uint64(len(r.b))/bytesEach {
		r.bad, r.b = true, nil
		return 0
	}
	return n
}

func (r *reader) text() string {
	n := r.number()
	if n > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return ""
	}
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}
