package tower

import (
	"bytes"
	"runtime"
	"testing"
)

// TestLearnsPlantedKinds: by chance, one of ten recommended items in five is of
// the visitor's kind.
func TestLearnsPlantedKinds(t *testing.T) {
	t.Parallel()
	const kinds = 10
	c := planted(300, kinds, 1500, 1)
	m := train(t, c, quick(1))
	if share := kindShare(t, m, kinds); share < 0.8 {
		t.Errorf("%.2f of the ten best items are of the visitor's kind, want at least 0.8", share)
	}
}

// kindShare asks for the best ten items after one step, for one item of each
// kind.
func kindShare(t *testing.T, m *Model, kinds int) float64 {
	t.Helper()
	right := 0
	for kind := range kinds {
		u, err := m.UserVector(&Visitor{Steps: []Step{{Item: int32(kind)}}}, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range best(m, u, 10) {
			if i%kinds == kind {
				right++
			}
		}
	}
	return float64(right) / float64(10*kinds)
}

func best(m *Model, u []float32, n int) []int {
	var list []int
	taken := map[int]bool{}
	for range n {
		top := -1
		for i := range m.Items() {
			if !taken[i] && (top < 0 || inner(u, m.Vector(i)) > inner(u, m.Vector(top))) {
				top = i
			}
		}
		taken[top] = true
		list = append(list, top)
	}
	return list
}

func inner(x, y []float32) float32 {
	var sum float32
	for i := range x {
		sum += x[i] * y[i]
	}
	return sum
}

// Not parallel: it sets GOMAXPROCS.
func TestCoresDoNotChangeTheModel(t *testing.T) {
	c := planted(120, 6, 200, 2)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var first []byte
	for _, cores := range []int{1, 2, 5} {
		runtime.GOMAXPROCS(cores)
		got := encoded(t, train(t, c, quick(3)))
		if first == nil {
			first = got
		}
		if !bytes.Equal(got, first) {
			t.Errorf("with %d cores the model is another one", cores)
		}
	}
	if bytes.Equal(first, encoded(t, train(t, c, quick(4)))) {
		t.Error("another seed gave the same model")
	}
}
