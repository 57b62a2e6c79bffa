package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/peakday/peakday/forecast/panel"
)

const forecastHelp = `Forecast every series of a long CSV file (also .gz): one row a series and time.

  peakday forecast sales.csv --series sku --time day --value pieces --horizon 28 --output forecast.csv
  peakday forecast weekly.csv.gz --series store_sku --time week --value pieces \
      --regressor price --regressor deal --group brand --missing no_stock \
      --horizon 8 --future plan.csv --backtest 6

The step (hourly, daily, weekly, monthly, …) is found from the times. A step
without a row is unknown, not zero. --future holds what is known of the time
ahead: regressors and events. --backtest also forecasts from so many origins in
the past, a horizon apart, and says how far off it was.`

// forecastFlags is what the command line says.
type forecastFlags struct {
	columns   forecastColumns
	horizon   int
	season    string
	future    string
	quantiles string
	output    string
	backtest  int
	quick     bool
	asJSON    bool
}

func (p *Program) forecast() *cobra.Command {
	var o forecastFlags
	c := &cobra.Command{
		Use: "forecast FILE --series COL --time COL --value COL --horizon H", Short: "Forecasts for every series of a CSV file",
		Long: forecastHelp, Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := p.setUp(c); err != nil {
				return err
			}
			return p.runForecast(c.Context(), args[0], o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.columns.series, "series", "", "column of the series' name (required)")
	f.StringVar(&o.columns.time, "time", "", "column of the time (required)")
	f.StringVar(&o.columns.value, "value", "", "column of the value (required)")
	f.StringArrayVar(&o.columns.regressors, "regressor", nil, "column of a number that moves the value and is known ahead, such as price; several times for several")
	f.StringVar(&o.columns.event, "event", "", "column of the events at a time, several joined by |")
	f.StringVar(&o.columns.missing, "missing", "", "column that is 1 where the value must not count, such as a day without stock")
	f.StringArrayVar(&o.columns.groups, "group", nil, "column of a group of series that resemble one another, the narrowest first")
	f.IntVar(&o.horizon, "horizon", 0, "steps to forecast (required)")
	f.StringVar(&o.season, "season", "auto", "periods in steps, such as 7 or 24,168; auto takes those of the step")
	f.StringVar(&o.future, "future", "", "file with the known future: the same columns, a value in it is not read")
	f.StringVar(&o.quantiles, "quantiles", "0.025,0.1,0.5,0.9,0.975", "probabilities of the quantiles")
	f.StringVar(&o.output, "output", "", "file for the forecasts; without it and --json they go to the standard output")
	f.IntVar(&o.backtest, "backtest", 0, "origins in the past to forecast from, too")
	f.BoolVar(&o.quick, "quick", false, "fewer methods and backtest origins: a third of the time, a little less exact")
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object")
	return c
}

// forecastReport is what --json prints.
type forecastReport struct {
	Series   int                `json:"series"`
	Seconds  float64            `json:"seconds"`
	Backtest *panel.Score       `json:"backtest,omitempty"`
	Members  map[string]float64 `json:"members"`
}

// forecasts are what the files gave.
type forecasts struct {
	*panel.Result
	report forecastReport
	step   panel.Step
	layout string // of the times in the file
}

func (p *Program) runForecast(ctx context.Context, file string, o forecastFlags) error {
	spec, names, err := o.spec()
	if err != nil {
		return err
	}
	began := time.Now()
	done, err := unlessInterrupted(ctx, func() (forecasts, error) { return p.computeForecasts(file, o, spec) })
	if err != nil {
		return err
	}
	done.report.Seconds = time.Since(began).Seconds()
	if err := p.writeForecasts(done, names, o); err != nil {
		return err
	}
	if o.asJSON {
		return json.NewEncoder(p.Stdout).Encode(done.report)
	}
	return done.report.print(p.forecastSummary(o), done.step)
}

// computeForecasts reads the files and forecasts; what was odd about the rows
// goes to stderr.
func (p *Program) computeForecasts(file string, o forecastFlags, spec panel.Spec) (f forecasts, err error) {
	table := forecastTable{columns: o.columns}
	if err := table.read(file, false); err != nil {
		return f, err
	}
	if o.future != "" {
		if err := table.read(o.future, true); err != nil {
			return f, err
		}
	}
	all, notes, err := table.build()
	if err != nil {
		return f, err
	}
	table.remark(p.Stderr, notes, o)
	f.step, f.layout = all.Step, table.layout
	if f.Result, err = all.Forecast(spec); err != nil {
		return f, err
	}
	f.report = forecastReport{Series: len(all.Series), Members: f.Members}
	if o.backtest > 0 {
		score, err := all.Backtest(spec, o.backtest)
		if err != nil {
			return f, err
		}
		f.report.Backtest = &score
	}
	return f, nil
}

// spec reads the flags that are not columns; names are the quantiles as given.
func (o forecastFlags) spec() (spec panel.Spec, names []string, err error) {
	for _, required := range []struct{ flag, value string }{
		{"--series", o.columns.series}, {"--time", o.columns.time}, {"--value", o.columns.value},
	} {
		if required.value == "" {
			return spec, nil, usage("%s is required: a column of the file", required.flag)
		}
	}
	if o.horizon < 1 || o.horizon > 10_000 {
		return spec, nil, usage("--horizon must be 1 to 10000 steps, got %d", o.horizon)
	}
	if o.backtest < 0 || o.backtest > 1000 {
		return spec, nil, usage("--backtest must be 0 to 1000 origins, got %d", o.backtest)
	}
	spec = panel.Spec{Horizon: o.horizon, Quick: o.quick}
	if o.season != "auto" {
		for _, text := range strings.Split(o.season, ",") {
			m, err := strconv.Atoi(strings.TrimSpace(text))
			if err != nil || m < 1 || len(spec.Seasons) > 0 && m <= spec.Seasons[len(spec.Seasons)-1] {
				return spec, nil, usage("--season must be auto, or steps that rise such as 7 or 24,168, got %q", o.season)
			}
			spec.Seasons = append(spec.Seasons, m)
		}
		if slices.Equal(spec.Seasons, []int{1}) {
			spec.Seasons = []int{} // no season at all
		}
	}
	for _, text := range strings.Split(o.quantiles, ",") {
		text = strings.TrimSpace(text)
		q, err := strconv.ParseFloat(text, 64)
		if err != nil || !(q > 0 && q < 1) {
			return spec, nil, usage("--quantiles must be numbers between 0 and 1 such as 0.1,0.5,0.9, got %q", text)
		}
		if n := len(spec.Quantiles); n > 0 && q <= spec.Quantiles[n-1] {
			return spec, nil, usage("--quantiles must rise, got %s after %s", text, names[n-1])
		}
		spec.Quantiles, names = append(spec.Quantiles, q), append(names, text)
	}
	return spec, names, nil
}

func (p *Program) writeForecasts(f forecasts, names []string, o forecastFlags) error {
	if o.output == "" {
		if o.asJSON {
			return nil
		}
		return f.WriteCSV(p.Stdout, names, f.layout)
	}
	file, err := os.Create(o.output)
	if err != nil {
		return err
	}
	if err := f.WriteCSV(file, names, f.layout); err != nil {
		_ = file.Close()
		return fmt.Errorf("%s: %w", o.output, err)
	}
	return file.Close()
}

// forecastSummary is where the summary goes: not among the forecasts.
func (p *Program) forecastSummary(o forecastFlags) io.Writer {
	if o.output == "" {
		return p.Stderr
	}
	return p.Stdout
}

func (r forecastReport) print(w io.Writer, step panel.Step) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%d series, %s, in %.1f s\n", r.Series, step, r.Seconds)
	if s := r.Backtest; s != nil {
		fmt.Fprintf(&b, "backtest from %d origins: WAPE %.1f %%, MASE %.3f, bias %+.1f %%, coverage of 80 %%: %.1f %%, of 95 %%: %.1f %%, pinball %.3f\n",
			s.Origins, 100*s.WAPE, s.MASE, 100*s.Bias, 100*s.Coverage80, 100*s.Coverage95, s.Pinball)
	}
	names := slices.Collect(maps.Keys(r.Members))
	slices.SortFunc(names, func(a, b string) int {
		if r.Members[a] != r.Members[b] {
			if r.Members[a] > r.Members[b] {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	b.WriteString("methods:")
	for _, name := range names[:min(len(names), 6)] {
		fmt.Fprintf(&b, " %s %.0f %%", name, 100*r.Members[name])
	}
	_, err := fmt.Fprintln(w, b.String())
	return err
}
