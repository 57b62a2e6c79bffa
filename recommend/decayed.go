package recommend

import (
	"encoding/binary"
	"math"
	"slices"
	"time"
)

// Window names how fast trending forgets: an action counts half as much after
// one half-life.
type Window uint8

// The windows.
const (
	LastHour Window = iota
	LastDay
	LastWeek
	windows = 3
)

// HalfLife is the time in which an action loses half its weight.
func (w Window) HalfLife() time.Duration {
	switch w {
	case LastHour:
		return time.Hour
	case LastDay:
		return 24 * time.Hour
	}
	return 7 * 24 * time.Hour
}

// decayed is an exponentially decayed count of one item's actions:
//
//	count(now) = Σ 2^((tᵢ − now) / h)
//
// It is kept as whole numbers, by forward decay (Cormode et al., Forward Decay,
// ICDE 2009): the action at tᵢ adds 2^frac(tᵢ/h), in 256ths, to the cell
// floor(tᵢ/h). Sums of whole numbers do not depend on the order in which facts
// arrive, and comparing two items needs no clock, because all decay alike.
type decayed []cell // by at, oldest first

// cell sums the actions of one half-life.
type cell struct {
	at  int32           // in half-lives since 1970
	sum [actions]uint32 // by Action; stops at the largest number
}

const actions = 4

// maxCells is how many half-lives are kept behind the newest cell: the fullest
// cell further back weighs less than one action.
const maxCells = 32

// add counts an action at a time in microseconds.
func (d decayed) add(a Action, at int64, half time.Duration) decayed {
	h := half.Microseconds()
	index := at / h
	if at%h < 0 {
		index--
	}
	weight := uint32(math.Round(256 * math.Exp2(float64(at-index*h)/float64(h))))
	e := int32(index)
	if n := len(d); n > 0 && e <= d[n-1].at-maxCells {
		return d
	}
	i, known := slices.BinarySearchFunc(d, e, func(c cell, e int32) int { return int(c.at) - int(e) })
	if !known {
		d = slices.Insert(d, i, cell{at: e})
	}
	if sum := &d[i].sum[a]; *sum > math.MaxUint32-weight {
		*sum = math.MaxUint32
	} else {
		*sum += weight
	}
	drop := 0
	for d[drop].at <= d[len(d)-1].at-maxCells {
		drop++
	}
	return slices.Delete(d, 0, drop)
}

// heat is the base-2 logarithm of the weighted count, in a scale on which all
// items compare at any time: 0 if there is nothing, else above 8.
func (d decayed) heat() float64 {
	if len(d) == 0 {
		return 0
	}
	newest := d[len(d)-1].at
	sum := 0.0
	for _, c := range d {
		weighted := 0.0
		for a, n := range c.sum {
			weighted += Action(a).weight() * float64(n)
		}
		sum += math.Ldexp(weighted, int(c.at-newest))
	}
	return math.Log2(sum) + float64(newest)
}

func (d decayed) encode(b []byte) []byte {
	b = appendCount(b, len(d))
	for _, c := range d {
		b = binary.AppendVarint(b, int64(c.at))
		for _, n := range c.sum {
			b = binary.AppendUvarint(b, uint64(n))
		}
	}
	return b
}

func decodeDecayed(from *decoder) decayed {
	d := make(decayed, from.count(maxCells, 1+actions))
	for i := range d {
		at := from.varint()
		if int64(int32(at)) != at || i > 0 && int32(at) <= d[i-1].at {
			from.fail()
		}
		d[i].at = int32(at)
		for a := range d[i].sum {
			n := from.uvarint()
			if n > math.MaxUint32 {
				from.fail()
			}
			d[i].sum[a] = uint32(n)
		}
	}
	return d
}
