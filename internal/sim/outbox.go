package sim

import (
	"container/heap"
	"time"
)

// outbox brings events to the service: most at once, some late, some twice.
type outbox struct {
	random random
	end    time.Time // nothing happens after it; what is on its way then comes at it
	live   bool      // only live events are late or come twice at another time
	queue  deliveryQueue
	sent   int64
	sum    Sent
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

func newOutbox(d random, end time.Time) *outbox { return &outbox{random: d, end: end} }

// delivery is an event that arrives at a time; seq parts those of one moment.
type delivery struct {
	arrives time.Time
	seq     int64
	twice   bool // send the same again at once
	message
}

// add takes an event. One that would happen after the end never does.
func (m *outbox) add(e message) {
	if !e.at.Before(m.end) {
		return
	}
	m.sent++
	d := m.random.on(ofSending, uint64(m.sent))
	p := delivery{arrives: e.at, seq: m.sent, message: e}
	if !m.live {
		p.twice = d.chance(twiceRate)
		m.push(p)
		return
	}
	if d.on(ofMoment).chance(lateRate) {
		p.arrives = m.until(e.at.Add(seconds(d.on(ofMoment, 1).logUniform(3600, longest))))
		m.sum.Late++
	}
	m.push(p)
	if d.chance(twiceRate) {
		p.arrives = m.until(p.arrives.Add(seconds(d.on(ofMoment, 2).logUniform(1, 36*3600))))
		p.seq = -p.seq
		m.sum.Twice++
		m.push(p)
	}
}

// until keeps an arrival before the end.
func (m *outbox) until(t time.Time) time.Time {
	if t.After(m.end) {
		return m.end
	}
	return t
}

func (m *outbox) push(p delivery) {
	m.sum.Events++
	if p.twice {
		m.sum.Events++
		m.sum.Twice++
	}
	heap.Push(&m.queue, p)
}

// next takes the next event that arrives up to a time.
func (m *outbox) next(until time.Time) (p delivery, ok bool) {
	if len(m.queue) == 0 || m.queue[0].arrives.After(until) {
		return delivery{}, false
	}
	return heap.Pop(&m.queue).(delivery), true
}

// deliveryQueue is a heap of deliveries by arrival.
type deliveryQueue []delivery

func (b deliveryQueue) Len() int { return len(b) }
func (b deliveryQueue) Less(i, j int) bool {
	if !b[i].arrives.Equal(b[j].arrives) {
		return b[i].arrives.Before(b[j].arrives)
	}
	return b[i].seq < b[j].seq
}
func (b deliveryQueue) Swap(i, j int) { b[i], b[j] = b[j], b[i] }
func (b *deliveryQueue) Push(x any)   { *b = append(*b, x.(delivery)) }
func (b *deliveryQueue) Pop() any {
	last := len(*b) - 1
	p := (*b)[last]
	*b = (*b)[:last]
	return p
}
