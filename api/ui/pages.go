package ui

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"math"
	"mime"
	"net/url"
	"path"
	"strconv"
	"strings"
)

//go:embed templates assets
var files embed.FS

// Pages are the parsed templates and the assets.
type Pages struct {
	pages  map[string]*template.Template
	assets map[string]Asset
}

// Asset is a file that the pages refer to.
type Asset struct {
	Type string // of its content
	Body []byte
}

// Frame is what surrounds every page.
type Frame struct {
	Title   string
	Path    string // of the page, to mark where one is
	User    string // whose session it is; empty without one
	Login   bool   // there are keys, so that one can log in and out
	CSRF    string // for forms that write
	Manages bool   // may send such forms
	AsOf    string // of the newest event applied; empty before the first
	Version string
	Body    any // the page's view
}

// New parses the templates.
func New() (*Pages, error) {
	p := &Pages{pages: map[string]*template.Template{}, assets: map[string]Asset{}}
	frame, err := template.New("frame.html").Funcs(funcs()).ParseFS(files, "templates/frame.html", "templates/parts.html")
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		return nil, err
	}
	for _, file := range names {
		name := strings.TrimSuffix(path.Base(file), ".html")
		if name == "frame" || name == "parts" {
			continue
		}
		copied, err := frame.Clone()
		if err != nil {
			return nil, err
		}
		if p.pages[name], err = copied.ParseFS(files, file); err != nil {
			return nil, err
		}
	}
	return p, p.readAssets()
}

func (p *Pages) readAssets() error {
	entries, err := files.ReadDir("assets")
	if err != nil {
		return err
	}
	for _, e := range entries {
		b, err := files.ReadFile("assets/" + e.Name())
		if err != nil {
			return err
		}
		p.assets[e.Name()] = Asset{Type: mime.TypeByExtension(path.Ext(e.Name())), Body: b}
	}
	return nil
}

// Write writes the page of that name.
func (p *Pages) Write(w io.Writer, name string, f Frame) error {
	t := p.pages[name]
	if t == nil {
		return fmt.Errorf("there is no page %q", name)
	}
	return t.ExecuteTemplate(w, "frame.html", f)
}

// Asset gives the asset of that name.
func (p *Pages) Asset(name string) (Asset, bool) {
	a, ok := p.assets[name]
	return a, ok
}

func funcs() template.FuncMap {
	return template.FuncMap{
		"number":  anyNumber,
		"pieces":  Pieces,
		"percent": Percent,
		"signed":  Signed,
		"change":  Difference,
		"inc":     func(i int) int { return i + 1 },
		"neg":     func(f float64) float64 { return -f },
		"path":    url.PathEscape,
		"within":  within,
	}
}

// within reports whether a page is one of the sections or below one.
func within(path string, sections ...string) bool {
	for _, s := range sections {
		if path == s || strings.HasPrefix(path, s+"/") {
			return true
		}
	}
	return false
}

func anyNumber(v any) string {
	switch v := v.(type) {
	case float64:
		return Number(v)
	case int:
		return Number(float64(v))
	case int64:
		return Number(float64(v))
	}
	return fmt.Sprint(v)
}

// Number writes a figure for a person: thousands apart, as many decimals as
// its size needs.
func Number(f float64) string {
	size := math.Abs(f)
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return "–"
	case size >= 1e15:
		return strconv.FormatFloat(f, 'g', 4, 64)
	case size >= 1000 || f == math.Trunc(f):
		return grouped(strconv.FormatFloat(f, 'f', 0, 64))
	case size >= 10:
		return minus(strconv.FormatFloat(f, 'f', 1, 64))
	case size >= 0.1:
		return minus(strconv.FormatFloat(f, 'f', 3, 64))
	}
	return minus(strconv.FormatFloat(f, 'g', 3, 64))
}

// Pieces writes an expected number of pieces: tenths of a piece are enough.
func Pieces(f float64) string {
	if whole := math.Round(f); math.Abs(f-whole) < 1e-6 { // but for rounding
		f = whole
	}
	if math.Abs(f) < 1000 && f != math.Trunc(f) {
		return minus(strconv.FormatFloat(f, 'f', 1, 64))
	}
	return Number(f)
}

// minus puts the sign that is as wide as a plus before a negative figure.
func minus(s string) string {
	if s[0] == '-' {
		return "−" + s[1:]
	}
	return s
}

// Difference writes a figure with its sign.
func Difference(f float64) string {
	if f > 0 && !math.IsInf(f, 0) {
		return "+" + Number(f)
	}
	return Number(f)
}

// grouped puts thin spaces between thousands.
func grouped(s string) string {
	sign := ""
	if s[0] == '-' {
		sign, s = "−", s[1:]
	}
	var b strings.Builder
	for i, c := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteRune('\u2009')
		}
		b.WriteRune(c)
	}
	return sign + b.String()
}

// Percent writes a share.
func Percent(f float64) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return "–"
	}
	return minus(strconv.FormatFloat(100*f, 'f', 1, 64)) + " %"
}

// Signed writes a relative change with its sign.
func Signed(f float64) string {
	if f > 0 {
		return "+" + Percent(f)
	}
	return Percent(f)
}
