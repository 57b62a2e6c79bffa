package api

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"github.com/peakday/peakday/api/ui"
	"github.com/peakday/peakday/experiments"
	"github.com/peakday/peakday/forecast"
	"github.com/peakday/peakday/recommend"
)

// overviewPage is where everybody begins.
func overviewPage(x *exchange) error {
	all, err := x.definitions()
	if err != nil {
		return err
	}
	consumed, err := x.consumers()
	if err != nil {
		return err
	}
	coming, err := x.comingSales()
	if err != nil {
		return err
	}
	wanted, err := x.Recommender.Trending(recommend.List{Limit: 8, Window: recommend.LastDay})
	if err != nil {
		return err
	}
	v := ui.Overview{Lag: consumed.Lag, Applied: consumed.Applied, Dead: consumed.Dead, Coming: coming}
	if x.Ready != nil {
		v.Ready = x.Ready(x.ctx())
	}
	for _, row := range x.experimentRows(all.Experiments) {
		if row.Status == string(experiments.Running) {
			v.Running = append(v.Running, row)
		} else {
			v.Others++
		}
	}
	for _, w := range wanted {
		v.Trending = append(v.Trending, x.itemRow(recommend.Recommended{Item: w.Item, Score: w.Score}))
	}
	return x.renderPage(http.StatusOK, "overview", "Overview", v)
}

// comingSales lists the next sale of each event, the nearest first.
func (x *exchange) comingSales() ([]ui.Sale, error) {
	c, err := x.Forecasts.Calendar(x.ctx())
	if err != nil {
		return nil, unavailable("the calendar cannot be read", err)
	}
	today, err := x.today()
	if err != nil {
		return nil, err
	}
	type dated struct {
		ui.Sale
		from forecast.Day
	}
	var sales []dated
	for _, e := range c.Events() {
		next, ok := c.Next(e.Key, today)
		if !ok {
			continue
		}
		from, to := next.Sale()
		sales = append(sales, dated{ui.Sale{Event: e.Key, Name: cmp.Or(e.Name, e.Key), From: from.String(), To: to.String()}, from})
	}
	slices.SortStableFunc(sales, func(a, b dated) int { return cmp.Compare(a.from, b.from) })
	out := make([]ui.Sale, len(sales))
	for i, s := range sales {
		out[i] = s.Sale
	}
	return out, nil
}

// today is the day of the newest event, or of the clock before the first.
func (x *exchange) today() (forecast.Day, error) {
	at, err := x.asOf()
	if at.IsZero() {
		at = x.now()
	}
	return forecast.DayOf(at, x.Zone), err
}

func (x *exchange) experimentRows(all []*experiments.Experiment) []ui.ExperimentRow {
	rows := make([]ui.ExperimentRow, len(all))
	for i, e := range all {
		rows[i] = ui.ExperimentRow{
			Key: e.Key, Name: e.Name, Status: string(e.Status), Unit: string(e.Unit), Primary: e.Primary,
			Coverage: e.Coverage, Variants: len(e.Variants),
		}
		if n := len(e.Changes); n > 0 {
			rows[i].Since = e.Changes[n-1].At.In(x.Zone).Format(time.DateOnly)
		}
	}
	slices.SortFunc(rows, func(a, b ui.ExperimentRow) int { return cmp.Compare(a.Key, b.Key) })
	return rows
}
