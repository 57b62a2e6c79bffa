package tower

import (
	"bytes"
	"context"
	"errors"
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

func TestKernelsDoNotChangeTheModel(t *testing.T) {
	t.Parallel()
	c := planted(120, 6, 100, 2)
	options, err := quick(3).withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	var first []byte
	for _, k := range kernels() {
		m, err := newTrainer(c, options, k).train(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got := encoded(t, m)
		if first == nil {
			first = got
		}
		if !bytes.Equal(got, first) {
			t.Errorf("with kernel %T the model is another one", k)
		}
	}
}

// TestStopsWhenTheScoreNoLongerRises: the best model wins, three worse ones end
// the training.
func TestStopsWhenTheScoreNoLongerRises(t *testing.T) {
	t.Parallel()
	scores := []float64{0.1, 0.3, 0.2, 0.4, 0.2, 0.1, 0.3, 0.9}
	var seen []*Model
	options := quick(1)
	options.Epochs = len(scores)
	options.Validate = func(_ context.Context, m *Model, epoch int) (float64, error) {
		seen = append(seen, m)
		return scores[epoch-1], nil
	}
	m := train(t, planted(60, 4, 60, 1), options)
	if len(seen) != 7 || m != seen[3] {
		t.Errorf("%d epochs; the fourth model wins: %v", len(seen), len(seen) > 3 && m == seen[3])
	}
	broken := errors.New("no data to validate on")
	options.Validate = func(context.Context, *Model, int) (float64, error) { return 0, broken }
	if _, err := Train(t.Context(), planted(60, 4, 60, 1), options); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
}

// TestTargetsSayWhatIsPredicted: views of even items come before buys of odd
// ones; when only buys count, no even item may be recommended.
func TestTargetsSayWhatIsPredicted(t *testing.T) {
	t.Parallel()
	c := &Corpus{Items: make([][]int32, 20)}
	for i := range 400 {
		view, buy := int32(i%10*2), int32(i%10*2+1)
		c.Visitors = append(c.Visitors, Visitor{Steps: []Step{{Item: view}, {Item: buy, Event: 2}, {Item: view}}})
	}
	options := quick(1)
	options.Epochs, options.Targets = 8, []float32{0, 0, 1}
	m := train(t, c, options)
	for view := int32(0); view < 20; view += 2 {
		u, err := m.UserVector(&Visitor{Steps: []Step{{Item: view}}}, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := best(m, u, 1)[0]; got != int(view)+1 {
			t.Errorf("after a view of %d: %d, want the buy of %d", view, got, view+1)
		}
	}
}
