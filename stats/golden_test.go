package stats

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// readGolden decodes a file of testdata, which names its source.
func readGolden(t *testing.T, name string, v any) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// number is a float64 that golden files write as a number, "inf" or "-inf".
type number float64

func (n *number) UnmarshalJSON(b []byte) error {
	switch string(b) {
	case `"inf"`:
		*n = number(math.Inf(1))
	case `"-inf"`:
		*n = number(math.Inf(-1))
	default:
		return json.Unmarshal(b, (*float64)(n))
	}
	return nil
}

// same fails unless got is want to rel relative or abs absolute.
func same(t *testing.T, what string, got float64, want number, rel, abs float64) {
	t.Helper()
	w := float64(want)
	if got == w {
		return
	}
	if off := math.Abs(got - w); !(off <= rel*math.Abs(w) || off <= abs) {
		t.Errorf("%s = %.17g, want %.17g (off by %.2g relative)", what, got, w, off/math.Abs(w))
	}
}

// must unwraps a result that the test takes for granted.
func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
