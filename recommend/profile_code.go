package recommend

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/peakday/peakday/events"
)

// profileVersion is the first byte of an encoded profile.
const profileVersion = 2

var errProfile = errors.New("not an encoded profile")

// EncodeProfile appends p's bytes to b: a version, the items that the lists
// name, each once, then the lists, where a time is its distance from the one
// before it and an item its number.
func EncodeProfile(b []byte, p *Profile) []byte {
	items := itemTable{at: make(map[events.ItemID]int, len(p.Views)+len(p.Carts)+len(p.Buys)+len(p.Shown))}
	forEachItem(p, items.add)
	b = append(b, profileVersion)
	b = appendCount(b, len(items.list))
	for _, item := range items.list {
		b = appendString(b, item)
	}
	number := func(b []byte, item events.ItemID) []byte { return appendCount(b, items.at[item]) }
	b = encodeList(b, p.Views, func(s Seen) int64 { return s.Time }, func(b []byte, s Seen) []byte {
		return append(number(b, s.Item), byte(s.Action))
	})
	b = encodeList(b, p.Carts, func(c Carted) int64 { return c.Time }, func(b []byte, c Carted) []byte {
		return appendBool(number(b, c.Item), c.Out)
	})
	b = encodeList(b, p.Buys, func(v Bought) int64 { return v.Time }, func(b []byte, v Bought) []byte {
		return appendMoney(binary.LittleEndian.AppendUint32(number(b, v.Item), v.Order), v.Amount)
	})
	b = encodeList(b, p.Undone, func(u Undo) int64 { return u.Time }, func(b []byte, u Undo) []byte {
		return binary.LittleEndian.AppendUint32(number(b, u.Item), u.Order)
	})
	b = encodeList(b, p.Shown, func(s Shown) int64 { return s.Time }, func(b []byte, s Shown) []byte {
		return number(b, s.Item)
	})
	return encodeList(b, p.Recent, func(m Moment) int64 { return m.Time }, func(b []byte, m Moment) []byte {
		return append(b, byte(m.Action))
	})
}

// itemTable numbers items as they come; the empty one, which an Undo of a
// whole order names, too.
type itemTable struct {
	list []events.ItemID
	at   map[events.ItemID]int
}

func (t *itemTable) add(item events.ItemID) {
	if _, known := t.at[item]; !known {
		t.at[item] = len(t.list)
		t.list = append(t.list, item)
	}
}

func forEachItem(p *Profile, do func(events.ItemID)) {
	for _, v := range p.Views {
		do(v.Item)
	}
	for _, c := range p.Carts {
		do(c.Item)
	}
	for _, b := range p.Buys {
		do(b.Item)
	}
	for _, u := range p.Undone {
		do(u.Item)
	}
	for _, s := range p.Shown {
		do(s.Item)
	}
}

func encodeList[T any](b []byte, list []T, at func(T) int64, rest func([]byte, T) []byte) []byte {
	b = appendCount(b, len(list))
	for i, v := range list {
		if i == 0 {
			b = binary.AppendVarint(b, at(v))
		} else {
			b = binary.AppendUvarint(b, uint64(at(list[i-1])-at(v)))
		}
		b = rest(b, v)
	}
	return b
}

// DecodeProfile reads what EncodeProfile wrote; no bytes are the zero
// Profile. It copies b once, and the profile's items share that copy.
func DecodeProfile(b []byte) (Profile, error) {
	var p Profile
	if len(b) == 0 {
		return p, nil
	}
	if b[0] != profileVersion {
		return p, fmt.Errorf("version %d is not known: %w", b[0], errProfile)
	}
	d := &decoder{b: string(b[1:])}
	items := make([]events.ItemID, d.count(maxSeen+maxCarted+maxBought+maxUndone+maxShown, 1))
	for i := range items {
		items[i] = events.ItemID(d.string())
	}
	item := func() events.ItemID {
		n := d.uvarint()
		if n >= uint64(len(items)) {
			d.fail()
			return ""
		}
		return items[n]
	}
	p.Views = decodeList(d, maxSeen, compareSeen, func(t int64) Seen { return Seen{item(), t, Action(d.byte())} })
	p.Carts = decodeList(d, maxCarted, compareCarted, func(t int64) Carted { return Carted{item(), t, d.bool()} })
	p.Buys = decodeList(d, maxBought, compareBought, func(t int64) Bought { return Bought{item(), t, d.uint32(), events.Money(d.varint())} })
	p.Undone = decodeList(d, maxUndone, compareUndo, func(t int64) Undo { return Undo{item(), t, d.uint32()} })
	p.Shown = decodeList(d, maxShown, compareShown, func(t int64) Shown { return Shown{item(), t} })
	p.Recent = decodeList(d, maxRecent, compareMoment, func(t int64) Moment { return Moment{t, Action(d.byte())} })
	if d.done() != nil || !p.sound() {
		return Profile{}, errProfile
	}
	return p, nil
}

// decodeList reads a list, which must be in its order.
func decodeList[T any](d *decoder, limit int, compare func(a, b T) int, rest func(at int64) T) []T {
	n := d.count(limit, 2)
	if n == 0 {
		return nil
	}
	list := make([]T, 0, n)
	at := d.varint()
	for i := range n {
		if i > 0 {
			step := d.uvarint()
			if step > 1<<62 || at < -1<<62 {
				d.fail()
			}
			at -= int64(step)
		}
		v := rest(at)
		if d.err != nil || i > 0 && compare(list[i-1], v) > 0 {
			d.fail()
			return nil
		}
		list = append(list, v)
	}
	return list
}

// sound checks what the order of the lists does not say.
func (p *Profile) sound() bool {
	badView := slices.ContainsFunc(p.Views, func(s Seen) bool { return s.Action > Favorite || s.Item == "" })
	badMoment := slices.ContainsFunc(p.Recent, func(m Moment) bool { return m.Action > Buy })
	return !badView && !badMoment
}
