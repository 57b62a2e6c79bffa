package imports_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/peakday/peakday/internal/imports"
)

// cells reads the fields a, b and c of every row, as "line: a|b|c", and what is
// wrong with a row or, at last, with the file.
func cells(file io.Reader, o imports.Options) []string {
	o.Known = []string{"a", "b", "c"}
	rows, err := imports.NewRows("f.csv", file, o)
	if err != nil {
		return []string{err.Error()}
	}
	var out []string
	for row, err := range rows.All() {
		if err != nil {
			out = append(out, err.Error())
			continue
		}
		out = append(out, fmt.Sprintf("%d: %s|%s|%s", row.Line, row.Get("a"), row.Get("b"), row.Get("c")))
	}
	return out
}

// gz packs text.
func gz(t testing.TB, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestRows(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 2<<20)
	plain := imports.Options{}
	numbered := imports.Options{NoHeader: true, Columns: imports.Columns{"a": "1", "c": "3"}, Required: []string{"a"}}
	needs := imports.Options{Required: []string{"a", "b"}}
	renamed := imports.Options{Columns: imports.Columns{"a": "Alpha"}}
	for _, c := range []struct {
		name, file string
		o          imports.Options
		want       []string
	}{
		{"plain", "a,b,c\n1,2,3\n4,5,6\n", plain, []string{"2: 1|2|3", "3: 4|5|6"}},
		{"no last line end", "a,b,c\n1,2,3", plain, []string{"2: 1|2|3"}},
		{"byte-order mark", "\ufeffa,b,c\n1,2,3\n", plain, []string{"2: 1|2|3"}},
		{"byte-order mark before a quote", "\ufeff\"a\",b,c\n1,2,3\n", plain, []string{"2: 1|2|3"}},
		{"line ends of Windows", "a,b,c\r\n1,\"2\r\n2\",3\r\n4,5,6\r\n", plain, []string{"2: 1|2\n2|3", "4: 4|5|6"}},
		{"carriage return at the end", "a,b,c\r\n1,2,3\r", plain, []string{"2: 1|2|3"}},
		{"quotes", "a,b,c\n\"1,1\",\"say \"\"two\"\"\",\"\"\n", plain, []string{`2: 1,1|say "two"|`}},
		{"line breaks in quotes", "a,b,c\n1,\"2\n\n2\",3\n4,5,6\n", plain, []string{"2: 1|2\n\n2|3", "5: 4|5|6"}},
		{"line break in the header", "a,\"the\nb\",c\n1,2,3\n", plain, []string{"3: 1||3"}},
		{"blank lines", "\n\na,b,c\n\n1,2,3\n  \n4,5,6\n\n", plain, []string{"5: 1|2|3", "7: 4|5|6"}},
		{"short rows", "a,b,c\n1\n1,2\n,,\n", plain, []string{"2: 1||", "3: 1|2|", "4: ||"}},
		{"long rows", "a,b,c\n1,2,3,4\n1,2,3,\n", plain, []string{"f.csv:2: has 4 fields and the header 3: a field with a comma in it must stand in quotes", "3: 1|2|3"}},
		{"other columns", "x,b,y,a\n1,2,3,4\n", plain, []string{"2: 4|2|"}},
		{"blanks about names and values", "a , b,\tc\n 1 , 2 ,\t3\n", plain, []string{"2: 1|2|3"}},
		{"another name", "Alpha,a,b\n1,2,3\n", renamed, []string{"2: 1|3|"}},
		{"header only", "a,b,c\n", plain, nil},

		{"empty", "", plain, []string{"f.csv: is empty: a header line was expected"}},
		{"nothing but blank lines", "\n \r\n\n", plain, []string{"f.csv: is empty: a header line was expected"}},
		{"missing column", "a,c\n1,3\n", needs, []string{`f.csv:1: there is no column "b": name the one that holds it with --map b=COLUMN (columns: a, c)`}},
		{"missing column of a map", "a,b,c\n1,2,3\n", renamed, []string{`f.csv:1: there is no column "Alpha" for --map a=Alpha; the columns are a, b, c`}},
		{"another separator", "a;b;c\n1;2;3\n", needs, []string{`f.csv:1: the columns are separated by ';': separate them by commas`}},
		{"one name twice", "a,b,a\n1,2,3\n", plain, []string{`f.csv:1: there are two columns "a" (number 1 and 3): rename one of them`}},
		{"a name twice that nobody asks for", "x,a,x\n1,2,3\n", plain, []string{"2: 2||"}},
		{"a spreadsheet", "PK\x03\x04\x14\x00", plain, []string{"f.csv: is a spreadsheet or another zip file: save it as CSV"}},
		{"tabs", "order_id\tsku\no1\ta\n", plain, []string{"f.csv:1: the columns are separated by '\\t': separate them by commas"}},
		{"UTF-16, as spreadsheets write it", "\xff\xfea\x00,\x00b\x00", plain, []string{"f.csv: is UTF-16: save it as UTF-8"}},
		{"broken header", "a,b\"b,c\n1,2,3\n", plain, []string{"f.csv:1: the header line is not CSV: there is a quote at byte 4, in a field that does not begin with one"}},

		{"a quote inside a field", "a,b,c\n1,12\" pipe,3\n4,5,6\n", plain, []string{"f.csv:2: is not CSV: there is a quote at byte 5, in a field that does not begin with one", "3: 4|5|6"}},
		{"text behind a quote", "a,b,c\n1,\"12\" pipe,3\n4,5,6\n", plain, []string{"f.csv:2: is not CSV: byte 7 stands behind a closing quote", "3: 4|5|6"}},
		{"a quote first that is never closed", "a,b,c\n\"1,2,3\n4,5,6\n7,8,9\n", plain, []string{"f.csv:2: has a quote that is never closed", "3: 4|5|6", "4: 7|8|9"}},
		{"a quote that meets one of the next line", "a,b,c\n1,\"2,3\n4,\"5\",6\n7,8,9\n", plain, []string{"f.csv:2: is not CSV: byte 4 stands behind a closing quote", "3: 4|5|6", "4: 7|8|9"}},
		{"a quote at the very end", "a,b,c\n1,2,\"", plain, []string{"f.csv:2: has a quote that is never closed"}},

		{"a line of 2 MB", "a,b,c\n1," + long + ",3\n4,5,6\n", plain, []string{"f.csv:2: is longer than 1 MiB", "3: 4|5|6"}},
		{"a record of 2 MB", "a,b,c\n1,\"" + strings.Repeat(long[:1023]+"\n", hugeLines) + "\",3\n", plain, nil},
		{"a line of 300 kB", "a,b,c\n1," + long[:300_000] + ",3\n", plain, []string{"2: 1|" + long[:300_000] + "|3"}},
		{"a last line of 2 MB", "a,b,c\n" + long, plain, []string{"f.csv:2: is longer than 1 MiB"}},

		{"numbers", "1,2,3\n4,5\n", numbered, []string{"1: 1||3", "2: 4||"}},
		{"numbers, nothing there", "", numbered, nil},
		{"numbers, a bad first line", "\"\"1,2\n4,5,6\n", numbered, []string{"f.csv:1: is not CSV: byte 3 stands behind a closing quote", "2: 4||6"}},
		{"numbers, none for a needed field", "1,2\n", imports.Options{NoHeader: true, Required: []string{"b"}}, []string{`f.csv: there is no column "b": name the one that holds it with --map b=COLUMN (columns: by number from 1)`}},
		{"names for numbers", "1,2\n", imports.Options{NoHeader: true, Columns: imports.Columns{"a": "first"}}, []string{`f.csv: without a header, --map a=… must give the number of a column from 1, got "first"`}},
		{"column 0", "1,2\n", imports.Options{NoHeader: true, Columns: imports.Columns{"a": "0"}}, []string{`f.csv: without a header, --map a=… must give the number of a column from 1, got "0"`}},
		{"a field that there is not", "a,b\n", imports.Options{Columns: imports.Columns{"z": "a"}}, []string{`there is no field "z" to map; the fields are a, b, c`}},

		{"objects", `{"a":"1","b":2,"c":3.50}` + "\n" + `{"c":true}` + "\n", plain, []string{"1: 1|2|3.50", "2: ||true"}},
		{"objects in objects", `{"a":{"x":[1,2]},"b":["y"],"c":null}`, plain, []string{`1: {"x":[1,2]}|["y"]|`}},
		{"objects, blank lines", "\n  \n{\"a\":\"1\"}\r\n\n {\"a\":\"2\"} \n", plain, []string{"3: 1||", "5: 2||"}},
		{"objects, byte-order mark", "\ufeff{\"a\":\"1\"}\n", plain, []string{"1: 1||"}},
		{"objects, renamed", `{"Alpha":"1","b":"2"}`, renamed, []string{"1: 1|2|"}},
		{"no objects", "{\"a\":\"1\"}\n[1]\nnull\n\"x\"\n{\"a\":\n{\"a\":\"2\"}\n", plain, []string{
			"1: 1||", "f.csv:2: must be a JSON object, got array", "f.csv:3: must be a JSON object, got null",
			"f.csv:4: must be a JSON object, got string", "f.csv:5: is not JSON: unexpected end of JSON input", "6: 2||",
		}},
		{"an object of 2 MB", "{\"a\":\"" + long + "\"}\n{\"a\":\"2\"}\n", plain, []string{"f.csv:1: is longer than 1 MiB", "2: 2||"}},
		{"objects in another encoding", "{\"a\":\"1\"}\n{\"a\":\"\xe9\"}\n", plain, []string{"1: 1||", "f.csv:2: is not UTF-8"}},
		{"an array of objects", "[{\"a\":\"1\"}]\n", plain, []string{"f.csv: is a JSON array: one object a line was expected (NDJSON)"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.name == "a record of 2 MB" {
				checkHugeRecord(t, cells(strings.NewReader(c.file), c.o))
				return
			}
			for _, form := range []struct {
				name string
				in   io.Reader
			}{{"plain", strings.NewReader(c.file)}, {"gzipped", bytes.NewReader(gz(t, c.file))}} {
				if got := cells(form.in, c.o); !slices.Equal(got, c.want) {
					t.Errorf("%s:\n got %.300q\nwant %.300q", form.name, got, c.want)
				}
			}
		})
	}
}

