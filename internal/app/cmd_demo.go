package app

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/peakday/peakday/internal/sim"
)

const demoHelp = `Play a simulated Double 11 through the service's own HTTP interface: a shop whose
tastes, demand and experiment effects are known. Then print every estimate beside
the truth, and serve the shop until it is interrupted.

Nothing is needed: no database, no network. The data go to a temporary directory
unless --data names one. The same seed gives the same numbers.`

func (p *Program) demo() *cobra.Command {
	var (
		d      demo
		asJSON bool
	)
	c := &cobra.Command{
		Use: "demo", Short: "Play a simulated Double 11 and serve it", Long: demoHelp, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := p.setUp(c); err != nil {
				return err
			}
			d.progress = p.Stderr
			d.logger = slog.New(slog.NewTextHandler(p.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
			return d.run(c.Context(), func(url string, r *sim.Result) error {
				if asJSON {
					if err := json.NewEncoder(p.Stdout).Encode(r); err != nil {
						return err
					}
				} else if err := printPlay(p.Stdout, r); err != nil {
					return err
				}
				if !d.once {
					fmt.Fprintf(p.Stderr, "\nThe shop is open at %s (interrupt to stop).\n", url)
				}
				return nil
			})
		},
	}
	f := c.Flags()
	f.StringVar(&d.addr, "addr", "127.0.0.1:8080", "address to listen on, loopback only")
	f.StringVar(&d.data, "data", "", "directory for the data (default: a temporary one)")
	f.Uint64Var(&d.seed, "seed", 1, "which shop and which luck")
	f.IntVar(&d.users, "users", 0, "how many users the shop has (0: the size that the experiments are designed for)")
	f.BoolVar(&d.once, "once", false, "exit after the play")
	f.BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

// printPlay prints estimates beside truths.
func printPlay(out io.Writer, r *sim.Result) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintf(w, "Double 11, seed %d: %d records consumed, %d duplicates dropped, %d dead, %.0f s\n\n",
		r.Seed, r.Events.Consumed, r.Events.Duplicates, r.Events.Dead, r.Seconds)
	fmt.Fprintln(w, "experiment\trole\tmetric\testimate\t95 % interval\ttruth\tverdict")
	for _, e := range r.Experiments {
		fmt.Fprintf(w, "%s\t%s\t%s\t%+.4g\t%+.4g to %+.4g\t%+.4g\t%s\n", e.Key, e.Role, e.Metric, e.Estimate, e.Low, e.High, e.Truth, e.Verdict)
	}
	fmt.Fprintf(w, "\nrecommendations\tNDCG@10 %.3f, popularity %.3f, p99 %.1f ms\n", r.Recommend.NDCG, r.Recommend.Popularity, r.Recommend.P99)
	fmt.Fprintf(w, "forecast\tWAPE %.3f, seasonal naive %.3f, 80 %% interval covers %.0f %%\n", r.Forecast.WAPE, r.Forecast.Naive, 100*r.Forecast.Coverage80)
	fmt.Fprintf(w, "stock plan\taccuracy %.3f, last year × growth %.3f, %d of %d SKUs run short\n",
		r.StockPlan.Accuracy, r.StockPlan.NaiveAccuracy, r.StockPlan.Short, r.StockPlan.SKUs)
	return w.Flush()
}
