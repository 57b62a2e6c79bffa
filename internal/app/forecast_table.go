package app

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/peakday/peakday/forecast/panel"
	"github.com/peakday/peakday/internal/imports"
)

// forecastColumns name the columns of a long table of series.
type forecastColumns struct {
	series, time, value, event, missing string
	regressors, groups                  []string
}

// forecastTable reads files into a panel.
type forecastTable struct {
	columns forecastColumns
	builder panel.Builder
	layout  string // of the first time, and of the forecasts'
	file    string // the history's
	futures int    // rows read of the known future
}

// The fields of a row, as the reader of files knows them.
const (
	fieldSeries  = "series"
	fieldTime    = "time"
	fieldValue   = "value"
	fieldEvent   = "event"
	fieldMissing = "missing"
)

func fieldRegressor(i int) string { return "regressor " + strconv.Itoa(i) }
func fieldGroup(i int) string     { return "group " + strconv.Itoa(i) }

// fields maps the fields to columns; of the known future only what is read.
func (t *forecastTable) fields(future bool) (imports.Columns, []string) {
	columns := imports.Columns{fieldSeries: t.columns.series, fieldTime: t.columns.time}
	order := []string{fieldSeries, fieldTime}
	add := func(field, column string) {
		if column != "" {
			columns[field] = column
			order = append(order, field)
		}
	}
	for i, name := range t.columns.regressors {
		add(fieldRegressor(i), name)
	}
	add(fieldEvent, t.columns.event)
	if !future {
		add(fieldValue, t.columns.value)
		add(fieldMissing, t.columns.missing)
		for i, name := range t.columns.groups {
			add(fieldGroup(i), name)
		}
	}
	return columns, order
}

// flagOf is how the command line names the column of a field.
func flagOf(field string) string {
	name, _, _ := strings.Cut(field, " ")
	return "--" + name
}

// read takes the rows of a file. The error names the file, the line and the
// column.
func (t *forecastTable) read(path string, future bool) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	columns, known := t.fields(future)
	rows, err := imports.NewRows(path, file, imports.Options{Columns: columns, Known: known, Required: known, Flag: flagOf})
	if err != nil {
		return err
	}
	if !future {
		t.file, t.builder.Regressors = path, t.columns.regressors
	}
	count := 0
	for row, err := range rows.All() {
		if err != nil {
			return err
		}
		r, err := t.row(row, future)
		if err != nil {
			return err
		}
		if count++; future {
			t.builder.AddFuture(r)
		} else {
			t.builder.Add(r)
		}
	}
	if future {
		t.futures = count
	} else if count == 0 {
		return fmt.Errorf("%s: has no row below its header", path)
	}
	return nil
}

// row reads one row.
func (t *forecastTable) row(row imports.Row, future bool) (r panel.Row, err error) {
	r.Line = row.Line
	if r.Series = row.Get(fieldSeries); r.Series == "" {
		return r, row.Problem(fieldSeries, "must name a series, got nothing")
	}
	at, layout, ok := readStep(row.Get(fieldTime))
	if !ok {
		return r, row.Problem(fieldTime, fmt.Sprintf("must be a time such as 2026-11-11, 2026-11-11 20:00:00 or 2026-11, got %q", row.Get(fieldTime)))
	}
	if r.Time = at; t.layout == "" {
		t.layout = layout
	}
	r.Regressors = make([]float64, len(t.columns.regressors))
	for i := range r.Regressors {
		if r.Regressors[i], err = optionalNumber(row, fieldRegressor(i)); err != nil {
			return r, err
		}
	}
	if t.columns.event != "" {
		for _, e := range strings.Split(row.Get(fieldEvent), "|") {
			if e = strings.TrimSpace(e); e != "" {
				r.Events = append(r.Events, strings.Clone(e))
			}
		}
	}
	if future {
		return r, nil
	}
	return r, t.history(row, &r)
}

