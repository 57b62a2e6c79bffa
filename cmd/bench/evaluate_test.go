package main

import (
	"slices"
	"testing"
)

func TestValuesOfAModelAreThoseOfTheSeedsThatMeasuredIt(t *testing.T) {
	t.Parallel()
	runs := []evaluated{
		{Models: []map[string]any{{"name": "blend", "hr@10": 0.2}, {"name": "ease", "hr@10": 0.1}}},
		{Models: []map[string]any{{"name": "blend", "hr@10": 0.3}}},
	}
	if got, want := valuesOf(runs, "blend", "hr@10"), []float64{0.2, 0.3}; !slices.Equal(got, want) {
		t.Errorf("blend has %v, want %v", got, want)
	}
	if got, want := valuesOf(runs, "ease", "hr@10"), []float64{0.1}; !slices.Equal(got, want) {
		t.Errorf("ease has %v, want %v", got, want)
	}
}