// hugeLines is how many lines of 1 KiB the record of 2 MB has.
const hugeLines = 2048

// checkHugeRecord: a quote that is not closed for a megabyte spoils its own
// line; those behind it are read by themselves.
func checkHugeRecord(t *testing.T, got []string) {
	t.Helper()
	if len(got) != hugeLines+1 || got[0] != "f.csv:2: is longer than 1 MiB" || !strings.HasPrefix(got[1], "3: xxx") ||
		!strings.HasPrefix(got[hugeLines-1], fmt.Sprintf("%d: xxx", hugeLines+1)) {
		t.Errorf("%d rows: %.200q …", len(got), got[:min(3, len(got))])
	}
}

func TestGzipThatIsCutShort(t *testing.T) {
	t.Parallel()
	var file strings.Builder
	file.WriteString("a,b,c\n")
	for i := range 20_000 {
		fmt.Fprintf(&file, "%d,%d,%d\n", i, i*i%1009, i*i*i%2003)
	}
	whole := gz(t, file.String())
	for _, cut := range []int{3, 9, 15, len(whole) / 2, len(whole) - 1} {
		got := cells(bytes.NewReader(whole[:cut]), imports.Options{})
		last := got[len(got)-1]
		if cut > 100 {
			if want := fmt.Sprintf("f.csv: is cut short behind line %d: unexpected EOF", len(got)); last != want {
				t.Errorf("cut at %d: ends with %q, want %q", cut, last, want)
			}
		} else if !strings.HasPrefix(last, "f.csv: ") || !strings.HasSuffix(last, "unexpected EOF") {
			t.Errorf("cut at %d: %q", cut, got)
		}
	}
	damaged := slices.Clone(whole)
	damaged[len(damaged)-6] ^= 1
	got := cells(bytes.NewReader(damaged), imports.Options{})
	if want := "f.csv: cannot be read behind line 20001: gzip: invalid checksum"; got[len(got)-1] != want {
		t.Errorf("ends with %q, want %q", got[len(got)-1], want)
	}
}