// history reads what only rows of the past have.
func (t *forecastTable) history(row imports.Row, r *panel.Row) (err error) {
	if r.Value, err = optionalNumber(row, fieldValue); err != nil {
		return err
	}
	if t.columns.missing != "" {
		switch text := strings.ToLower(row.Get(fieldMissing)); text {
		case "", "0", "false", "no":
		case "1", "true", "yes":
			r.Value = math.NaN()
		default:
			return row.Problem(fieldMissing, fmt.Sprintf("must be 0 or 1, got %q", text))
		}
	}
	for i, name := range t.columns.groups {
		// A group is known by its column, too: brand 7 is not store 7.
		r.Groups = append(r.Groups, name+"="+row.Get(fieldGroup(i)))
	}
	return nil
}

// optionalNumber reads a number; NaN for an empty field or one that says that
// it is unknown.
func optionalNumber(row imports.Row, field string) (float64, error) {
	text := row.Get(field)
	switch strings.ToLower(text) {
	case "", "na", "nan", "null", "none":
		return math.NaN(), nil
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(x, 0) || math.Abs(x) > 1e15 {
		return 0, row.Problem(field, fmt.Sprintf("must be a number up to 1e15, or nothing where it is unknown, got %q", text))
	}
	return x, nil
}

// readStep reads a time and gives its layout. Times without a zone are taken
// as they are.
func readStep(text string) (t time.Time, layout string, ok bool) {
	for _, layout := range []string{time.DateOnly, time.DateTime, time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01", "2006/01/02", "2006/1/2", "20060102", "2006-01-02T15:04", "2006"} {
		if t, err := time.Parse(layout, text); err == nil && t.Year() >= 1700 && t.Year() <= 2200 {
			return t, layout, true
		}
	}
	return t, "", false
}

// build makes the panel; a fault is named by the file.
func (t *forecastTable) build() (*panel.Panel, panel.Notes, error) {
	p, notes, err := t.builder.Build()
	var fault *panel.Fault
	if errors.As(err, &fault) {
		return nil, notes, &imports.Problem{File: t.file, Line: fault.Line, Column: t.columns.time, Text: fault.Problem}
	}
	if notes.Local {
		t.layout = "2006-01-02T15:04:05"
	}
	return p, notes, err
}

// closedDays names the weekdays without a row in four weeks of days or more.
func closedDays(rows [7]int) string {
	sum, closed := 0, []string{}
	for day, n := range rows {
		if sum += n; n == 0 {
			closed = append(closed, time.Weekday(day).String())
		}
	}
	if sum < 20 {
		return ""
	}
	return strings.Join(closed, " or ")
}

// remark says what was done to rows that were not as they should be.
func (t *forecastTable) remark(w io.Writer, n panel.Notes, o forecastFlags) {
	if n.Duplicates > 0 {
		fmt.Fprintf(w, "%s: %d rows came twice with the same value and count once\n", t.file, n.Duplicates)
	}
	if n.Added > 0 {
		fmt.Fprintf(w, "%s: %d rows of a series and time that has another row with another value were added to it\n", t.file, n.Added)
	}
	if n.Gaps > 0 {
		fmt.Fprintf(w, "%s: %d steps have no row: their values are taken as unknown, not as zero\n", t.file, n.Gaps)
	}
	if n.Coarser > 0 {
		fmt.Fprintf(w, "%s: %d series have rows only every few steps, such as %s: forecasts of them are for each step, too; a file should hold series of one frequency\n", t.file, n.Coarser, n.CoarserName)
	}
	if days := closedDays(n.Weekdays); days != "" {
		fmt.Fprintf(w, "%s: no %s has a row: leave them out of the forecasts if the shop is closed then\n", t.file, days)
	}
	if len(t.columns.regressors) > 0 && t.futures == 0 {
		fmt.Fprintf(w, "without --future the regressors %s are forecast to be as usual\n", strings.Join(o.columns.regressors, ", "))
	}
}
