package events

import (
	"bytes"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

func level(version, quantity int64) Fact {
	return Fact{Source: "wms", ID: fmt.Sprint("level-", version), Type: StockLevelled, Data: &Stock{Version: version, Quantity: quantity, Region: "east"}}
}

func delta(id string, version, quantity int64) Fact {
	return Fact{Source: "wms", ID: id, Type: StockAdjusted, Data: &Stock{Version: version, Quantity: quantity, Region: "east"}}
}

func TestShelf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		facts []Fact
		want  int64
		known bool
	}{
		{"nothing seen", nil, 0, false},
		{"only deltas", []Fact{delta("a", 1, -2)}, 0, false},
		{"a level", []Fact{level(5, 10)}, 10, true},
		{"deltas newer than the level", []Fact{level(5, 10), delta("a", 6, -2), delta("b", 7, -3)}, 5, true},
		{"a delta older than the level", []Fact{level(5, 10), delta("a", 4, -2)}, 10, true},
		{"a delta as old as the level", []Fact{level(5, 10), delta("a", 5, -2)}, 10, true},
		{"a delta before its level", []Fact{delta("a", 6, -2), level(5, 10)}, 8, true},
		{"a level swallows older deltas", []Fact{level(5, 10), delta("a", 6, -2), level(7, 20)}, 20, true},
		{"a late level", []Fact{level(7, 20), level(5, 10)}, 20, true},
		{"two deltas of one version", []Fact{level(5, 10), delta("a", 6, -2), delta("b", 6, -2)}, 6, true},
		{"a delta twice", []Fact{level(5, 10), delta("a", 6, -2), delta("a", 6, -2)}, 8, true},
		{"two levels of one version: the lower", []Fact{level(5, 10), level(5, 3)}, 3, true},
		{"sold out to the last piece", []Fact{level(1, 1), delta("a", 2, -1)}, 0, true},
		{"oversold", []Fact{level(1, 1), delta("a", 2, -3)}, -2, true},
		{"a fact of something else", []Fact{{Type: ProductViewed, Data: &Behaviour{}}}, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var s Inventory
			for _, f := range c.facts {
				s.Apply(f)
			}
			if got, known := s.Remaining(); got != c.want || known != c.known {
				t.Errorf("remaining %d, known %v; want %d, %v", got, known, c.want, c.known)
			}
		})
	}
}

// The oracle looks at all facts at once.
func TestShelfForgetsOrderAndRepeats(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		facts := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Fact {
			v, q := rapid.Int64Range(0, 30).Draw(t, "version"), rapid.Int64Range(-5, 5).Draw(t, "quantity")
			if rapid.Bool().Draw(t, "level") {
				return level(v, q)
			}
			return delta(fmt.Sprintf("%d/%d", v, q), v, q)
		}), 0, 40).Draw(t, "facts")
		order := rapid.Permutation(facts).Draw(t, "order")
		again := rapid.SliceOf(rapid.SampledFrom(append(facts, level(0, 0)))).Draw(t, "again")
		again = again[:min(len(again), len(facts))]

		var first, second Inventory
		for _, f := range facts {
			first.Apply(f)
		}
		for _, f := range order {
			second.Apply(f)
		}
		for _, f := range again {
			first.Apply(f)
			second.Apply(f)
		}
		want, known := remainingOfAll(append(facts, again...))
		got, gotKnown := first.Remaining()
		if got != want || gotKnown != known {
			t.Fatalf("remaining %d %v, want %d %v", got, gotKnown, want, known)
		}
		if !bytes.Equal(first.Encode(nil), second.Encode(nil)) {
			t.Fatal("another order gave another shelf")
		}
	})
}

func remainingOfAll(facts []Fact) (int64, bool) {
	var at, quantity int64
	known := false
	for _, f := range facts {
		st := f.Data.(*Stock)
		if f.Type == StockLevelled && (!known || st.Version > at || st.Version == at && st.Quantity < quantity) {
			at, quantity, known = st.Version, st.Quantity, true
		}
	}
	counted := map[string]bool{}
	for _, f := range facts {
		st := f.Data.(*Stock)
		if f.Type == StockAdjusted && st.Version > at && !counted[f.ID] {
			quantity, counted[f.ID] = quantity+st.Quantity, true
		}
	}
	if !known {
		return 0, false
	}
	return quantity, true
}

func TestShelfIsBounded(t *testing.T) {
	t.Parallel()
	var s Inventory
	s.Apply(level(0, 100_000))
	for v := int64(1); v <= 50_000; v++ {
		s.Apply(delta(fmt.Sprint(v), v, -1))
	}
	if got, _ := s.Remaining(); got != 50_000 {
		t.Errorf("remaining %d, want 50000", got)
	}
	if len(s.deltas) > maxInventoryDeltas {
		t.Errorf("holds %d deltas", len(s.deltas))
	}
	s.Apply(delta("10", 10, -1))
	if got, _ := s.Remaining(); got != 50_000 {
		t.Errorf("a repeat of a folded delta counted: %d", got)
	}
	folded := s.base.version
	s.Apply(level(folded, 7))
	if got, _ := s.Remaining(); got != 7-(50_000-folded) {
		t.Errorf("a reported level lost against a folded one: %d", got)
	}

	var blind Inventory
	for v := int64(1); v <= 10_000; v++ {
		blind.Apply(delta(fmt.Sprint(v), v, -1))
	}
	if _, known := blind.Remaining(); known {
		t.Error("known without a level")
	}
	blind.Apply(level(9_999, 5))
	if got, known := blind.Remaining(); got != 4 || !known {
		t.Errorf("remaining %d %v, want 4", got, known)
	}
}

func TestShelfRegionIsOfTheNewestFact(t *testing.T) {
	t.Parallel()
	var s Inventory
	s.Apply(Fact{Type: StockLevelled, Data: &Stock{Version: 2, Region: "north"}})
	s.Apply(Fact{Type: StockLevelled, Data: &Stock{Version: 1, Region: "south"}})
	if s.Region() != "north" {
		t.Errorf("region %q, want north", s.Region())
	}
}

func FuzzDecodeInventory(f *testing.F) {
	var s Inventory
	f.Add(s.Encode(nil))
	s.Apply(level(5, 10))
	s.Apply(delta("a", 6, -2))
	f.Add(s.Encode(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, rest, err := DecodeInventory(b)
		if err != nil {
			return
		}
		again, tail, err := DecodeInventory(s.Encode(nil))
		if err != nil || len(tail) != 0 || len(rest) > len(b) {
			t.Fatalf("decoded %v again with %d bytes left: %v", s, len(tail), err)
		}
		if !bytes.Equal(s.Encode(nil), again.Encode(nil)) {
			t.Fatal("unequal")
		}
	})
}
