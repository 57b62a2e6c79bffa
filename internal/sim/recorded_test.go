package sim

import (
	"testing"
	"time"

	"github.com/peakday/peakday/events"
)

// recorded is a world that was simulated in memory, with variants by coin and
// everything that it would have sent.
type recorded struct {
	*sale
	before, during []delivery    // what came before the sale, and in it, in order of arrival
	facts          []events.Fact // of all of it, as the service reads them; nil before read
}

func simulateInMemory(seed uint64, users int) *recorded {
	s := newShop(seed, users)
	p := newHistory(s)
	for d := historyStart(); d < saleStart(); d++ {
		p.simulateDay(d)
	}
	l := &recorded{}
	l.before = p.empty(s.begin(saleStart()).Add(-1))
	l.sale = newSale(p)
	for d := saleStart(); d < saleEnd(); d++ {
		l.anonymousTraffic(d)
	}
	for _, v := range l.visits {
		l.receive(v, s.coins(v.user))
	}
	l.during = p.empty(s.begin(saleEnd()))
	return l
}

// empty takes all deliveries that arrive up to a time, those that are sent twice
// at once as two.
func (p *history) empty(until time.Time) []delivery {
	var out []delivery
	for {
		next, ok := p.outbox.next(until)
		if !ok {
			return out
		}
		out = append(out, next)
		if next.twice {
			out = append(out, next)
		}
	}
}

// coins assigns a user as the service does: by halves, the same every time.
func (s *shop) coins(u *user) (given [trials]assignment) {
	const ofCoin topic = 1000
	for i := range given {
		given[i] = assignment{variant: "control", version: 2}
		if s.random.on(ofCoin, uint64(u.number), uint64(i)).chance(.5) {
			given[i].variant = "treatment"
		}
	}
	return given
}

// all is what was sent in all the time.
func (l *recorded) all() []delivery { return append(append([]delivery(nil), l.before...), l.during...) }

// read reads what was sent as the service does.
func (l *recorded) read(t *testing.T) {
	for _, p := range l.all() {
		line := p.line()
		e, err := events.DecodeEvent(line[:len(line)-1])
		if err != nil {
			t.Fatalf("%s\n%v", line, err)
		}
		f, err := events.Parse(e, cny)
		if err != nil {
			t.Fatalf("%s\n%v", line, err)
		}
		rs, err := events.Route(e, f)
		if err != nil {
			t.Fatalf("%s\n%v", line, err)
		}
		if len(rs) != p.records() {
			t.Fatalf("%s\nmakes %d records, want %d", line, len(rs), p.records())
		}
		l.facts = append(l.facts, f)
	}
}

// records is how many records the service makes of a message.
func (m *message) records() int {
	switch d := m.data.(type) {
	case orderData:
		return 1 + len(d.Products) // the user's, and one for each SKU
	case paymentData, identityData:
		return 2
	}
	return 1
}
