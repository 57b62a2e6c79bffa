package imports

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// Columns says under which name a file keeps a field: field → column. A field
// that is not in it has a column of its own name.
type Columns map[string]string

// Row is one line of a file.
type Row struct {
	File   string
	Line   int // from 1, the header included
	fields func(field string) string
	column func(field string) string
}

// Get gives the field's value without surrounding blanks, "" if there is none.
func (r Row) Get(field string) string { return strings.TrimSpace(r.fields(field)) }

// Problem is what is wrong with one row.
type Problem struct {
	File   string
	Line   int
	Column string // as the file calls it; empty for the whole line
	Text   string
}

func (p *Problem) Error() string {
	if p.Column == "" {
		return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text)
	}
	return fmt.Sprintf("%s:%d: column %s %s", p.File, p.Line, p.Column, p.Text)
}

func (r Row) problem(field, format string, args ...any) *Problem {
	return r.Problem(field, fmt.Sprintf(format, args...))
}

// Problem is what is wrong with a field of this row, named by the file's own
// column.
func (r Row) Problem(field, text string) *Problem {
	column := ""
	if field != "" {
		column = r.column(field)
	}
	return &Problem{r.File, r.Line, column, text}
}

// Rows reads a file of CSV or NDJSON, plain or gzipped.
type Rows struct {
	file    string
	in      *bufio.Reader
	columns Columns
	Options
}

// Options say how a file is laid out.
type Options struct {
	Columns  Columns
	NoHeader bool     // CSV without a header: columns are numbered from 1
	Required []string // fields that every row must have a column for
	Known    []string // fields that Columns may name
}

// NewRows reads what file holds. The format is seen from its first bytes.
func NewRows(file string, in io.Reader, o Options) (*Rows, error) {
	for field := range o.Columns {
		if !slices.Contains(o.Known, field) {
			return nil, fmt.Errorf("there is no field %q to map; the fields are %s", field, strings.Join(o.Known, ", "))
		}
	}
	buffered := bufio.NewReaderSize(in, 1<<16)
	if magic, _ := buffered.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		unzipped, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		buffered = bufio.NewReaderSize(unzipped, 1<<16)
	}
	if mark, _ := buffered.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		_, _ = buffered.Discard(3) // a byte-order mark, which Peek has seen
	}
	return &Rows{file: file, in: buffered, columns: o.Columns, Options: o}, nil
}

// All gives every row. With a *Problem as error the row is broken and the
// reading goes on; any other error ends it.
func (r *Rows) All() iter.Seq2[Row, error] {
	if first, _ := r.in.Peek(1); bytes.Equal(first, []byte("{")) {
		return r.objects
	}
	return r.records
}

// column gives the file's name for a field.
func (r *Rows) column(field string) string {
	if c, mapped := r.columns[field]; mapped {
		return c
	}
	return field
}

// records reads CSV.
func (r *Rows) records(yield func(Row, error) bool) {
	in := csv.NewReader(r.in)
	in.FieldsPerRecord = -1
	in.ReuseRecord = true
	index, err := r.header(in)
	if err != nil {
		yield(Row{}, err)
		return
	}
	for {
		record, err := in.Read()
		line, _ := in.FieldPos(0)
		if errors.Is(err, io.EOF) {
			return
		}
		row := Row{File: r.file, Line: line, column: r.column}
		var broken *csv.ParseError
		switch {
		case errors.As(err, &broken):
			row.Line = broken.Line
			err = &Problem{r.file, broken.Line, "", fmt.Sprintf("is not CSV: %v at byte %d of the line", broken.Err, broken.Column)}
		case err != nil:
			yield(Row{}, fmt.Errorf("%s: %w", r.file, err))
			return
		default:
			row.fields = func(field string) string {
				if i, has := index[field]; has && i < len(record) {
					return record[i]
				}
				return ""
			}
		}
		if !yield(row, err) {
			return
		}
	}
}

// header finds the column of each known field.
func (r *Rows) header(in *csv.Reader) (map[string]int, error) {
	index := map[string]int{}
	var names []string
	if r.NoHeader {
		for field, column := range r.columns {
			n, err := strconv.Atoi(column)
			if err != nil || n < 1 {
				return nil, fmt.Errorf("%s: without a header, --map %s=… must give the number of a column from 1, got %q", r.file, field, column)
			}
			index[field] = n - 1
		}
	} else {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%s: is empty: a header line was expected", r.file)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.file, err)
		}
		names = slices.Clone(record)
		for _, field := range r.Known {
			if i := slices.Index(names, r.column(field)); i >= 0 {
				index[field] = i
			} else if c, mapped := r.columns[field]; mapped {
				return nil, fmt.Errorf("%s:1: there is no column %q for --map %s=%s; the columns are %s", r.file, c, field, c, strings.Join(names, ", "))
			}
		}
	}
	for _, field := range r.Required {
		if _, has := index[field]; !has {
			return nil, fmt.Errorf("%s:1: there is no column %q: name the one that holds it with --map %s=COLUMN (columns: %s)",
				r.file, r.column(field), field, orNone(names))
		}
	}
	return index, nil
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "by number"
	}
	return strings.Join(names, ", ")
}

// maxLine bounds a line of NDJSON.
const maxLine = 1 << 20

// objects reads NDJSON.
func (r *Rows) objects(yield func(Row, error) bool) {
	in := bufio.NewScanner(r.in)
	in.Buffer(make([]byte, 64<<10), maxLine)
	for line := 1; in.Scan(); line++ {
		if len(bytes.TrimSpace(in.Bytes())) == 0 {
			continue
		}
		row := Row{File: r.file, Line: line, column: r.column}
		var object map[string]json.RawMessage
		if err := json.Unmarshal(in.Bytes(), &object); err != nil {
			if !yield(row, &Problem{r.file, line, "", "is not a JSON object: " + err.Error()}) {
				return
			}
			continue
		}
		row.fields = func(field string) string { return jsonText(object[r.column(field)]) }
		if !yield(row, nil) {
			return
		}
	}
	if err := in.Err(); err != nil {
		yield(Row{}, fmt.Errorf("%s: %w", r.file, err))
	}
}

// jsonText gives a string its characters and anything else its JSON.
func jsonText(raw json.RawMessage) string {
	var s string
	switch {
	case len(raw) == 0 || bytes.Equal(raw, []byte("null")):
		return ""
	case raw[0] == '"' && json.Unmarshal(raw, &s) == nil:
		return s
	}
	return string(raw)
}
