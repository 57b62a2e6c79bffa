package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend/offline"
)

const evaluateHelp = `Measure the recommender on a file of the past, beside tuned baselines.

  peakday evaluate interactions.csv.gz --user user --item item --time time \
      --items items.csv.gz --item-key item --split leave-one-out

The file, CSV (also .gz) or NDJSON, has one row an interaction. --split says
what is kept for the test: leave-one-out (each user's last row), time:0.9 (the
last tenth of the time), or column:COL (rows that say "test"); --test names a
file of its own instead. Everything that is tuned is tuned on a part of the
training rows. All items are ranked, those that the user has in training left
out; with --session the user column holds sessions, every next item of a test
session is a case, and nothing is left out.

With --event and --target only rows whose event is the target are predicted;
the others (carts beside purchases) are history. Without --time the file's
order is the order.

--seeds 3 measures two-tower and blend with three seeds and prints the mean
with the spread.`

func (p *Program) evaluate() *cobra.Command {
	var (
		from   evaluation
		o      offline.Options
		asJSON bool
	)
	c := &cobra.Command{
		Use: "evaluate FILE --user COL --item COL", Short: "Measure the recommender beside tuned baselines on a CSV file",
		Long: evaluateHelp, Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := p.setUp(c); err != nil {
				return err
			}
			from.file = args[0]
			if err := from.check(); err != nil {
				return err
			}
			if err := o.Check(); err != nil {
				return &usageError{fmt.Errorf("--%w", err)}
			}
			b := newBar(p.Stderr)
			o.Now, o.Tell = time.Now, b.say
			if p.Clock != nil {
				o.Now = p.Clock
			}
			report, err := from.run(c.Context(), o)
			b.clear()
			if err != nil {
				return evaluateError(err)
			}
			if asJSON {
				return json.NewEncoder(p.Stdout).Encode(evaluateJSON{report})
			}
			return printEvaluation(p.Stdout, report)
		},
	}
	f := c.Flags()
	f.StringVar(&from.user, "user", "", "column of the user, or of the session with --session (required)")
	f.StringVar(&from.item, "item", "", "column of the item (required)")
	f.StringVar(&from.time, "time", "", "column of the time: as in imports, or any rising number (default: the file's order)")
	f.StringVar(&from.event, "event", "", "column of what was done")
	f.StringVar(&from.target, "target", "", "value of --event that is to be predicted (default: all)")
	f.StringVar(&from.items, "items", "", "file of items: each column but the key is an attribute, values apart by | or blanks")
	f.StringVar(&from.itemKey, "item-key", "", "column of the item in --items")
	f.StringVar(&from.split, "split", "", "leave-one-out, time:SHARE or column:COL (default: leave-one-out, with --session time:0.9)")
	f.StringVar(&from.test, "test", "", "file of the test rows, with the same columns, instead of --split")
	f.BoolVar(&from.session, "session", false, "users are sessions: every next item of a test session is a case")
	f.IntSliceVar(&o.Cutoffs, "k", []int{10, 20}, "lengths of the list; the first is what settings are chosen by")
	f.StringSliceVar(&o.Models, "models", nil, "some of "+strings.Join(offline.ModelNames(), ", ")+" (default: all)")
	f.Uint64Var(&o.Seed, "seed", 1, "of validation, training and sampling")
	f.IntVar(&o.Seeds, "seeds", 1, "how many seeds, from --seed on, two-tower and blend are measured with: the mean, and the lowest to the highest")
	f.BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

// evaluateError makes what the data say about a flag a matter of usage no
// more than it is: the file was read, but it does not suit.
func evaluateError(err error) error {
	var invalid *events.Invalid
	if errors.As(err, &invalid) && invalid.Field == "split" {
		return fmt.Errorf("--%w", err)
	}
	return err
}

// evaluateJSON is a report as the command prints it.
type evaluateJSON struct{ *offline.Report }

// MarshalJSON implements json.Marshaler: a metric's name has its cutoff.
func (r evaluateJSON) MarshalJSON() ([]byte, error) {
	models := make([]map[string]any, len(r.Models))
	for i, m := range r.Models {
		models[i] = map[string]any{"name": m.Name, "train_seconds": m.TrainTime.Seconds()}
		if m.Settings != "" {
			models[i]["settings"] = m.Settings
		}
		addMetrics(models[i], m.Metrics)
		if m.Seeds > 1 {
			low, high := map[string]any{}, map[string]any{}
			addMetrics(low, m.Low)
			addMetrics(high, m.High)
			models[i]["seeds"], models[i]["low"], models[i]["high"] = m.Seeds, low, high
		}
	}
	return json.Marshal(struct {
		Users        int              `json:"users"`
		Items        int              `json:"items"`
		Interactions int              `json:"interactions"`
		Models       []map[string]any `json:"models"`
	}{r.Users, r.Items, r.Interactions, models})
}

func addMetrics(to map[string]any, metrics []offline.Metrics) {
	for _, at := range metrics {
		k := "@" + strconv.Itoa(at.K)
		to["hr"+k], to["ndcg"+k], to["recall"+k] = at.HR, at.NDCG, at.Recall
		to["mrr"+k], to["coverage"+k] = at.MRR, at.Coverage
	}
}

func printEvaluation(out io.Writer, r *offline.Report) error {
	fmt.Fprintf(out, "%d users, %d items, %d interactions; %d test cases", r.Users, r.Items, r.Interactions, r.Cases)
	if r.Dropped > 0 {
		fmt.Fprintf(out, " (%d users left out: no history, or nothing new in the test)", r.Dropped)
	}
	fmt.Fprint(out, "\n\n")
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "model")
	for _, at := range r.Models[0].Metrics {
		fmt.Fprintf(w, "\tHR@%[1]d\tNDCG@%[1]d\trecall@%[1]d\tMRR@%[1]d\tcoverage@%[1]d", at.K)
	}
	fmt.Fprintln(w, "\ttraining")
	for _, m := range r.Models {
		fmt.Fprint(w, m.Name)
		writeCells(w, &m)
		fmt.Fprintf(w, "\t%.1f s\n", m.TrainTime.Seconds())
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if slices.ContainsFunc(r.Models, func(m offline.Result) bool { return m.Seeds > 1 }) {
		fmt.Fprintln(out, "\nmeans over seeds, and from the lowest to the highest; models without are of the first seed")
	}
	fmt.Fprintln(out, "\nsettings that validated best")
	for _, m := range r.Models {
		if m.Settings != "" {
			fmt.Fprintf(out, "  %s %s\n", m.Name, m.Settings)
		}
	}
	return nil
}

// writeCells writes a model's metrics, with their spread over several seeds.
func writeCells(w io.Writer, m *offline.Result) {
	for i, at := range m.Metrics {
		if m.Seeds == 1 {
			fmt.Fprintf(w, "\t%.4f\t%.4f\t%.4f\t%.4f\t%.3f", at.HR, at.NDCG, at.Recall, at.MRR, at.Coverage)
			continue
		}
		low, high := &m.Low[i], &m.High[i]
		for _, v := range [][3]float64{
			{at.HR, low.HR, high.HR}, {at.NDCG, low.NDCG, high.NDCG}, {at.Recall, low.Recall, high.Recall},
			{at.MRR, low.MRR, high.MRR}, {at.Coverage, low.Coverage, high.Coverage},
		} {
			fmt.Fprintf(w, "\t%.4f (%.4f to %.4f)", v[0], v[1], v[2])
		}
	}
}
