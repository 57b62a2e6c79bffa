package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
)

// experimentReport says what the variants did.
func experimentReport(x *exchange) error {
	format, err := x.oneOf("format", "json", "csv")
	if err != nil {
		return err
	}
	e, err := x.experiment()
	if err != nil {
		return err
	}
	r, err := x.report(e, x.get("segment"))
	if err != nil {
		return err
	}
	if format == "csv" {
		return x.reportCSV(r)
	}
	return x.json(http.StatusOK, r)
}

// report computes the report of an experiment from its sums.
func (x *exchange) report(e *experiments.Experiment, segment string) (*experiments.Report, error) {
	if err := checkSegment(e, segment); err != nil {
		return nil, err
	}
	cells, err := x.Definitions.Moments(x.ctx(), e.Key)
	if err != nil {
		return nil, unavailable("the sums of the experiment cannot be read", err)
	}
	asOf, err := x.asOf()
	if err != nil {
		return nil, err
	}
	r := experiments.NewReport(e, cells, segment, asOf)
	if r.Metrics == nil {
		r.Metrics = []experiments.MetricReport{} // an empty array, not null
	}
	return r, nil
}

func checkSegment(e *experiments.Experiment, segment string) error {
	if segment == "" {
		return nil
	}
	name, _, ok := strings.Cut(segment, "=")
	if !ok || !slices.Contains(e.Segments, name) {
		there := "it has none"
		if len(e.Segments) > 0 {
			there = "its segments are by " + strings.Join(e.Segments, ", ")
		}
		return &events.Invalid{Field: "segment", Problem: fmt.Sprintf("must be a segment of the experiment such as tier=gold (%s), got %q", there, clip(segment))}
	}
	return nil
}

// asOf is the event time of the newest record applied.
func (x *exchange) asOf() (time.Time, error) {
	all, err := x.Consumers.Standing(x.ctx(), x.Log.ID())
	if err != nil {
		return time.Time{}, unavailable("how far events have been applied cannot be read", err)
	}
	var newest time.Time
	for _, s := range all {
		if s.Newest.After(newest) {
			newest = s.Newest
		}
	}
	return newest, nil
}
