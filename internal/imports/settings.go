package imports

import (
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/spaolacci/murmur3"

	"github.com/peakday/peakday/events"
)

// Settings are the shop's.
type Settings struct {
	Zone     *time.Location // of times that name none
	Currency events.Currency
	Now      time.Time // the time of rows that have none
}

// Source is the source of all imported events. It never names the file: a
// file that is copied or renamed holds the same events.
const Source = "peakday/import"

// Kind is a sort of file.
type Kind interface {
	// Fields lists the fields that a row may have, and those that it must have
	// a column for.
	Fields() (known, required []string)

	// Event makes the event of a row. The error is a *Problem.
	Event(row Row) (events.Event, error)
}

// counter gives equal rows different numbers.
type counter map[[2]uint64]int

// id makes an event's id of what identifies its row.
func (c counter) id(kind string, parts ...string) string {
	text := kind + "\x00" + strings.Join(parts, "\x00")
	hi, lo := murmur3.Sum128([]byte(text))
	k := c[[2]uint64{hi, lo}]
	c[[2]uint64{hi, lo}]++
	hi, lo = murmur3.Sum128([]byte(text + "\x00" + strconv.Itoa(k)))
	var b [16]byte
	for i := range 8 {
		b[i], b[8+i] = byte(hi>>(56-8*i)), byte(lo>>(56-8*i))
	}
	return hex.EncodeToString(b[:])
}
