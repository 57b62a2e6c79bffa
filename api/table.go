package api

import (
	"bytes"
	"io"
	"math"
	"net/http"
	"strconv"

	"github.com/peakday/peakday/events"
)

// tableFor reads a query and answers with the table of what it finds.
func tableFor[Q, R, W any](x *exchange, name string, query func() (Q, error), find func(Q) ([]R, error), write func(io.Writer, events.Currency, []R) error, wire func(R) W) error {
	q, err := query()
	if err != nil {
		return err
	}
	rows, err := find(q)
	if err != nil {
		return err
	}
	return tableOf(x, name, rows, func(w io.Writer) error { return write(w, x.Shop, rows) }, wire)
}

// tableOf answers with rows as a list, or as CSV with format=csv.
func tableOf[R, W any](x *exchange, name string, rows []R, write func(io.Writer) error, wire func(R) W) error {
	asCSV, err := x.wantsCSV()
	if err != nil {
		return err
	}
	if asCSV {
		return x.csv(name, write)
	}
	w, err := x.tableWindow()
	if err != nil {
		return err
	}
	rows = rows[min(w.from, len(rows)):]
	out := listing[W]{Items: []W{}}
	if len(rows) > w.limit {
		rows = rows[:w.limit]
		out.NextCursor = cursorAt(strconv.Itoa(w.from + w.limit))
	}
	for _, r := range rows {
		out.Items = append(out.Items, wire(r))
	}
	return x.json(http.StatusOK, out)
}

// tableWindow is the part of a table that ?limit= and ?cursor= ask for. Tables
// have no key of their own: a cursor is the number of the rows before.
type tableWindow struct{ from, limit int }

func (x *exchange) tableWindow() (w tableWindow, err error) {
	if w.limit, err = x.integer("limit", maxItems, 1, maxTable); err != nil {
		return w, err
	}
	text, err := x.cursor()
	if err != nil || text == "" {
		return w, err
	}
	if w.from, err = strconv.Atoi(text); err != nil || w.from < 0 || w.from > math.MaxInt32 {
		return w, &events.Invalid{Field: "cursor", Problem: "must be the next_cursor of an earlier answer"}
	}
	return w, nil
}

// maxTable is how many rows of a table one JSON answer holds at most; CSV has all.
const maxTable = 100_000

// wantsCSV reports whether ?format= asks for CSV instead of JSON.
func (x *exchange) wantsCSV() (bool, error) {
	format, err := x.oneOf("format", "json", "csv")
	return format == "csv", err
}

// csv answers with a table as a file.
func (x *exchange) csv(name string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	x.Header().Set("Content-Disposition", `attachment; filename="`+name+`.csv"`)
	return x.send(http.StatusOK, x.headers.csv, b.Bytes())
}

func identity[T any](v T) T { return v }
