package events

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// tally writes a receipt in a line: what was accepted, how many duplicates, and
// why others were rejected.
func tally(r Receipt) string {
	s := fmt.Sprintf("%d accepted, %d duplicates", r.Accepted, r.Duplicates)
	for _, x := range r.Rejected {
		s += fmt.Sprintf("; %d %s: %v", x.Index, x.ID, x.Problem)
	}
	return s
}

func decoded(es ...Event) []Decoded {
	out := make([]Decoded, len(es))
	for i, e := range es {
		out[i] = Decoded{Index: i, Event: e}
	}
	return out
}

// view is a good event that browsers may send.
func view(id, user string) Event {
	return Event{ID: id, Source: "shop", Type: "product.viewed", Time: noon, Data: []byte(`{"user_id":"` + user + `","product_id":"p1"}`)}
}

// order is a good event of three records: its user's and two SKUs'.
func order(id string) Event {
	return Event{ID: id, Source: "shop", Type: "order.placed", Time: noon,
		Data: []byte(`{"order_id":"o-` + id + `","user_id":"u1","products":[{"sku":"a","quantity":1,"price":1},{"sku":"b","quantity":1,"price":1}]}`)}
}

type intakeBench struct {
	*Intake
	log   *memoryLog
	store *memoryStore
	now   time.Time
}

func newIntakeBench() *intakeBench {
	b := &intakeBench{log: newMemoryLog(4), store: newMemoryStore(), now: noon}
	b.Intake = NewIntake(b.log, b.store, "CNY", func() time.Time { return b.now })
	return b
}

// records reads back what the log holds.
func (b *intakeBench) records(t *testing.T) (out []Record) {
	t.Helper()
	for _, partition := range b.log.stored {
		for _, s := range partition {
			r, err := DecodeRecord(s.Data)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, r)
		}
	}
	return out
}

func (b *intakeBench) accept(t *testing.T, via Channel, es ...Event) string {
	t.Helper()
	r, err := b.Accept(t.Context(), decoded(es...), via)
	if err != nil {
		t.Fatal(err)
	}
	return tally(r)
}

func TestIntake(t *testing.T) {
	t.Parallel()
	server, browser := Channel{Trusted: true}, Channel{}
	bad := view("bad", "u1")
	bad.Data = []byte(`{"user_id":"u1"}`)
	unknown := Event{ID: "x1", Source: "shop", Type: "shop.opened"}
	late := view("late", "u1")
	late.Time = time.Date(1969, 1, 1, 0, 0, 0, 0, time.UTC)
	sameID := view("v1", "u2")
	sameID.Source = "app"
	for _, c := range []struct {
		name    string
		via     Channel
		batch   []Event
		want    string
		records int
	}{
		{"nothing", server, nil, "0 accepted, 0 duplicates", 0},
		{"one", server, []Event{view("v1", "u1")}, "1 accepted, 0 duplicates", 1},
		{"one of several records", server, []Event{order("o1")}, "1 accepted, 0 duplicates", 3},
		{"twice in the batch", server, []Event{view("v1", "u1"), order("o1"), view("v1", "u1")}, "2 accepted, 1 duplicates", 4},
		{"one id of two sources", server, []Event{view("v1", "u1"), sameID}, "2 accepted, 0 duplicates", 2},
		{"a bad one between good ones", server, []Event{view("v1", "u1"), bad, view("v2", "u1")},
			"2 accepted, 0 duplicates; 1 bad: data.product_id is required", 2},
		{"a bad one, mended in the same batch", server, []Event{bad, view("bad", "u1")},
			"1 accepted, 0 duplicates; 0 bad: data.product_id is required", 1},
		{"a bad envelope, made by hand", server, []Event{{ID: "x", Type: "shop.opened"}, late},
			"0 accepted, 0 duplicates; 0 x: source is required; 1 late: time must be between 1970 and 2200, got year 1969", 0},
		{"an unknown type is kept", server, []Event{unknown}, "1 accepted, 0 duplicates", 1},
		{"a browser's view", browser, []Event{view("v1", "u1")}, "1 accepted, 0 duplicates", 1},
		{"a browser's order", browser, []Event{order("o1"), view("v1", "u1")},
			"1 accepted, 0 duplicates; 0 o1: type order.placed needs the scope events:trusted", 1},
		{"a browser's unknown type", browser, []Event{unknown},
			"0 accepted, 0 duplicates; 0 x1: type shop.opened needs the scope events:trusted", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newIntakeBench()
			if got := b.accept(t, c.via, c.batch...); got != c.want {
				t.Errorf("%s\nwant %s", got, c.want)
			}
			if got := b.records(t); len(got) != c.records {
				t.Errorf("the log holds %d records, want %d", len(got), c.records)
			}
		})
	}
}

