package api

import (
	"net/http"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
)

// holdoutReport says what all launches together have done.
func holdoutReport(x *exchange) error {
	asCSV, err := x.wantsCSV()
	if err != nil {
		return err
	}
	by, err := x.oneOf("by", "variant", "day")
	if err != nil {
		return err
	}
	if by != "variant" && !asCSV {
		return &events.Invalid{Field: "by", Problem: "is for format=csv: the JSON report has days in it"}
	}
	h, err := x.holdout()
	if err != nil {
		return err
	}
	r, err := x.reportOfHoldout(h)
	if err != nil {
		return err
	}
	if r == nil {
		return errNotLookedAt()
	}
	if asCSV {
		return x.reportCSV(&experiments.Report{Experiment: r.Holdout, Metrics: r.Metrics}, by)
	}
	return x.json(http.StatusOK, r)
}

func errNotLookedAt() error {
	return &coded{code: "unavailable", detail: "the units have not been looked at yet: a background pass does that every half minute", retryAfter: 30 * time.Second}
}

// reportOfHoldout is nil while no background pass has looked at the holdout as
// it is now.
func (x *exchange) reportOfHoldout(h *experiments.Holdout) (*experiments.HoldoutReport, error) {
	bots, err := x.bots()
	if err != nil {
		return nil, err
	}
	if x.Archive == nil {
		return nil, errorf("unavailable", "this service does not keep units")
	}
	all, err := x.definitions()
	if err != nil {
		return nil, err
	}
	found, err := x.Archive.Findings(x.ctx(), h.FindingsKey())
	if err != nil {
		return nil, unavailable("what was found about the units cannot be read", err)
	}
	return h.Report(all, experiments.View{Bots: bots, Zone: x.Zone, Findings: found}), nil
}
