package events

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"
)

// Inventory is the stock of one SKU at one location, folded from its stock facts:
//
//	remaining = the newest level + the deltas newer than it
//
// Newer is by Stock.Version. Facts may come in any order and more than once;
// the result is the same. An Inventory holds at most 4,096 deltas: beyond that the
// 1,024 oldest become part of the level, as if a level had been reported right
// behind them, and facts older than that are taken for known. So the result is
// exact unless a fact comes more than 3,072 deltas late.
//
// The zero Inventory is empty. Its methods are not safe for concurrent use.
type Inventory struct {
	region  string
	regionV int64 // the version that said region
	seen    bool  // any fact at all

	base   inventoryBase
	deltas []inventoryDelta // newer than base, by version and id
	sum    int64            // of deltas
}

// inventoryBase is the level below the deltas. With folded but not known it only
// marks how far deltas were dropped before any level was seen.
type inventoryBase struct {
	version  int64
	quantity int64
	known    bool
	folded   bool // made by folding deltas, not reported
}

type inventoryDelta struct {
	version  int64
	id       RecordID
	quantity int64
}

const (
	maxInventoryDeltas = 4096 // held at most
	inventoryFold      = 1024 // folded into the level at a time
)

// Apply takes a fact of type stock.level or stock.adjusted; others are ignored.
func (s *Inventory) Apply(f Fact) {
	st, ok := f.Data.(*Stock)
	if !ok {
		return
	}
	if newer := cmp.Compare(st.Version, s.regionV); !s.seen || newer > 0 || newer == 0 && st.Region > s.region {
		s.region, s.regionV = st.Region, st.Version
	}
	s.seen = true
	switch f.Type {
	case StockLevelled:
		s.level(st.Version, st.Quantity)
	case StockAdjusted:
		whole := Record{Source: f.Source, ID: f.ID}
		s.adjust(inventoryDelta{st.Version, whole.RecordID(), st.Quantity})
	}
}

// level makes a reported level the base unless a newer one is known. Of two
// levels with one version the lower counts: better to sell too little.
func (s *Inventory) level(version, quantity int64) {
	b := s.base
	if b.known || b.folded {
		older := version < b.version
		lost := version == b.version && b.known && !b.folded && quantity >= b.quantity
		if older || lost {
			return
		}
	}
	s.base = inventoryBase{version: version, quantity: quantity, known: true}
	keep := s.deltas[:0]
	s.sum = 0
	for _, d := range s.deltas {
		if d.version > version {
			keep = append(keep, d)
			s.sum += d.quantity
		}
	}
	s.deltas = keep
}

// adjust keeps a delta that is newer than the base and not known yet.
func (s *Inventory) adjust(d inventoryDelta) {
	if (s.base.known || s.base.folded) && d.version <= s.base.version {
		return
	}
	at, known := slices.BinarySearchFunc(s.deltas, d, compareDeltas)
	if known {
		return
	}
	s.deltas = slices.Insert(s.deltas, at, d)
	s.sum += d.quantity
	if len(s.deltas) > maxInventoryDeltas {
		s.fold()
	}
}

func compareDeltas(a, b inventoryDelta) int {
	return cmp.Or(cmp.Compare(a.version, b.version), cmp.Compare(a.id.Hi, b.id.Hi), cmp.Compare(a.id.Lo, b.id.Lo))
}

// fold makes the oldest deltas part of the base, and with them all that share
// the newest one's version.
func (s *Inventory) fold() {
	n := inventoryFold
	for n < len(s.deltas) && s.deltas[n].version == s.deltas[n-1].version {
		n++
	}
	s.base.version, s.base.folded = s.deltas[n-1].version, true
	for _, d := range s.deltas[:n] {
		s.base.quantity += d.quantity
		s.sum -= d.quantity
	}
	s.deltas = slices.Delete(s.deltas, 0, n)
	if !s.base.known {
		s.base.quantity = 0
	}
}

// Remaining is what is left in stock, which is negative when more was
// taken than reported. It is not known while no level has been seen.
func (s *Inventory) Remaining() (pieces int64, known bool) {
	if !s.base.known {
		return 0, false
	}
	return s.base.quantity + s.sum, true
}

// Region is where the stock lies, as its newest fact says.
func (s *Inventory) Region() string { return s.region }

// inventoryVersion is the first byte of an encoded inventory.
const inventoryVersion = 1

// Encode appends the inventory's bytes to b.
func (s *Inventory) Encode(b []byte) []byte {
	var flags byte
	for i, on := range []bool{s.seen, s.base.known, s.base.folded} {
		if on {
			flags |= 1 << i
		}
	}
	b = append(b, inventoryVersion, flags)
	b = appendString(b, s.region)
	for _, n := range []int64{s.regionV, s.base.version, s.base.quantity} {
		b = binary.AppendVarint(b, n)
	}
	b = binary.AppendUvarint(b, uint64(len(s.deltas)))
	for _, d := range s.deltas {
		for _, n := range []int64{d.version, d.id.Hi, d.id.Lo, d.quantity} {
			b = binary.AppendVarint(b, n)
		}
	}
	return b
}

var errInventory = errors.New("not an encoded inventory")

// DecodeInventory reads what Encode wrote from the front of b and returns the rest.
func DecodeInventory(b []byte) (s Inventory, rest []byte, err error) {
	if len(b) < 2 || b[0] != inventoryVersion {
		return s, b, errInventory
	}
	flags := b[1]
	s.seen, s.base.known, s.base.folded = flags&1 != 0, flags&2 != 0, flags&4 != 0
	rest = b[2:]
	n, size := binary.Uvarint(rest)
	if size <= 0 || n > uint64(len(rest)-size) {
		return s, b, errInventory
	}
	s.region, rest = string(rest[size:size+int(n)]), rest[size+int(n):]
	if rest, err = takeVarints(rest, &s.regionV, &s.base.version, &s.base.quantity); err != nil {
		return s, b, err
	}
	count, size := binary.Uvarint(rest)
	if size <= 0 || count > maxInventoryDeltas {
		return s, b, errInventory
	}
	rest = rest[size:]
	for range count {
		var d inventoryDelta
		if rest, err = takeVarints(rest, &d.version, &d.id.Hi, &d.id.Lo, &d.quantity); err != nil {
			return s, b, err
		}
		if k := len(s.deltas); k > 0 && compareDeltas(s.deltas[k-1], d) >= 0 {
			return s, b, errInventory
		}
		s.deltas = append(s.deltas, d)
		s.sum += d.quantity
	}
	return s, rest, nil
}

func takeVarints(b []byte, into ...*int64) ([]byte, error) {
	for _, p := range into {
		n, size := binary.Varint(b)
		if size <= 0 {
			return b, errInventory
		}
		*p, b = n, b[size:]
	}
	return b, nil
}
