package experiments

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/peakday/peakday/events"
)

// sheetRows are the rows of a file, added up by unit.
type sheetRows struct {
	*Sheet
	units    []*sheetUnit // of one variant each, in the order of the file
	crossed  int          // units that were seen in several variants: left out
	mixed    int          // units that were seen in several segments: in the first
	repeated int          // units with several rows
	rows     int
	bounds   []LookBound
	tallies  map[string][]tally // of the rows themselves, by variant and metric
}

// sheetUnit is a unit's own sums, in the order of sheetRows.columns.
type sheetUnit struct {
	id, variant, segment string
	rows                 int
	values               [][]float64 // by metric: y, denominator, covariates (added up over rows)
	all                  [][]float64 // by metric: the values of every row, of quantiles
	crossed, mixed       bool
}

// tally is the count, the sum and the squares of rows, for the test that must
// not be made.
type tally struct{ n, mean, squares float64 }

func (t *tally) add(v float64) {
	t.n++
	d := v - t.mean
	t.mean += d / t.n
	t.squares += d * (v - t.mean)
}

// maxSheetVariants bounds what can be a column of variants.
const maxSheetVariants = 100

func readSheet(s *Sheet, r io.Reader) (*sheetRows, error) {
	in := csv.NewReader(withoutBOM(r))
	in.ReuseRecord = true
	header, err := in.Read()
	if errors.Is(err, io.EOF) {
		return nil, &SheetError{Problem: "the file is empty: expected a header line with the names of the columns"}
	} else if err != nil {
		return nil, lineError(err)
	}
	at, err := s.locate(slices.Clone(header))
	if err != nil {
		return nil, err
	}
	rows := &sheetRows{Sheet: s, tallies: map[string][]tally{}}
	byID := map[string]*sheetUnit{}
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, lineError(err)
		}
		line, _ := in.FieldPos(0)
		if err := rows.take(byID, at, record, line); err != nil {
			return nil, err
		}
	}
	rows.settle()
	return rows, nil
}

// withoutBOM skips the byte order mark that spreadsheets write.
func withoutBOM(r io.Reader) io.Reader {
	b := bufio.NewReader(r)
	if head, err := b.Peek(3); err == nil && string(head) == "\ufeff" {
		_, _ = b.Discard(3)
	}
	return b
}

func lineError(err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return &SheetError{Line: p.Line, Problem: p.Err.Error()}
	}
	return err
}

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

func (rs *sheetRows) take(byID map[string]*sheetUnit, at places, record []string, line int) error {
	rs.rows++
	id := "line " + strconv.Itoa(line)
	if at.unit >= 0 {
		if id = record[at.unit]; id == "" {
			return &SheetError{line, rs.Unit, "must be the id of a unit, got nothing"}
		}
	}
	variant := record[at.variant]
	if variant == "" {
		return &SheetError{line, rs.Variant, "must be a variant, got nothing"}
	}
	u := byID[id]
	if u == nil {
		u = &sheetUnit{id: strings.Clone(id), variant: strings.Clone(variant), values: make([][]float64, len(rs.Metrics)), all: make([][]float64, len(rs.Metrics))}
		if at.segment >= 0 {
			u.segment = strings.Clone(record[at.segment])
		}
		byID[u.id] = u
		rs.units = append(rs.units, u)
	}
	u.rows++
	u.crossed = u.crossed || u.variant != variant
	u.mixed = u.mixed || at.segment >= 0 && u.segment != record[at.segment]
	if rs.tallies[variant] == nil {
		if len(rs.tallies) == maxSheetVariants {
			return &SheetError{line, rs.Variant, fmt.Sprintf("has more than %d different values: is it the variant?", maxSheetVariants)}
		}
		rs.tallies[strings.Clone(variant)] = make([]tally, len(rs.Metrics))
	}
	for i := range rs.Metrics {
		if err := rs.takeMetric(u, i, at, record, line, variant); err != nil {
			return err
		}
	}
	return nil
}

func (rs *sheetRows) takeMetric(u *sheetUnit, i int, at places, record []string, line int, variant string) error {
	m := &rs.Metrics[i]
	if u.values[i] == nil {
		u.values[i] = make([]float64, len(at.metrics[i]))
	}
	for k, column := range at.metrics[i] {
		v, err := sheetNumber(record[column])
		if err != "" {
			return &SheetError{line, at.names[column], err}
		}
		if k == 0 && m.Kind == Proportion {
			if v != 0 && v != 1 {
				return &SheetError{line, at.names[column], fmt.Sprintf("must be 0 or 1 (or true, false, yes, no) for a proportion, got %q", record[column])}
			}
			u.values[i][0] = max(u.values[i][0], v)
		} else {
			u.values[i][k] += v
		}
		if k == 0 {
			rs.tallies[variant][i].add(v)
			if m.Kind == Quantile {
				u.all[i] = append(u.all[i], v)
			}
		}
	}
	return nil
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

// settle leaves out the units of several variants, and makes means of
// covariates: they were known before, and stand in every row again.
func (rs *sheetRows) settle() {
	kept := rs.units[:0]
	for _, u := range rs.units {
		if u.rows > 1 {
			rs.repeated++
		}
		if u.crossed {
			rs.crossed++
			continue
		}
		if u.mixed {
			rs.mixed++
		}
		for i := range rs.Metrics {
			first := len(u.values[i]) - len(rs.Metrics[i].Covariates)
			for k := first; k < len(u.values[i]); k++ {
				u.values[i][k] /= float64(u.rows)
			}
		}
		kept = append(kept, u)
	}
	rs.units = kept
}

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
