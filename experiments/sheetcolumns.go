package experiments

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/peakday/peakday/events"
)

// places are the numbers of the columns.
type places struct {
	unit, variant, segment int // -1: none
	metrics                [][]int
	names                  []string
}

func (s *Sheet) locate(header []string) (places, error) {
	p := places{unit: -1, segment: -1, names: header}
	find := func(column string) (int, error) {
		if i := slices.Index(header, column); i >= 0 {
			return i, nil
		}
		return 0, &SheetError{Line: 1, Problem: fmt.Sprintf("has no column %q: there are %s", column, strings.Join(header, ", "))}
	}
	var err error
	if s.Unit != "" {
		if p.unit, err = find(s.Unit); err != nil {
			return p, err
		}
	}
	if p.variant, err = find(s.Variant); err != nil {
		return p, err
	}
	if s.Segment != "" {
		if p.segment, err = find(s.Segment); err != nil {
			return p, err
		}
	}
	for _, m := range s.Metrics {
		columns := []string{m.Column}
		if m.Denominator != "" {
			columns = append(columns, m.Denominator)
		}
		var at []int
		for _, c := range append(columns, m.Covariates...) {
			i, err := find(c)
			if err != nil {
				return p, err
			}
			at = append(at, i)
		}
		p.metrics = append(p.metrics, at)
	}
	return p, nil
}

// sheetNumber reads a number or a truth; problem is empty when it could.
func sheetNumber(text string) (v float64, problem string) {
	text = strings.TrimSpace(text)
	switch strings.ToLower(text) {
	case "true", "t", "yes", "y":
		return 1, ""
	case "false", "f", "no", "n":
		return 0, ""
	case "":
		return 0, "must be a number, got nothing: write 0, or leave the row out"
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, fmt.Sprintf("must be a number (or true, false, yes, no), got %q", events.Clip(text))
	}
	return v, ""
}
