package forecast

import "testing"

func TestBeyond(t *testing.T) {
	t.Parallel()
	sold := []float32{0, 19.9, 15, 0, 24}
	for _, c := range []struct {
		price float64
		want  bool
	}{{15, false}, {14.9, false}, {14, true}, {20, false}, {24.2, false}, {25, true}} {
		if got := beyond(sold, c.price); got != c.want {
			t.Errorf("%g: %t, want %t", c.price, got, c.want)
		}
	}
	if !beyond(nil, 10) {
		t.Error("a price is known of what never sold")
	}
}
