package api

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/peakday/peakday/api/ui"
	"github.com/peakday/peakday/experiments"
)

func holdoutRows(all []experiments.Holdout) []ui.HoldoutRow {
	rows := make([]ui.HoldoutRow, len(all))
	for i := range all {
		rows[i] = holdoutRow(&all[i])
	}
	slices.SortFunc(rows, func(a, b ui.HoldoutRow) int { return cmp.Compare(a.Key, b.Key) })
	return rows
}

func holdoutRow(h *experiments.Holdout) ui.HoldoutRow {
	return ui.HoldoutRow{Key: h.Key, Name: h.Name, Unit: string(h.Unit), Share: h.Share}
}

// holdoutPage is the report of a holdout in words and tables.
func holdoutPage(x *exchange) error {
	h, err := x.holdout()
	if err != nil {
		return err
	}
	r, err := x.reportOfHoldout(h)
	if err != nil {
		return err
	}
	v := ui.Holdout{HoldoutRow: holdoutRow(h), Standing: h.Share > 0, Bots: x.get("bots"), Confidence: 0.95, Correction: string(experiments.Holm)}
	if r == nil {
		v.Waiting = "The units have not been looked at yet: a background pass does that every half minute."
		return x.renderPage(http.StatusOK, "holdout", h.Key, v)
	}
	v.Since, v.Warnings, v.LeftOut = x.formatTime(r.Since), r.Warnings, r.LeftOut
	if r.Until != nil {
		v.Until = x.formatTime(*r.Until)
	}
	arms := r.Arms()
	v.Metrics, v.Arms = metricViews(arms, r.Metrics), armViews(arms, experiments.HeldOut, r.Units)
	v.SampleRatio, v.SampleRatioStatus = fmt.Sprintf("χ² %.2f, p = %.3g", r.SRM.Chi2, r.SRM.PValue), string(r.SRM.Status)
	v.Health = x.healthChecks(&experiments.Report{Health: r.Health})
	for _, l := range r.Launches {
		v.Launches = append(v.Launches, ui.Launch{Experiment: l.Experiment, Status: string(l.Status), Started: l.Started.In(x.Zone).Format(time.DateOnly), Shipped: l.Shipped})
	}
	return x.renderPage(http.StatusOK, "holdout", h.Key, v)
}
