package offline

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/peakday/peakday/events"
)

// Options say what to measure.
type Options struct {
	Cutoffs []int            // lengths of the list; the first is what settings are chosen by
	Models  []string         // of ModelNames; empty: all
	Seed    uint64           // of validation, training and sampling
	Seeds   int              // how many, from Seed on, two-tower and the blend are measured with; 0: one
	Now     func() time.Time // for the seconds that training takes
	Tell    func(string)     // of progress; nil: nobody
}

// Report is what Evaluate found.
type Report struct {
	Users, Items, Interactions int // of the whole file
	Cases                      int
	Dropped                    int // users of the test without a history, or with nothing new in it
	Models                     []Result
}

// Result is one model's.
type Result struct {
	Name      string
	Settings  string        // that validated best, with the first seed; empty where nothing is tuned
	Metrics   []Metrics     // by cutoff: the mean over seeds
	Low, High []Metrics     // the lowest and the highest of each number; nil with one seed
	Seeds     int           // that it was measured with
	TrainTime time.Duration // the mean over seeds
}

// ModelNames lists what Evaluate can measure: the product first, then the
// baselines.
func ModelNames() []string {
	return []string{nameTowers, nameBlend, "popularity", nameKNN, "transitions", "ials", "ease"}
}

const (
	nameTowers = "two-tower"
	nameBlend  = "blend"
	nameKNN    = "item-knn"
)

// Check reports what is wrong with options as an *events.Invalid.
func (o *Options) Check() error {
	if len(o.Cutoffs) == 0 {
		return &events.Invalid{Field: "k", Problem: "must name at least one length of the list"}
	}
	for i, k := range o.Cutoffs {
		if k < 1 || k > 1000 || slices.Contains(o.Cutoffs[:i], k) {
			return &events.Invalid{Field: "k", Problem: fmt.Sprintf("must be different whole numbers from 1 to 1000, got %d", k)}
		}
	}
	if o.Seeds < 0 || o.Seeds > 100 {
		return &events.Invalid{Field: "seeds", Problem: fmt.Sprintf("must be a whole number from 1 to 100, got %d", o.Seeds)}
	}
	for i, name := range o.Models {
		if !slices.Contains(ModelNames(), name) || slices.Contains(o.Models[:i], name) {
			return &events.Invalid{Field: "models", Problem: fmt.Sprintf("must be some of %s, each once, got %q", strings.Join(ModelNames(), ", "), name)}
		}
	}
	return nil
}

// Evaluate tunes the models on a validation part of the training data, fits
// them on all of it, and measures them on the test. Equal data and an equal
// seed give equal numbers on one kind of machine; the times differ.
func Evaluate(ctx context.Context, d *Data, o Options) (*Report, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	if len(d.Cases) == 0 {
		return nil, &events.Invalid{Field: "split", Problem: "leaves no test case: nobody has both a history and something new after it"}
	}
	if len(o.Models) == 0 {
		o.Models = ModelNames()
	}
	return overSeeds(ctx, d, o)
}

func withOneSeed(ctx context.Context, d *Data, o Options) (*Report, error) {
	inner, cases := d.validation(o.Seed)
	if len(cases) == 0 {
		return nil, &events.Invalid{Field: "split", Problem: "leaves no case for validation: the training part is too small"}
	}
	r := &run{data: d, options: o, inner: newCachedSet(inner), final: newCachedSet(d.Train), validation: cases}
	return r.all(ctx)
}

// run is one evaluation.
type run struct {
	data       *Data
	options    Options
	inner      *cachedSet // training without the validation cases
	final      *cachedSet // all of training
	validation []Case
	models     []*modelRun
}

func (r *run) all(ctx context.Context) (*Report, error) {
	d := r.data
	report := &Report{Users: d.Users, Items: d.Items, Interactions: d.Interactions, Cases: len(d.Cases), Dropped: d.Dropped}
	r.models = r.modelRuns()
	for _, name := range ModelNames() {
		if !slices.Contains(r.options.Models, name) {
			continue
		}
		c, err := r.named(ctx, name)
		if err != nil {
			return nil, err
		}
		r.tell("measuring " + name)
		m, err := Measure(ctx, c.fitted, d.Cases, len(d.Train.Items), r.options.Cutoffs)
		if err != nil {
			return nil, fmt.Errorf("measure %s: %w", name, err)
		}
		report.Models = append(report.Models, Result{Name: name, Settings: c.settings, Metrics: m, TrainTime: c.took})
		if !c.partOfBlend() {
			c.fitted = nil
			delete(r.final.cache, "ridge")
		}
	}
	return report, nil
}

// tuneCases is how many validation cases settings are chosen on.
const tuneCases = 3000

// named tunes and fits a model, once.
func (r *run) named(ctx context.Context, name string) (*modelRun, error) {
	at := slices.IndexFunc(r.models, func(c *modelRun) bool { return c.name == name })
	c := r.models[at]
	if c.fitted != nil {
		return c, nil
	}
	t := &trial{set: r.inner, cases: sample(r.validation, tuneCases, r.options.Seed), cutoff: r.options.Cutoffs[0], progress: r.tell}
	var err error
	if c.inner, c.settings, err = c.tune(ctx, t); err != nil {
		return nil, err
	}
	if !c.partOfBlend() { // EASE alone holds hundreds of megabytes
		c.inner = nil
		delete(r.inner.cache, "ridge")
	}
	r.tell("training " + name)
	began := r.options.Now()
	if c.fitted, err = c.fit(ctx); err != nil {
		return nil, fmt.Errorf("fit %s: %w", name, err)
	}
	c.took += r.options.Now().Sub(began)
	return c, nil
}

func (r *run) tell(what string) {
	if r.options.Tell != nil {
		r.options.Tell(what)
	}
}
