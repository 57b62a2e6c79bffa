package experiments

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
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
	if !utf8.ValidString(strings.Join(header, ",")) {
		return nil, &SheetError{Line: 1, Problem: "is not UTF-8: save the file as such"}
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