func TestIntakeRejectsWhatCouldNotBeDecoded(t *testing.T) {
	t.Parallel()
	b := newIntakeBench()
	batch, err := DecodeBatch([]byte(`[` + viewed + `,{"specversion":"1.0","id":"e2","source":"shop"},7]`))
	if err != nil {
		t.Fatal(err)
	}
	r, err := b.Accept(t.Context(), batch, Channel{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := tally(r), "1 accepted, 0 duplicates; 1 e2: type is required; 2 : must be an object, got number"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	r, err = b.Accept(t.Context(), []Decoded{{Index: 5, Err: errors.New("strange")}}, Channel{})
	if got, want := tally(r), "0 accepted, 0 duplicates; 5 : strange"; err != nil || got != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
}

func TestIntakeDatesWhatHasNoTime(t *testing.T) {
	t.Parallel()
	b := newIntakeBench()
	b.now = time.Date(2026, 11, 11, 0, 0, 0, 123456789, time.FixedZone("CST", 8*3600))
	undated := view("v1", "u1")
	undated.Time = time.Time{}
	b.accept(t, Channel{}, undated, view("v2", "u2"))
	for _, r := range b.records(t) {
		want := noon
		if r.ID == "v1" {
			want = time.Date(2026, 11, 10, 16, 0, 0, 123456000, time.UTC)
		}
		if !r.Time.Equal(want) {
			t.Errorf("%s has time %v, want %v", r.ID, r.Time, want)
		}
	}
}

// TestIntakeBelievesAgesNotClocks: the sender's clock is two days slow, or fast.
func TestIntakeBelievesAgesNotClocks(t *testing.T) {
	t.Parallel()
	for name, off := range map[string]time.Duration{"right": 0, "slow": -48 * time.Hour, "fast": 48 * time.Hour} {
		for age, want := range map[time.Duration]time.Duration{0: 0, 3 * time.Second: 3 * time.Second, -time.Minute: 0} {
			b := newIntakeBench()
			e := view("v1", "u1")
			e.SentAt = b.now.Add(off)
			e.Time = e.SentAt.Add(-age)
			b.accept(t, Channel{}, e)
			if got := b.now.Sub(b.records(t)[0].Time); got != want {
				t.Errorf("%s clock, %v old: dated %v ago", name, age, got)
			}
		}
	}
}

func TestIntakeMarksImports(t *testing.T) {
	t.Parallel()
	b := newIntakeBench()
	b.accept(t, Channel{Trusted: true, Imported: true}, order("o1"))
	b.accept(t, Channel{Trusted: true}, order("o2"))
	for _, r := range b.records(t) {
		if r.Imported != (r.ID == "o1") {
			t.Errorf("%s has the mark %v", r.ID, r.Imported)
		}
	}
}

func TestIntakeKnowsTheLastMinutes(t *testing.T) {
	t.Parallel()
	b := newIntakeBench()
	step := func(after time.Duration, want string, es ...Event) {
		t.Helper()
		b.now = noon.Add(after)
		if got := b.accept(t, Channel{Trusted: true}, es...); got != want {
			t.Errorf("after %v: %s, want %s", after, got, want)
		}
	}
	step(0, "1 accepted, 0 duplicates", view("v1", "u1"))
	step(1*time.Minute, "1 accepted, 1 duplicates", view("v1", "u1"), view("v2", "u1"))
	step(6*time.Minute, "1 accepted, 1 duplicates", view("v1", "u1"), view("v3", "u1"))
	// Two generations later v1 is taken again: applying it will drop it.
	step(12*time.Minute, "1 accepted, 1 duplicates", view("v1", "u1"), view("v3", "u1"))
}

// A browser that takes the id of a server's event does not take its place.
func TestIntakeKeepsBrowsersApart(t *testing.T) {
	t.Parallel()
	b := newIntakeBench()
	b.accept(t, Channel{}, view("o1", "u1"))
	if got := b.accept(t, Channel{Trusted: true}, order("o1")); got != "1 accepted, 0 duplicates" {
		t.Errorf("the order: %s", got)
	}
	if got := b.accept(t, Channel{Trusted: true}, view("o1", "u1")); got != "0 accepted, 1 duplicates" {
		t.Errorf("the view again, by a server: %s", got)
	}
}

// An id is known only when its records are durable: the sender of a failed
// batch sends it again, and all of it must be taken.
func TestIntakeForgetsWhatWasNotAppended(t *testing.T) {
	t.Parallel()
	b := newIntakeBench()
	full := errors.New("disk full")
	for _, via := range []Channel{{Trusted: true}, {Trusted: true, Imported: true}} {
		id := fmt.Sprint("o", via)
		b.log.fail = func([]Entry) error { return full }
		r, err := b.Accept(t.Context(), decoded(order(id)), via)
		if !errors.Is(err, full) {
			t.Errorf("error %v, want the log's", err)
		}
		if diff := cmp.Diff(Receipt{}, r); diff != "" {
			t.Errorf("a receipt although nothing is promised: %s", diff)
		}
		b.log.fail = nil
		if got := b.accept(t, via, order(id)); got != "1 accepted, 0 duplicates" {
			t.Errorf("%+v: %s", via, got)
		}
		if got := b.accept(t, via, order(id)); got != "0 accepted, 1 duplicates" {
			t.Errorf("%+v: again: %s", via, got)
		}
	}
}

// inboxFunc is an Inbox made of a function.
type inboxFunc func(ids []InboxID) ([]bool, error)

func (f inboxFunc) Applied(_ context.Context, ids []InboxID) ([]bool, error) { return f(ids) }

// An import looks among all that was ever applied: an event is a duplicate
// when all of its records were.
func TestIntakeLooksImportsUp(t *testing.T) {
	t.Parallel()
	known := map[InboxID]bool{}
	apply := func(records []Record) {
		for i := range records {
			known[InboxID{records[i].Part(), records[i].RecordID()}] = true
		}
	}
	apply(route(t, order("whole")))
	apply(route(t, order("half"))[:2])
	asked := 0
	inbox := inboxFunc(func(ids []InboxID) ([]bool, error) {
		asked++
		out := make([]bool, len(ids))
		for i, id := range ids {
			out[i] = known[id]
		}
		return out, nil
	})
	log := newMemoryLog(4)
	in := NewIntake(log, inbox, "CNY", func() time.Time { return noon })
	batch := decoded(view("v1", "u1"), order("whole"), order("half"), order("new"), order("new"))
	r, err := in.Accept(t.Context(), batch, Channel{Trusted: true, Imported: true})
	if got := tally(r); err != nil || got != "3 accepted, 2 duplicates" || asked != 1 {
		t.Errorf("%s, %v, asked %d times", got, err, asked)
	}
	// Live events do not ask: their duplicates are dropped when applied.
	r, err = in.Accept(t.Context(), decoded(order("whole")), Channel{Trusted: true})
	if got := tally(r); err != nil || got != "1 accepted, 0 duplicates" || asked != 1 {
		t.Errorf("%s, %v, asked %d times", got, err, asked)
	}
	broken := NewIntake(log, inboxFunc(func([]InboxID) ([]bool, error) { return nil, errDatabase }), "CNY", func() time.Time { return noon })
	if _, err := broken.Accept(t.Context(), decoded(order("x")), Channel{Trusted: true, Imported: true}); !errors.Is(err, errDatabase) {
		t.Errorf("error %v, want the inbox's", err)
	}
}

// Senders may overlap; each event is accepted by one of them at least, and no
// record is missing.
func TestIntakeTakesManySenders(t *testing.T) {
	t.Parallel()
	b := newIntakeBench()
	const senders, each = 4, 50
	var wg sync.WaitGroup
	for range senders {
		wg.Go(func() {
			for i := range each {
				r, err := b.Accept(t.Context(), decoded(order(fmt.Sprint(i))), Channel{Trusted: true})
				if err != nil || r.Accepted+r.Duplicates != 1 {
					t.Errorf("%+v, %v", r, err)
				}
			}
		})
	}
	wg.Wait()
	seen := map[RecordID]bool{}
	for _, r := range b.records(t) {
		seen[r.RecordID()] = true
	}
	if len(seen) != 3*each {
		t.Errorf("%d different records, want %d", len(seen), 3*each)
	}
}
