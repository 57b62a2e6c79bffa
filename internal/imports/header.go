package imports

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// header says where the fields stand in a record.
type header struct {
	index map[string]int // field → column
	width int            // columns of the header line; 0 without one
	names []string       // of the columns; nil without a header line
}

func (h *header) get(record []string, field string) string {
	if i, has := h.index[field]; has && i < len(record) {
		return record[i]
	}
	return ""
}

// fits refuses a record with more in it than the header names: most often a
// comma that was not quoted, and the fields behind it are all wrong.
func (h *header) fits(record []string) error {
	if h.width == 0 || len(record) <= h.width {
		return nil
	}
	for _, extra := range record[h.width:] {
		if strings.TrimSpace(extra) != "" {
			return fmt.Errorf("has %d fields and the header %d: a field with a comma in it must stand in quotes", len(record), h.width)
		}
	}
	return nil
}

// header finds the column of each known field.
func (r *Rows) header(in *table) (*header, error) {
	if r.NoHeader {
		return r.numbered()
	}
	record, at, err := in.next()
	var bad *badRecord
	switch {
	case errors.Is(err, io.EOF):
		return nil, fmt.Errorf("%s: is empty: a header line was expected", r.file)
	case errors.As(err, &bad):
		return nil, fmt.Errorf("%s:%d: the header line %w", r.file, at, err)
	case err != nil:
		return nil, r.unreadable(in.number, err)
	}
	h := &header{index: map[string]int{}, width: len(record)}
	names := make([]string, len(record))
	for i, name := range record {
		names[i] = strings.TrimSpace(name)
	}
	h.names = names
	if i := strings.IndexAny(names[0], ";\t"); i >= 0 && len(names) == 1 {
		return nil, fmt.Errorf("%s:%d: the columns are separated by %q: separate them by commas", r.file, at, names[0][i])
	}
	known := r.Known
	if r.AsIs {
		known = names
	}
	where := fmt.Sprintf("%s:%d", r.file, at)
	for _, field := range known {
		column := strings.TrimSpace(r.column(field))
		i := slices.Index(names, column)
		if i < 0 {
			if _, mapped := r.Columns[field]; mapped {
				return nil, fmt.Errorf("%s: there is no column %q for %s; the columns are %s", where, column, r.flag(field, column), strings.Join(names, ", "))
			}
			continue
		}
		if twice := slices.Index(names[i+1:], column); twice >= 0 {
			return nil, fmt.Errorf("%s: there are two columns %q (number %d and %d): rename one of them", where, column, i+1, i+twice+2)
		}
		h.index[field] = i
	}
	return h, r.required(h, where, strings.Join(names, ", "))
}

// numbered is the header of a file without one.
func (r *Rows) numbered() (*header, error) {
	h := &header{index: map[string]int{}}
	for _, field := range r.Known {
		column, mapped := r.Columns[field]
		if !mapped {
			continue
		}
		n, err := strconv.Atoi(column)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%s: without a header, --map %s=… must give the number of a column from 1, got %q", r.file, field, column)
		}
		h.index[field] = n - 1
	}
	return h, r.required(h, r.file, "by number from 1")
}

func (r *Rows) required(h *header, where, columns string) error {
	for _, field := range r.Required {
		_, has := h.index[field]
		switch {
		case !has && r.AsIs:
			return fmt.Errorf("%s: there is no column %q; the columns are %s", where, field, columns)
		case !has:
			return fmt.Errorf("%s: there is no column %q: name the one that holds it with %s (columns: %s)",
				where, r.column(field), r.flag(field, "COLUMN"), columns)
		}
	}
	return nil
}