// faulty gives text and then an error.
type faulty struct{ text *strings.Reader }

var errDisk = errors.New("the disk is on fire")

func (f *faulty) Read(p []byte) (int, error) {
	if n, err := f.text.Read(p); err == nil {
		return n, nil
	}
	return 0, errDisk
}

func TestReadersThatFail(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "a,b", "a,b,c\n1,2,3\n4,5", "a,b,c\n\"1,2\n", "{\"a\":1}\n{"} {
		rows, err := imports.NewRows("f.csv", &faulty{strings.NewReader(text)}, imports.Options{Known: []string{"a"}})
		if err != nil {
			t.Fatal(err)
		}
		var last error
		for _, last = range rows.All() {
		}
		if !errors.Is(last, errDisk) {
			t.Errorf("%q: ends with %v", text, last)
		}
	}
}

func TestReadingCanBeLeft(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"a,b,c\n1,2,3\n4,5,6\n", "a,b,c\n\"\"1\n4,5,6\n", "{}\n{}\n", "1\n2\n"} {
		rows, err := imports.NewRows("f.csv", strings.NewReader(file), imports.Options{Known: []string{"a"}})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for range rows.All() {
			n++
			break
		}
		if n > 1 {
			t.Errorf("%q: %d rows after a break", file, n)
		}
	}
}
