package tower

import (
	"fmt"
	"math"
	"testing"
)

// TestNewItemIsFoundByItsFeatures trains on a shop and then asks for an item
// that it has never seen, of a kind that the visitor likes.
func TestNewItemIsFoundByItsFeatures(t *testing.T) {
	t.Parallel()
	const kinds = 8
	c := planted(240, kinds, 1000, 1)
	m := train(t, c, quick(1))
	for kind := range kinds {
		category, _ := m.Vocabulary().Find("category", fmt.Sprint(kind))
		brand, _ := m.Vocabulary().Find("brand", "3")
		item, err := m.ItemVector([]int32{category, brand})
		if err != nil {
			t.Fatal(err)
		}
		u, err := m.UserVector(&Visitor{Steps: []Step{{Item: int32(kind)}, {Item: int32(kind + kinds)}}}, 0)
		if err != nil {
			t.Fatal(err)
		}
		better := 0
		for i := range m.Items() {
			if i%kinds != kind && inner(u, m.Vector(i)) > inner(u, item) {
				better++
			}
		}
		if better > 10 {
			t.Errorf("%d of 210 items of other kinds come before a new item of kind %d", better, kind)
		}
	}
}

// TestUnknownItemInThePastTellsByItsFeatures: a visitor who saw only an item
// that the model does not know still gets that kind.
func TestUnknownItemInThePastTellsByItsFeatures(t *testing.T) {
	t.Parallel()
	const kinds = 8
	m := train(t, planted(240, kinds, 1000, 1), quick(1))
	for kind := range kinds {
		category, _ := m.Vocabulary().Find("category", fmt.Sprint(kind))
		u, err := m.UserVector(&Visitor{Steps: []Step{{Item: -1}}, Unknown: [][]int32{{category}}}, 0)
		if err != nil {
			t.Fatal(err)
		}
		right := 0
		for _, i := range best(m, u, 10) {
			if i%kinds == kind {
				right++
			}
		}
		if right < 8 {
			t.Errorf("kind %d: %d of the ten best items are of it, want 8", kind, right)
		}
	}
}

// TestVisitorWithoutStepsGetsWhatIsPopular: half of all steps go to ten items of 100.
func TestVisitorWithoutStepsGetsWhatIsPopular(t *testing.T) {
	t.Parallel()
	c := planted(100, 5, 600, 3)
	for v := range c.Visitors {
		for i := range c.Visitors[v].Steps {
			if (v+i)%2 == 0 {
				c.Visitors[v].Steps[i].Item = int32((v/2 + i) % 10)
			}
		}
	}
	options := quick(2)
	options.Epochs = 8
	m := train(t, c, options)
	u, err := m.UserVector(&Visitor{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	popular := 0
	for _, i := range best(m, u, 10) {
		if i < 10 {
			popular++
		}
	}
	if popular < 9 {
		t.Errorf("a visitor without steps gets %d of the ten popular items, want at least 9", popular)
	}
}

// TestRecentStepsCountMore: two kinds of items, the visitor moved from one to
// the other.
func TestRecentStepsCountMore(t *testing.T) {
	t.Parallel()
	const kinds = 10
	m := train(t, planted(300, kinds, 1500, 1), quick(1))
	u, err := m.UserVector(&Visitor{Steps: []Step{{Item: 2}, {Item: 3}}}, 0)
	if err != nil {
		t.Fatal(err)
	}
	old, fresh := 0, 0
	for _, i := range best(m, u, 10) {
		switch i % kinds {
		case 2:
			old++
		case 3:
			fresh++
		}
	}
	if fresh < old {
		t.Errorf("%d items like the newest step, %d like the one before", fresh, old)
	}
}

func TestVectorsHaveLengthOneAndNoNaN(t *testing.T) {
	t.Parallel()
	for _, dims := range []int{1, 2, 31, 33, 100, 256} {
		options := quick(1)
		options.Dims, options.Epochs = dims, 1
		m := train(t, planted(40, 4, 40, 1), options)
		if got := len(m.Vectors()); got != 40*dims {
			t.Fatalf("%d dims: %d numbers for 40 items", dims, got)
		}
		u, err := m.UserVector(&Visitor{Steps: []Step{{Item: 1}}}, 1e9)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range [][]float32{u, m.Vector(0), m.Vector(39)} {
			if len(v) != dims || math.Abs(float64(inner(v, v))-1) > 1e-4 {
				t.Errorf("%d dims: a vector of %d numbers has length² %v", dims, len(v), inner(v, v))
			}
		}
	}
}

func BenchmarkUserVector(b *testing.B) {
	c := planted(1000, 10, 200, 1)
	options := quick(1)
	options.Dims, options.Epochs = 64, 1
	m := train(b, c, options)
	v := Visitor{Features: c.Visitors[0].Features}
	for i := range 20 {
		v.Steps = append(v.Steps, Step{int32(i * 31), 1, int64(1e9 + i)})
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.UserVector(&v, 1e9+100); err != nil {
			b.Fatal(err)
		}
	}
}
