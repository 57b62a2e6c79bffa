package recommend

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"hash/crc64"
	"io"
	"math"
	"strings"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend/tower"
)

// Model is what Train learned. It never changes.
type Model struct {
	version      string
	asOf         time.Time
	interactions int

	items          []events.ItemID // sorted; an item's index is its number below
	transitions    links
	similar        links
	together       links
	next           links        // what came right after
	visits         *Sessions    // the newest
	vectors        *vectors     // of the towers, or factors
	towers         *tower.Model // nil: there are none
	noTowersReason string       // there are none
	popularity     []float32
	ranker         *Ranker // nil: the policy's weights rank
	noRankerReason string  // why there is none
}

// Version names the model by the day of its newest interaction and its
// content, such as "20261111-5f1c09ab".
func (m *Model) Version() string { return m.version }

// AsOf is the time of the newest interaction that the model has seen.
func (m *Model) AsOf() time.Time { return m.asOf }

// Items is the number of items that the model knows.
func (m *Model) Items() int { return len(m.items) }

// Interactions is the number of steps of visitors that the model learned from.
func (m *Model) Interactions() int { return m.interactions }

func (m *Model) name() string {
	sum := crc64.Checksum(m.encode(), crc64.MakeTable(crc64.ECMA))
	return fmt.Sprintf("%s-%08x", m.asOf.Format("20060102"), uint32(sum))
}

const (
	modelKind    = "model"
	modelVersion = 5
)

// Encode writes the model: about 20·Neighbours + 4·Dims bytes an item, and 2 to 4
// bytes a step of the newest visits.
func (m *Model) Encode(w io.Writer) error {
	return Seal(w, modelKind, modelVersion, appendString(m.encode(), m.version))
}

func (m *Model) encode() []byte {
	b := binary.AppendVarint(nil, events.Micros(m.asOf))
	b = appendCount(b, m.interactions)
	b = appendCount(b, len(m.items))
	for _, item := range m.items {
		b = appendString(b, item)
	}
	b = m.transitions.encode(b)
	b = m.similar.encode(b)
	b = m.together.encode(b)
	b = m.next.encode(b)
	b = m.visits.encode(b)
	b = m.encodeVectors(b)
	b = appendFloats(b, m.popularity)
	if b = appendBool(b, m.ranker != nil); m.ranker != nil {
		return m.ranker.encode(b)
	}
	return appendString(b, m.noRankerReason)
}

// encodeVectors writes the towers, which hold the vectors of the items, or the
// factors and why there are no towers.
func (m *Model) encodeVectors(b []byte) []byte {
	b = appendBool(b, m.towers != nil)
	if m.towers != nil {
		var file bytes.Buffer
		_ = m.towers.Encode(&file) // a buffer takes everything
		return appendString(b, file.String())
	}
	b = appendString(b, m.noTowersReason)
	b = appendCount(b, m.vectors.dims)
	return appendFloats(b, m.vectors.data)
}

// DecodeModel reads what Encode wrote. A file that is cut short, damaged or of
// another kind is refused with ErrSealed.
func DecodeModel(r io.Reader) (*Model, error) {
	payload, err := Unseal(r, modelKind, modelVersion)
	if err != nil {
		return nil, err
	}
	d := &decoder{b: string(payload)}
	m := &Model{asOf: events.FromMicros(d.varint()), interactions: int(d.uvarint() % math.MaxInt64)}
	n := d.count(maxItems, 2)
	m.items = make([]events.ItemID, n)
	for i := range m.items {
		m.items[i] = events.ItemID(strings.Clone(string(d.item())))
		if i > 0 && m.items[i-1] >= m.items[i] {
			d.fail()
		}
	}
	m.transitions = decodeLinks(d, n)
	m.similar = decodeLinks(d, n)
	m.together = decodeLinks(d, n)
	m.next = decodeLinks(d, n)
	m.visits = decodeSessions(d, n)
	m.decodeVectors(d)
	m.popularity = d.floats(n)
	if d.bool() {
		m.ranker = decodeRanker(d)
	} else {
		m.noRankerReason = strings.Clone(d.string())
	}
	m.version = strings.Clone(d.string())
	if err := d.done(); err != nil {
		return nil, fmt.Errorf("%s: %w: %w", modelKind, err, ErrSealed)
	}
	return m, nil
}

func (l *links) encode(b []byte) []byte {
	for i := range len(l.starts) - 1 {
		to, score := l.of(int32(i))
		b = appendCount(b, len(to))
		for _, item := range to {
			b = appendCount(b, int(item))
		}
		b = appendFloats(b, score)
	}
	return b
}

func decodeLinks(d *decoder, items int) links {
	l := links{starts: make([]uint32, 1, items+1), to: []int32{}, score: []float32{}}
	for range items {
		n := d.count(maxNeighbours, 5)
		for range n {
			to := d.uvarint()
			if to >= uint64(items) {
				d.fail()
			}
			l.to = append(l.to, int32(to))
		}
		l.score = append(l.score, d.floats(n)...)
		l.starts = append(l.starts, uint32(len(l.to)))
		if d.err != nil {
			return links{}
		}
	}
	return l
}

func (s *Sessions) encode(b []byte) []byte {
	b = appendCount(b, len(s.starts)-1)
	for v, from := range s.starts[:len(s.starts)-1] {
		items := s.items[from:s.starts[v+1]]
		b = appendCount(b, len(items))
		for _, item := range items {
			b = appendCount(b, int(item))
		}
	}
	return b
}

func decodeSessions(d *decoder, items int) *Sessions {
	s := &Sessions{starts: []int32{0}}
	for range d.count(mostVisitSteps, 1) {
		for range d.count(mostVisitSteps-len(s.items), 1) {
			item := d.uvarint()
			if item >= uint64(items) {
				d.fail()
				return &Sessions{starts: []int32{0}}
			}
			s.items = append(s.items, int32(item))
		}
		s.starts = append(s.starts, int32(len(s.items)))
	}
	s.index(items)
	return s
}

func (m *Model) decodeVectors(d *decoder) {
	items := len(m.items)
	if !d.bool() {
		m.noTowersReason = strings.Clone(d.string())
		dims := d.count(maxDims, 0)
		blocks := (items + vectorBlock - 1) / vectorBlock
		m.vectors = &vectors{items: items, dims: dims, data: d.floats(blocks * vectorBlock * dims)}
		return
	}
	towers, err := tower.Decode(strings.NewReader(d.string()))
	if err != nil || towers.Items() != items {
		d.fail()
		return
	}
	m.towers, m.vectors = towers, vectorsOf(towers)
}

// Ranking says what orders the candidates of a policy that leaves it to the
// model: the ranker, or weights and why.
func (m *Model) Ranking() string {
	if m.ranker != nil {
		return m.ranker.String()
	}
	return "weights: " + cmp.Or(m.noRankerReason, "without a reason")
}

// Ablations says what each source was worth to the ranker; nil without one.
func (m *Model) Ablations() []Ablation {
	if m.ranker == nil {
		return nil
	}
	return m.ranker.Ablations()
}
