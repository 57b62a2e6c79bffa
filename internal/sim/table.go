package sim

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// WriteTable prints every estimate beside the truth.
func (r *Result) WriteTable(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintf(t, "seed %d: %d events sent, %d of them again, %d late; %d records consumed, %d dropped as known, %d dead\n\n",
		r.Seed, r.Sent.Events, r.Sent.Twice, r.Sent.Late, r.Events.Consumed, r.Events.Duplicates, r.Events.Dead)
	fmt.Fprintln(t, "EXPERIMENT\tROLE\tMETRIC\tESTIMATE\t95 % INTERVAL\tTRUTH\tVERDICT")
	for _, e := range r.Experiments {
		fmt.Fprintf(t, "%s\t%s\t%s\t%.4g\t%.4g to %.4g\t%.4g\t%s\n", e.Key, e.Role, e.Metric, e.Estimate, e.Low, e.High, e.Truth, e.Verdict)
	}
	fmt.Fprintln(t, "\nANSWER\tSERVICE\tSIMPLE METHOD\t")
	fmt.Fprintf(t, "recommendations, NDCG@10\t%.3f\t%.3f\tmost popular; p99 %.1f ms\n", r.Recommend.NDCG, r.Recommend.Popularity, r.Recommend.P99)
	fmt.Fprintf(t, "forecast, WAPE\t%.3f\t%.3f\tlast week; %.0f %% of days within the 80 %% interval\n", r.Forecast.WAPE, r.Forecast.Naive, 100*r.Forecast.Coverage80)
	fmt.Fprintf(t, "stock plan, accuracy\t%.3f\t%.3f\tlast year × growth; %d of %d SKUs would run short\n",
		r.StockPlan.Accuracy, r.StockPlan.NaiveAccuracy, r.StockPlan.Short, r.StockPlan.SKUs)
	return t.Flush()
}
