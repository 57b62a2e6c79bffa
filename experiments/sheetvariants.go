package experiments

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/peakday/peakday/events"
)

// arrange gives the variants, the control first, with their planned weights.
func (rs *sheetRows) arrange() (variants []string, weights []float64, err error) {
	there := map[string]bool{}
	for _, u := range rs.units {
		there[u.variant] = true
	}
	found := slices.Sorted(maps.Keys(there))
	if !there[rs.Control] {
		problem := fmt.Sprintf("has no unit in the control %q: its values are %s", rs.Control, events.Clip(strings.Join(found, ", ")))
		if rs.crossed > 0 {
			problem += fmt.Sprintf("; %d units in several variants were left out: is %q the id of a unit?", rs.crossed, rs.Unit)
		}
		return nil, nil, &SheetError{Column: rs.Variant, Problem: problem}
	}
	if len(found) < 2 {
		return nil, nil, &SheetError{Column: rs.Variant, Problem: fmt.Sprintf("has only %q: there is nothing to compare it with", rs.Control)}
	}
	variants = append([]string{rs.Control}, slices.DeleteFunc(found, func(v string) bool { return v == rs.Control })...)
	for _, v := range variants {
		w, named := rs.Weights[v]
		if rs.Weights == nil {
			w = 1
		} else if !named || !(w > 0) {
			return nil, nil, wrong("weights", "must name a weight above 0 for every variant of the file: %s", strings.Join(variants, ", "))
		}
		weights = append(weights, w)
	}
	for _, v := range slices.Sorted(maps.Keys(rs.Weights)) {
		if !slices.Contains(variants, v) {
			return nil, nil, wrong("weights", "name %q, which no unit of the file is in: there are %s", v, strings.Join(variants, ", "))
		}
	}
	return variants, weights, nil
}
