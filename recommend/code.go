package recommend

import (
	"encoding/binary"
	"errors"
	"math"
	"strings"

	"github.com/peakday/peakday/events"
)

var errCode = errors.New("cannot be decoded")

func appendString[S ~string](b []byte, s S) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

func appendFloats(b []byte, fs []float32) []byte {
	for _, f := range fs {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(f))
	}
	return b
}

// decoder reads from the front of b. After the first error it gives zeros, so
// that a reader checks err once, at the end; counts are checked as they come.
type decoder struct {
	b   string
	err error
}

func (d *decoder) fail() {
	d.err, d.b = errCode, ""
}

func (d *decoder) byte() byte {
	if len(d.b) == 0 {
		d.fail()
		return 0
	}
	v := d.b[0]
	d.b = d.b[1:]
	return v
}

func (d *decoder) bool() bool {
	v := d.byte()
	if v > 1 {
		d.fail()
	}
	return v == 1
}

func (d *decoder) uvarint() uint64 {
	if len(d.b) > 0 && d.b[0] < 0x80 {
		v := d.b[0]
		d.b = d.b[1:]
		return uint64(v)
	}
	return d.longUvarint()
}

func (d *decoder) longUvarint() uint64 {
	var v uint64
	for i := 0; i < len(d.b) && i < binary.MaxVarintLen64; i++ {
		c := d.b[i]
		if c < 0x80 {
			if i == binary.MaxVarintLen64-1 && c > 1 || i > 0 && c == 0 {
				break // too large, or not the shortest form
			}
			d.b = d.b[i+1:]
			return v | uint64(c)<<(7*i)
		}
		v |= uint64(c&0x7f) << (7 * i)
	}
	d.fail()
	return 0
}

func (d *decoder) varint() int64 {
	u := d.uvarint()
	v := int64(u >> 1)
	if u&1 != 0 {
		v = ^v
	}
	return v
}

// string shares the decoder's memory.
func (d *decoder) string() string {
	n := d.uvarint()
	if n > uint64(len(d.b)) {
		d.fail()
		return ""
	}
	s := d.b[:n]
	d.b = d.b[n:]
	return s
}

// item reads an item's id, which is never empty.
func (d *decoder) item() events.ItemID {
	s := d.string()
	if s == "" {
		d.fail()
	}
	return events.ItemID(s)
}

// count reads how many things follow, each of at least size bytes and at most
// limit of them.
func (d *decoder) count(limit, size int) int {
	n := d.uvarint()
	if n > uint64(limit) || n*uint64(size) > uint64(len(d.b)) {
		d.fail()
		return 0
	}
	return int(n)
}

func (d *decoder) uint32() uint32 {
	if len(d.b) < 4 {
		d.fail()
		return 0
	}
	v := uint32(d.b[0]) | uint32(d.b[1])<<8 | uint32(d.b[2])<<16 | uint32(d.b[3])<<24
	d.b = d.b[4:]
	return v
}

func (d *decoder) floats(n int) []float32 {
	if n > len(d.b)/4 {
		d.fail()
		return nil
	}
	out := make([]float32, n)
	for i := range out {
		out[i] = math.Float32frombits(d.uint32())
	}
	return out
}

// done gives the error, or one if bytes are left.
func (d *decoder) done() error {
	if d.err == nil && d.b != "" {
		d.fail()
	}
	return d.err
}

func appendCount(b []byte, n int) []byte { return binary.AppendUvarint(b, uint64(n)) }

func appendStrings(b []byte, ss []string) []byte {
	b = appendCount(b, len(ss))
	for _, s := range ss {
		b = appendString(b, s)
	}
	return b
}

func decodeStrings(d *decoder) []string {
	out := make([]string, 0, d.count(1<<20, 1))
	for range cap(out) {
		out = append(out, strings.Clone(d.string()))
	}
	return out
}
