package sim

import (
	"container/heap"
	"time"
)

// mail brings events to the service: most at once, some late, some twice.
type mail struct {
	dice dice
	end  time.Time // nothing happens after it; what is on its way then comes at it
	live bool      // only live events are late or come twice at another time
	bag  bag
	sent int64
	sum  Sent
}

// Sent counts what the shop sent.
type Sent struct {
	Events int64 // all, repetitions included
	Twice  int64 // of those, repetitions
	Late   int64 // an hour or more
}

// What happens to live events on their way.
const (
	twiceRate = .015
	lateRate  = .02
	longest   = 60 * 3600 // seconds that an event is late at most
)

func newMail(d dice, end time.Time) *mail { return &mail{dice: d, end: end} }

// parcel is an event that arrives at a time; seq parts those of one moment.
type parcel struct {
	arrives time.Time
	seq     int64
	twice   bool // send the same again at once
	message
}

// post takes an event. One that would happen after the end never does.
func (m *mail) post(e message) {
	if !e.at.Before(m.end) {
		return
	}
	m.sent++
	d := m.dice.on(ofSending, uint64(m.sent))
	p := parcel{arrives: e.at, seq: m.sent, message: e}
	if !m.live {
		p.twice = d.chance(twiceRate)
		m.put(p)
		return
	}
	if d.on(ofMoment).chance(lateRate) {
		p.arrives = m.until(e.at.Add(seconds(d.on(ofMoment, 1).between(3600, longest))))
		m.sum.Late++
	}
	m.put(p)
	if d.chance(twiceRate) {
		p.arrives = m.until(p.arrives.Add(seconds(d.on(ofMoment, 2).between(1, 36*3600))))
		p.seq = -p.seq
		m.sum.Twice++
		m.put(p)
	}
}

// until keeps an arrival before the end.
func (m *mail) until(t time.Time) time.Time {
	if t.After(m.end) {
		return m.end
	}
	return t
}

func (m *mail) put(p parcel) {
	m.sum.Events++
	if p.twice {
		m.sum.Events++
		m.sum.Twice++
	}
	heap.Push(&m.bag, p)
}

// next takes the next event that arrives up to a time.
func (m *mail) next(until time.Time) (p parcel, ok bool) {
	if len(m.bag) == 0 || m.bag[0].arrives.After(until) {
		return parcel{}, false
	}
	return heap.Pop(&m.bag).(parcel), true
}

// bag is a heap of parcels by arrival.
type bag []parcel

func (b bag) Len() int { return len(b) }
func (b bag) Less(i, j int) bool {
	if !b[i].arrives.Equal(b[j].arrives) {
		return b[i].arrives.Before(b[j].arrives)
	}
	return b[i].seq < b[j].seq
}
func (b bag) Swap(i, j int) { b[i], b[j] = b[j], b[i] }
func (b *bag) Push(x any)   { *b = append(*b, x.(parcel)) }
func (b *bag) Pop() any {
	last := len(*b) - 1
	p := (*b)[last]
	*b = (*b)[:last]
	return p
}
