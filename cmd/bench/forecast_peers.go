package main

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/peakday/peakday/forecast/panel"
)

//go:embed peers/forecast.R peers/forecast.py
var peerScripts embed.FS

// peerPath is one method's forecast of one series.
type peerPath struct {
	mean, lo80, hi80, lo95, hi95 []float64
	seconds                      float64
}

// peers runs other packages' methods, those that are installed, and keeps what
// they said by the data and the script: some take hours.
type peers struct {
	cache  string
	python string
}

// run gives a method's forecasts by series. ok is false if it is not
// installed; cached tells that it was run before.
func (p peers) run(ctx context.Context, method string, f family, t *trial, series []string) (paths map[string]peerPath, cached, ok bool, err error) {
	script, _ := p.script(method)
	body, err := peerScripts.ReadFile("peers/" + script)
	if err != nil {
		return nil, false, false, err
	}
	train, test := f.table(t, series)
	key := sha256.Sum256([]byte(strings.Join([]string{string(body), method, train, test, strconv.Itoa(f.season), strconv.Itoa(f.long)}, "\x00")))
	kept := filepath.Join(p.cache, f.name+"-"+method+"-"+hex.EncodeToString(key[:8])+".csv")
	if paths, err = readPeer(kept); err == nil {
		return paths, true, true, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, false, false, err
	}
	out, ok, err := p.ask(ctx, method, f, train, test)
	if err != nil || !ok {
		return nil, false, ok, err
	}
	if err := os.MkdirAll(p.cache, 0o755); err != nil {
		return nil, false, false, err
	}
	if err := os.WriteFile(kept, out, 0o644); err != nil {
		return nil, false, false, err
	}
	paths, err = readPeer(kept)
	return paths, false, true, err
}

// script is the one that knows a method, and the program that runs it.
func (p peers) script(method string) (script, program string) {
	if strings.HasPrefix(method, "sf_") {
		return "forecast.py", p.python
	}
	return "forecast.R", "Rscript"
}

// ask runs a method now. ok is false if it is not installed.
func (p peers) ask(ctx context.Context, method string, f family, train, test string) (out []byte, ok bool, err error) {
	script, program := p.script(method)
	if _, err := exec.LookPath(program); err != nil {
		return nil, false, nil
	}
	body, err := peerScripts.ReadFile("peers/" + script)
	if err != nil {
		return nil, false, err
	}
	work, err := os.MkdirTemp("", "peers")
	if err != nil {
		return nil, false, err
	}
	defer func() { _ = os.RemoveAll(work) }()
	for name, text := range map[string]string{script: string(body), "train.csv": train, "test.csv": test} {
		if err := os.WriteFile(filepath.Join(work, name), []byte(text), 0o644); err != nil {
			return nil, false, err
		}
	}
	cmd := exec.CommandContext(ctx, program, script, "train.csv", "test.csv", "out.csv", method, strconv.Itoa(f.season), strconv.Itoa(f.long))
	cmd.Dir = work
	cmd.Env = append(os.Environ(), "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1")
	if said, err := cmd.CombinedOutput(); err != nil {
		if strings.Contains(string(said), "there is no package") || strings.Contains(string(said), "No module named") {
			return nil, false, nil
		}
		return nil, false, fmt.Errorf("%s %s on %s: %w\n%s", program, method, f.name, err, said)
	}
	out, err = os.ReadFile(filepath.Join(work, "out.csv"))
	return out, true, err
}

// table writes the series as the scripts read them.
func (f family) table(t *trial, series []string) (train, test string) {
	var a, b strings.Builder
	head := append([]string{"series", "time", "value"}, f.regressors...)
	if f.event != "" {
		head = append(head, "event")
	}
	a.WriteString(strings.Join(head, ",") + "\n")
	b.WriteString(strings.Join(head, ",") + "\n")
	for _, p := range t.panels {
		for _, s := range p.Series {
			if !slices.Contains(series, s.Name) {
				continue
			}
			for i, y := range append(slices.Clone(s.Y), t.truth[s.Name]...) {
				to := &a
				if i >= len(s.Y) {
					to = &b
				}
				f.writeRow(to, p, s, i, y)
			}
		}
	}
	return a.String(), b.String()
}

func (f family) writeRow(to *strings.Builder, p *panel.Panel, s *panel.Series, i int, y float64) {
	value := "NA"
	if !math.IsNaN(y) {
		value = strconv.FormatFloat(y, 'g', -1, 64)
	}
	layout := "2006-01-02"
	if p.Step.Months == 0 && p.Step.Every.Hours() < 24 {
		layout = "2006-01-02 15:04:05"
	}
	fmt.Fprintf(to, "%s,%s,%s", s.Name, p.Step.At(s.Start, i).Format(layout), value)
	for r := range f.regressors {
		fmt.Fprintf(to, ",%g", s.Regressors[r][i])
	}
	if f.event != "" {
		events := ""
		if i < len(s.Events) {
			events = strings.Join(s.Events[i], "|")
		}
		to.WriteString("," + events)
	}
	to.WriteByte('\n')
}

// readPeer reads what a script wrote.
func readPeer(path string) (map[string]peerPath, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	paths, err := decodePeer(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return paths, nil
}

func decodePeer(from io.Reader) (map[string]peerPath, error) {
	records, err := csv.NewReader(from).ReadAll()
	if err != nil {
		return nil, err
	}
	out := map[string]peerPath{}
	for _, r := range records[min(1, len(records)):] {
		number := func(i int) float64 {
			x, err := strconv.ParseFloat(r[i], 64)
			if err != nil {
				return math.NaN()
			}
			return x
		}
		at := out[r[0]]
		at.mean = append(at.mean, number(2))
		at.lo80, at.hi80 = append(at.lo80, number(3)), append(at.hi80, number(4))
		at.lo95, at.hi95 = append(at.lo95, number(5)), append(at.hi95, number(6))
		at.seconds = number(7)
		out[r[0]] = at
	}
	return out, nil
}
