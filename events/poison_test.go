package events

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Poison is set aside with its reason, and everything around it is applied.
func TestPoisonIsSetAside(t *testing.T) {
	t.Parallel()
	bad := func(typ Type, at time.Time, data string) Entry {
		r := Record{Source: "shop", ID: "bad", Kind: Kind(User), Key: "u1", Type: typ, Time: at, Data: []byte(data)}
		return r.entry()
	}
	good := `{"user_id":"u1","product_id":"p1"}`
	for _, c := range []struct {
		name   string
		entry  Entry
		refuse func(Delivery) error // of the fold, for this record
		reason string
	}{
		{"a fold refuses", bad(ProductViewed, noon, good), func(Delivery) error {
			return fmt.Errorf("line: %w", &Invalid{"data.products", "must be worth at most 100 a line"})
		}, "data.products must be worth at most 100 a line"},
		{"a fold panics", bad(ProductViewed, noon, good), func(Delivery) error {
			var none []int
			none[0]++
			return nil
		}, "fold keeper panicked: runtime error: index out of range [0] with length 0"},
		{"a fold panics with what no database keeps", bad(ProductViewed, noon, good), func(Delivery) error {
			panic("a\x00\xffb" + strings.Repeat("x", 10_000))
		}, "fold keeper panicked: abxxx"},
		{"no record", Entry{PartOf("u1"), []byte{recordVersion}}, nil, "not a record"},
		{"a record of tomorrow", Entry{PartOf("u1"), []byte{9, 0, 1}}, nil, "record version 9 is not known"},
		{"data that does not parse", bad(ProductViewed, noon, `{"user_id":"u1"}`), nil, "data.product_id is required"},
		{"a time ahead", bad(ProductViewed, noon.Add(time.Hour+time.Second), good), nil, "time 2026-11-11T05:00:01Z is 1h0m1s ahead of its arrival, at most 1h0m0s is allowed"},
	} {
		for _, at := range []int{0, 1, 4, 8} { // where among the good ones
			t.Run(fmt.Sprint(c.name, "/", at), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					f := &shadow{}
					p := newPlant(1, f)
					p.keeper.refuse = func(d Delivery) error {
						if d.ID == "bad" && c.refuse != nil {
							return c.refuse(d)
						}
						return nil
					}
					entries := make([]Entry, 0, 9)
					for i := range 8 {
						entries = append(entries, entry(fmt.Sprint(i), "u1"))
					}
					p.append(t, slices.Insert(entries, at, c.entry)...)
					p.append(t, entry("0", "u1"))
					play(t, p.Consumer)

					s := p.store.now()
					wantIDs(t, s.applied, "0", "1", "2", "3", "4", "5", "6", "7")
					wantTotal(t, s, 8, 1, 1)
					f.wantSame(t, s.applied)
					if len(s.dead) != 1 {
						t.Fatalf("%d dead letters", len(s.dead))
					}
					d := s.dead[0]
					if !strings.HasPrefix(d.Reason, c.reason) || len(d.Reason) > 1000 {
						t.Errorf("reason %q, want %q", d.Reason, c.reason)
					}
					if d.Log != "log-1" || d.Partition != 0 || d.Position != Position(3*at+3) || !d.Appended.Equal(noon) || string(d.Data) != string(c.entry.Data) {
						t.Errorf("dead letter %+v", d)
					}
					if end, _ := p.log.End(t.Context(), 0); s.cursors[0].Position != end {
						t.Errorf("the cursor stands at %d of %d", s.cursors[0].Position, end)
					}
				})
			})
		}
	}
}

// Poison that sits everywhere is all found, and is not known to the inbox: it
// can be sent again when its cause is mended.
func TestPoisonCanBeSentAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &shadow{}
		p := newPlant(1, f)
		p.keeper.refuse = func(d Delivery) error {
			if d.ID != "7" {
				return &Invalid{Problem: "is not the seventh"}
			}
			return nil
		}
		for i := range 20 {
			p.append(t, entry(fmt.Sprint(i), "u1"))
		}
		play(t, p.Consumer)
		wantIDs(t, p.store.now().applied, "7")
		wantTotal(t, p.store.now(), 1, 0, 19)

		p.keeper.refuse = nil
		for _, d := range p.store.now().dead {
			p.append(t, Entry{PartOf("u1"), d.Data})
		}
		play(t, p.consumer(f))
		wantTotal(t, p.store.now(), 20, 0, 19)
		f.wantSame(t, p.store.now().applied)
	})
}

// What another fold did with a poisonous record is undone.
func TestPoisonLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlant(1)
		strict := &keeper{refuse: func(d Delivery) error {
			if d.ID == "b" {
				return &Invalid{Problem: "is b"}
			}
			return nil
		}}
		p.Flows = append(p.Flows, Flow[*memoryTx]{strict, everything})
		p.append(t, entry("a", "u1"), entry("b", "u1"), entry("c", "u1"))
		play(t, p.Consumer)
		// Each good record by both folds; of b nothing.
		wantIDs(t, p.store.now().applied, "a", "a", "c", "c")
		wantTotal(t, p.store.now(), 2, 0, 1)
	})
}

// A Wants that panics is a strange record, too, not the end of the process.
func TestPoisonInWants(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlant(1)
		p.Flows[0].Wants = func(_ Kind, typ Type) bool {
			if typ == "shop.opened" {
				panic("closed")
			}
			return true
		}
		odd := Record{Source: "shop", ID: "odd", Kind: ForNoKey, Key: "odd", Type: "shop.opened", Time: noon}
		p.append(t, entry("a", "u1"), odd.entry())
		play(t, p.Consumer)
		wantIDs(t, p.store.now().applied, "a")
		wantTotal(t, p.store.now(), 1, 0, 1)
	})
}

// The store is away while poison is being looked for: what was applied of the
// batch by then stays applied, once, and the rest follows.
func TestPoisonWhileTheStoreIsAway(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 6; n++ {
		for _, end := range []outcome{fails, lost, retries} {
			t.Run(fmt.Sprint(end, " of commit ", n), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					f := &shadow{}
					p := newPlant(1, f)
					p.keeper.refuse = func(d Delivery) error {
						if d.ID == "bad" {
							return &Invalid{Problem: "is bad"}
						}
						return nil
					}
					p.store.commit = func(try int) outcome {
						if try == n {
							return end
						}
						return commits
					}
					p.append(t, entry("a", "u1"), entry("b", "u1"), entry("bad", "u1"), entry("c", "u1"), entry("a", "u1"), entry("d", "u1"))
					stop := start(t, p.Consumer)
					pass(time.Minute)
					if err := stop(); err != nil {
						t.Error(err)
					}
					wantIDs(t, p.store.now().applied, "a", "b", "c", "d")
					wantTotal(t, p.store.now(), 4, 1, 1)
					f.wantSame(t, p.store.now().applied)
				})
			})
		}
	}
}
