package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/peakday/peakday/internal/app"
)

// evaluateOptions are the benchmark's flags; what stands behind them goes to
// `peakday evaluate`.
type evaluateOptions struct {
	flags *pflag.FlagSet
	title string
	dir   string
	kept  string
	seeds int
}

func evaluateBenchmark() benchmark {
	var o evaluateOptions
	return benchmark{
		name:  "evaluate",
		about: "Offline quality of recommendations, every model tuned on a validation part of the training rows and measured once on the test: the mean over seeds, and from the lowest to the highest; baselines with the first seed",
		flags: func(f *pflag.FlagSet) {
			o.flags = f
			f.StringVar(&o.title, "title", "", "name of the data: the section is called \"recommend quality: TITLE\"")
			f.StringVar(&o.dir, "in", ".", "directory of the data's files")
			f.IntVar(&o.seeds, "seeds", 3, "how many seeds, from 1 on")
			f.StringVar(&o.kept, "kept", "", "directory for what was measured so far: a run that is cut short goes on from there; empty it when the code changes")
		},
		run: o.run,
	}
}

// evaluated is what `peakday evaluate --json` says.
type evaluated struct {
	Users, Items, Interactions int
	Models                     []map[string]any
}

func (o *evaluateOptions) run(ctx context.Context) (*report, error) {
	args := o.flags.Args()
	if len(args) == 0 || o.seeds < 1 {
		return nil, fmt.Errorf("%w\ngive the arguments of peakday evaluate behind --: evaluate --title T --in DIR -- FILE --user COL …", errUsage)
	}
	var runs []evaluated
	for seed := 1; seed <= o.seeds; seed++ {
		e, err := o.once(ctx, args, seed)
		if err != nil {
			return nil, err
		}
		runs = append(runs, e)
	}
	first := runs[0]
	alone := false
	metrics := metricsOf(first.Models[0])
	r := newReport(append([]string{"model"}, append(slices.Clone(metrics), "training, processor time")...)...)
	r.Name = "recommend quality"
	if o.title != "" {
		r.Name += ": " + o.title
	}
	for _, m := range first.Models {
		name := fmt.Sprint(m["name"])
		cells := []string{name}
		for _, metric := range append(slices.Clone(metrics), "train_seconds") {
			values := valuesOf(runs, name, metric)
			alone = alone || len(values) < len(runs)
			mean := meanOf(values)
			r.Values[name+" "+metric] = mean
			cells = append(cells, spread(mean, values, metric == "train_seconds"))
		}
		r.add(cells...)
	}
	r.note("%d users, %d items, %d interactions; seeds 1 to %d.", first.Users, first.Items, first.Interactions, o.seeds)
	if alone {
		r.note("The baselines are measured with the first seed: apart from ials they draw only what validates them.")
	}
	for _, m := range first.Models {
		if settings, _ := m["settings"].(string); settings != "" {
			r.note("%s was tuned to `%s` (first seed).", m["name"], settings)
		}
	}
	return r, nil
}

// valuesOf lists a model's values of a metric, by the seeds with which it was
// measured.
func valuesOf(runs []evaluated, name, metric string) []float64 {
	var values []float64
	for _, run := range runs {
		for _, m := range run.Models {
			if v, ok := m[metric].(float64); ok && m["name"] == name {
				values = append(values, v)
			}
		}
	}
	return values
}

// once measures with one seed, part by part: models that share their learning
// together, and the baselines, whose luck is small, with the first seed only.
func (o *evaluateOptions) once(ctx context.Context, args []string, seed int) (whole evaluated, err error) {
	if slices.ContainsFunc(args, func(arg string) bool { return strings.HasPrefix(arg, "--models") }) {
		return o.part(ctx, args, seed)
	}
	parts := []string{"two-tower,blend", "popularity,item-knn,transitions", "ials", "ease"}
	if seed > 1 {
		parts = parts[:1]
	}
	for i, models := range parts {
		e, err := o.part(ctx, append(slices.Clone(args), "--models", models), seed)
		if err != nil {
			return whole, err
		}
		if i == 0 {
			whole = e
		} else {
			whole.Models = append(whole.Models, e.Models...)
		}
	}
	return whole, nil
}

// part runs the command, unless its answer was kept.
func (o *evaluateOptions) part(ctx context.Context, args []string, seed int) (e evaluated, err error) {
	args = append(slices.Clone(args), "--json", "--seed", strconv.Itoa(seed))
	file := filepath.Join(o.kept, fmt.Sprintf("%s-%08x.json", o.title, crc32.ChecksumIEEE([]byte(strings.Join(args, " ")))))
	if o.kept != "" {
		if said, err := os.ReadFile(file); err == nil {
			return e, json.Unmarshal(said, &e)
		}
	}
	said, err := o.ask(ctx, args)
	if err != nil {
		return e, err
	}
	if err := json.Unmarshal(said, &e); err != nil {
		return e, fmt.Errorf("read what peakday evaluate says: %w", err)
	}
	if len(e.Models) == 0 {
		return e, fmt.Errorf("peakday evaluate measured no model")
	}
	if o.kept != "" {
		return e, os.WriteFile(file, said, 0o600)
	}
	return e, nil
}

// ask runs the command. Files are looked for in o.dir.
func (o *evaluateOptions) ask(ctx context.Context, args []string) ([]byte, error) {
	whole := []string{"evaluate"}
	for i, arg := range args {
		if i == 0 || args[i-1] == "--test" || args[i-1] == "--items" {
			arg = filepath.Join(o.dir, arg)
		}
		whole = append(whole, arg)
	}
	var out bytes.Buffer
	p := &app.Program{
		Args: whole, Stdin: strings.NewReader(""), Stdout: &out, Stderr: os.Stderr,
		Lookup: func(string) (string, bool) { return "", false },
		Clock:  func() time.Time { return time.Unix(0, int64(processCPU())) },
	}
	if code := p.Run(ctx); code != 0 {
		return nil, fmt.Errorf("peakday evaluate exits %d", code)
	}
	return out.Bytes(), nil
}

// metricsOf lists the metrics of a table: HR, NDCG and MRR of each cutoff, and
// the coverage of the first.
func metricsOf(model map[string]any) []string {
	var cutoffs []int
	for name := range model {
		if k, ok := strings.CutPrefix(name, "hr@"); ok {
			n, _ := strconv.Atoi(k)
			cutoffs = append(cutoffs, n)
		}
	}
	slices.Sort(cutoffs)
	var out []string
	for _, k := range cutoffs {
		out = append(out, fmt.Sprintf("hr@%d", k), fmt.Sprintf("ndcg@%d", k), fmt.Sprintf("mrr@%d", k))
	}
	return append(out, fmt.Sprintf("coverage@%d", cutoffs[0]))
}

func meanOf(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// spread writes a mean with the lowest and the highest, unless they are one.
func spread(mean float64, values []float64, seconds bool) string {
	format := func(v float64) string { return strings.TrimPrefix(fmt.Sprintf("%.4f", v), "0") }
	unit := ""
	if seconds {
		format, unit = func(v float64) string { return fmt.Sprintf("%.1f", v) }, " s"
	}
	low, high := format(slices.Min(values)), format(slices.Max(values))
	if low == high {
		return format(mean) + unit
	}
	return fmt.Sprintf("%s (%s to %s)%s", format(mean), low, high, unit)
}
