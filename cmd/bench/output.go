package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
	"unicode"
)

// report is what a benchmark found.
type report struct {
	Name  string `json:"name"`
	About string `json:"about"`
	// Headline is the result in a sentence; empty: none.
	Headline string     `json:"headline,omitempty"`
	Command  string     `json:"command"`
	Machine  string     `json:"machine"`
	Commit   string     `json:"commit"`
	Columns  []string   `json:"columns"`
	Rows     [][]string `json:"rows"`
	Notes    []string   `json:"notes,omitempty"`
	More     []*table   `json:"more,omitempty"` // behind Rows, each with columns of its own
	// Values are the rows' figures for programs, by name.
	Values map[string]float64 `json:"values"`
}

// table is a further table of a report.
type table struct {
	Title   string     `json:"title"`
	Columns []string   `json:"columns"`
	Rows    [][]string `json:"rows"`
}

func (t *table) add(cells ...string) { t.Rows = append(t.Rows, cells) }

func newReport(columns ...string) *report {
	return &report{Columns: columns, Values: map[string]float64{}}
}

func (r *report) add(cells ...string) { r.Rows = append(r.Rows, cells) }

// note adds a paragraph. It may be written over several lines.
func (r *report) note(format string, args ...any) {
	r.Notes = append(r.Notes, strings.Join(strings.Fields(fmt.Sprintf(format, args...)), " "))
}

// markdown is the report as a section of docs/benchmarks.md.
func (r *report) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n%s.\n\n", r.Name, r.About)
	if r.Headline != "" {
		fmt.Fprintf(&b, "**%s.**\n\n", r.Headline)
	}
	fmt.Fprintf(&b, "`%s` at commit %s, %s, on %s.\n\n", r.Command, r.Commit, time.Now().UTC().Format(time.DateOnly), r.Machine)
	writeTable(&b, r.Columns, r.Rows)
	for _, t := range r.More {
		fmt.Fprintf(&b, "\n### %s\n\n", t.Title)
		writeTable(&b, t.Columns, t.Rows)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "\n%s\n", n)
	}
	return b.String()
}

func writeTable(b *strings.Builder, columns []string, rows [][]string) {
	line := func(cells []string) {
		for i, cell := range cells {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString("| " + strings.ReplaceAll(cell, "|", `\|`))
		}
		b.WriteString(" |\n")
	}
	line(columns)
	line(strings.Split(strings.Repeat("---,", len(columns)-1)+"---", ","))
	for _, row := range rows {
		line(row)
	}
}

// writeInto puts the section in place of the one of the same name, and its
// headline into the summary.
func (r *report) writeInto(path string) error {
	old, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		old = []byte(benchmarksHead)
	} else if err != nil {
		return err
	}
	var out bytes.Buffer
	kept, found := strings.SplitAfter(string(old), "\n"), false
	for i := 0; i < len(kept); i++ {
		if strings.TrimSpace(kept[i]) != "## "+r.Name {
			out.WriteString(kept[i])
			continue
		}
		found = true
		out.WriteString(r.markdown())
		for i+1 < len(kept) && !strings.HasPrefix(kept[i+1], "## ") {
			i++
		}
		if i+1 < len(kept) {
			out.WriteByte('\n')
		}
	}
	if !found {
		out.WriteString("\n" + r.markdown())
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(summarised(out.String())), 0o644)
}

// The summary begins with its head and goes on to the last row.
const (
	summaryHead = "| benchmark | result |\n| --- | --- |\n"
	summaryRow  = "| [%s](#%s) | %s |\n"
)

// summarised puts the headlines of all sections into the table at the top.
func summarised(text string) string {
	before, rest, found := strings.Cut(text, summaryHead)
	if !found {
		return text
	}
	for strings.HasPrefix(rest, "| ") {
		_, rest, _ = strings.Cut(rest, "\n")
	}
	var rows strings.Builder
	name := ""
	for line := range strings.Lines(rest) {
		line = strings.TrimSpace(line)
		if title, ok := strings.CutPrefix(line, "## "); ok {
			name = title
		} else if said, ok := strings.CutPrefix(line, "**"); ok && name != "" {
			fmt.Fprintf(&rows, summaryRow, name, anchor(name), strings.TrimSuffix(said, ".**"))
			name = ""
		}
	}
	return before + summaryHead + rows.String() + rest
}

// anchor is the link that a heading has on GitHub and GitLab.
func anchor(title string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return -1
	}, title)
}

const benchmarksHead = `# Benchmarks

Every table here is written by ` + "`" + `go run ./cmd/bench NAME --write` + "`" + `, with the command
above it; the table of results is made of the sections' first lines. What is compared
was measured side by side in one run. Absolute figures are those of the machine
named above each table; shared machines drift by a fifth and more between runs.

` + "`" + `assign` + "`" + `, ` + "`" + `stats` + "`" + `, ` + "`" + `report` + "`" + `, ` + "`" + `load` + "`" + `, ` + "`" + `ingest` + "`" + `, ` + "`" + `recommend` + "`" + ` and the simulated part of
` + "`" + `plan` + "`" + ` need nothing but this repository. ` + "`" + `ann` + "`" + ` needs a Python with hnswlib for its
peer (` + "`" + `--python` + "`" + `), ` + "`" + `forecast` + "`" + ` R with forecast and prophet and a Python with
statsforecast, each left out where it is missing. The public data sets that ` + "`" + `evaluate` + "`" + `,
` + "`" + `forecast` + "`" + ` and ` + "`" + `plan --orders` + "`" + ` read are not part of the repository: their sections name
the files, [evaluating](evaluating.md) and [forecasting](forecasting.md) what they are.

` + summaryHead

// machine says what the figures were measured on.
func machine() string {
	cpu := "an unknown processor"
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(b)) {
			if name, ok := strings.CutPrefix(line, "model name"); ok {
				cpu = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(name), ":"))
				break
			}
		}
	}
	return fmt.Sprintf("%d cores of %s, %s, %s/%s", runtime.NumCPU(), cpu, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// commit is the checked-out commit, marked when files differ from it.
func commit(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	id := strings.TrimSpace(string(out))
	changed, err := exec.CommandContext(ctx, "git", "status", "--porcelain", "--untracked-files=no").Output()
	if err == nil && len(bytes.TrimSpace(changed)) > 0 {
		id += " with changes"
	}
	return id
}
