package imports

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// records reads CSV as RFC 4180 has it, as encoding/csv does, but for what
// follows a mistake: a quote that is not closed spoils its own line, and not
// all lines up to the next quote.
func (r *Rows) records(yield func(Row, error) bool) {
	in := &table{lines: lines{in: r.in}}
	h, err := r.header(in)
	if err != nil {
		yield(Row{}, err)
		return
	}
	for {
		record, at, err := in.next()
		var bad *badRecord
		switch {
		case errors.Is(err, io.EOF):
			return
		case err == nil:
			err = h.fits(record)
		case !errors.As(err, &bad):
			yield(Row{}, r.unreadable(in.number, err))
			return
		}
		row := Row{File: r.file, Line: at, column: r.column}
		if err != nil {
			row, err = r.broken(at, err.Error())
		} else {
			row.fields = func(field string) string { return h.get(record, field) }
			row.names = func() []string { return h.names }
		}
		if !yield(row, err) {
			return
		}
	}
}

// table reads the records of a CSV file.
type table struct {
	lines
	text   []byte // of the record's fields
	ends   []int  // of each field in text
	quoted bool   // the field that is being read stands in quotes
}

// badRecord says what is wrong with a record.
type badRecord struct{ text string }

func (b *badRecord) Error() string { return b.text }

// next gives the next record and the line on which it begins. A *badRecord
// concerns that line only: those behind it are read as records of their own.
func (t *table) next() (fields []string, at int, err error) {
	first, err := t.lines.next()
	for err == nil && first.blank() {
		first, err = t.lines.next()
	}
	if err != nil {
		return nil, t.number, err
	}
	at = t.number
	t.text, t.ends, t.quoted = t.text[:0], t.ends[:0], false
	var behind []line
	for l := first; ; {
		switch why := t.split(l); {
		case why != "":
			t.putBack(behind)
			return nil, at, &badRecord{why}
		case !t.quoted:
			return t.fields(), at, nil
		}
		l, err = t.lines.next()
		switch {
		case errors.Is(err, io.EOF):
			t.putBack(behind)
			return nil, at, &badRecord{"has a quote that is never closed"}
		case err != nil:
			return nil, at, err
		}
		l.text = bytes.Clone(l.text)
		behind = append(behind, l)
	}
}

// split adds a line's fields to the record. t.quoted is true behind it if the
// last one goes on in the next line. why is what is wrong with the line.
func (t *table) split(l line) (why string) {
	if l.long || len(t.text)+len(l.text) > maxRow {
		return tooLong
	}
	for rest := l.text; ; {
		if !t.quoted && bytes.HasPrefix(rest, []byte{'"'}) {
			t.quoted, rest = true, rest[1:]
		}
		if t.quoted {
			if rest = t.inQuotes(rest); t.quoted {
				return ""
			}
			if ended := len(rest) == 0 || rest[0] == ',' || rest[0] == '\n'; !ended {
				return fmt.Sprintf("is not CSV: byte %d stands behind a closing quote", len(l.text)-len(rest)+1)
			}
		}
		end := bytes.IndexAny(rest, ",\n")
		if end < 0 {
			end = len(rest)
		}
		if quote := bytes.IndexByte(rest[:end], '"'); quote >= 0 {
			return fmt.Sprintf("is not CSV: there is a quote at byte %d, in a field that does not begin with one", len(l.text)-len(rest)+quote+1)
		}
		t.text = append(t.text, rest[:end]...)
		t.ends = append(t.ends, len(t.text))
		if end == len(rest) || rest[end] == '\n' {
			return ""
		}
		rest = rest[end+1:]
	}
}

// inQuotes takes the quoted field's text off the front of rest, up to the
// closing quote or the end of the line. Two quotes stand for one.
func (t *table) inQuotes(rest []byte) []byte {
	for {
		quote := bytes.IndexByte(rest, '"')
		if quote < 0 {
			t.text = append(t.text, rest...)
			return nil
		}
		t.text = append(t.text, rest[:quote]...)
		if rest = rest[quote+1:]; !bytes.HasPrefix(rest, []byte{'"'}) {
			t.quoted = false
			return rest
		}
		t.text, rest = append(t.text, '"'), rest[1:]
	}
}

// fields cuts the record's text into its fields.
func (t *table) fields() []string {
	whole := string(t.text)
	out := make([]string, len(t.ends))
	begin := 0
	for i, end := range t.ends {
		out[i], begin = whole[begin:end], end
	}
	return out
}
