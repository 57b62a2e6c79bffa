package imports

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
)

// Columns says under which name a file keeps a field: field → column. A field
// that is not in it has a column of its own name.
type Columns map[string]string

// Row is one row of a file. Its fields can be read until the next row is.
type Row struct {
	File   string
	Line   int // on which it begins, from 1, the header included
	fields func(field string) string
	column func(field string) string
	names  func() []string
}

// Names lists the columns of a row: those of the header, or the keys of an
// object, sorted.
func (r Row) Names() []string { return r.names() }

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
	file string
	in   *bufio.Reader
	Options
}

// Options say how a file is laid out.
type Options struct {
	Columns  Columns
	NoHeader bool     // CSV without a header: columns are numbered from 1
	Required []string // fields that every row must have a column for
	Known    []string // fields that Columns may name
	AsIs     bool     // fields are the columns' own names: every column is known, and there is no --map

	// Flag says how the command line names the column of a field, such as
	// "--time COL"; nil for --map field=COLUMN.
	Flag func(field string) string
}

// NewRows reads what file holds. The format is seen from its first bytes.
func NewRows(file string, in io.Reader, o Options) (*Rows, error) {
	for field := range o.Columns {
		if !slices.Contains(o.Known, field) {
			return nil, fmt.Errorf("there is no field %q to map; the fields are %s", field, strings.Join(o.Known, ", "))
		}
	}
	buffered, err := Unzipped(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if mark, _ := buffered.Peek(2); bytes.Equal(mark, []byte("\xff\xfe")) || bytes.Equal(mark, []byte("\xfe\xff")) {
		return nil, fmt.Errorf("%s: is UTF-16: save it as UTF-8", file)
	}
	if mark, _ := buffered.Peek(4); bytes.Equal(mark, []byte("PK\x03\x04")) {
		return nil, fmt.Errorf("%s: is a spreadsheet or another zip file: save it as CSV", file)
	}
	if mark, _ := buffered.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		_, _ = buffered.Discard(3) // a byte-order mark, which Peek has seen
	}
	return &Rows{file: file, in: buffered, Options: o}, nil
}

// Unzipped reads in, through gzip if it begins like that.
func Unzipped(in io.Reader) (*bufio.Reader, error) {
	const room = 1 << 16
	buffered := bufio.NewReaderSize(in, room)
	if magic, _ := buffered.Peek(2); !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return buffered, nil
	}
	unzipped, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, err
	}
	return bufio.NewReaderSize(unzipped, room), nil
}

// All gives every row. With a *Problem as error the row is broken and the
// reading goes on; any other error ends it.
func (r *Rows) All() iter.Seq2[Row, error] {
	start, _ := r.in.Peek(1024)
	switch start = bytes.TrimLeft(start, " \t\r\n"); {
	case bytes.HasPrefix(start, []byte("{")):
		return r.objects
	case bytes.HasPrefix(start, []byte("[")):
		return func(yield func(Row, error) bool) {
			yield(Row{}, fmt.Errorf("%s: is a JSON array: one object a line was expected (NDJSON)", r.file))
		}
	}
	return r.records
}

// broken is the row of a line that cannot be read, and why.
func (r *Rows) broken(line int, why string) (Row, error) {
	return Row{File: r.file, Line: line}, &Problem{File: r.file, Line: line, Text: why}
}

// unreadable is the end of a file that is damaged behind line.
func (r *Rows) unreadable(line int, err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%s: is cut short behind line %d: %w", r.file, line, err)
	}
	return fmt.Errorf("%s: cannot be read behind line %d: %w", r.file, line, err)
}

// flag is how the command line names the column of a field.
func (r *Rows) flag(field, column string) string {
	if r.Flag != nil {
		return r.Flag(field)
	}
	return fmt.Sprintf("--map %s=%s", field, column)
}

// column gives the file's name for a field.
func (r *Rows) column(field string) string {
	if c, mapped := r.Columns[field]; mapped {
		return c
	}
	return field
}
