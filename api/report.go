package api

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
)

// experimentReport says what the variants did.
func experimentReport(x *exchange) error {
	asCSV, err := x.wantsCSV()
	if err != nil {
		return err
	}
	by, err := x.oneOf("by", "variant", "day", "segment")
	if err != nil {
		return err
	}
	if by != "variant" && !asCSV {
		return &events.Invalid{Field: "by", Problem: "is for format=csv: the JSON report has days and segments in it"}
	}
	e, err := x.experiment()
	if err != nil {
		return err
	}
	r, err := x.report(e)
	if err != nil {
		return err
	}
	if asCSV {
		return x.reportCSV(r, by)
	}
	interleaved, err := x.interleavingsOf(e)
	if err != nil {
		return err
	}
	return x.json(http.StatusOK, reported{*r, interleaved})
}

// reported is a report, with what visitors preferred where two policies were interleaved.
type reported struct {
	experiments.Report
	Interleaving []interleaving `json:"interleaving,omitempty" doc:"of policies that were interleaved in one list"`
}

// report computes the report of an experiment that the query asks for.
func (x *exchange) report(e *experiments.Experiment) (*experiments.Report, error) {
	v, err := x.view(e)
	if err != nil {
		return nil, err
	}
	cells, err := x.Definitions.Moments(x.ctx(), e.Key)
	if err != nil {
		return nil, unavailable("the sums of the experiment cannot be read", err)
	}
	r := v.Report(e, cells)
	if r.Metrics == nil {
		r.Metrics = []experiments.MetricReport{} // an empty array, not null
	}
	return r, nil
}

// view reads from the query which units the report is about.
func (x *exchange) view(e *experiments.Experiment) (v experiments.View, err error) {
	v = experiments.View{Segment: x.get("segment"), Zone: x.Zone}
	if err := checkSegment(e, v.Segment); err != nil {
		return v, err
	}
	if v.Bots, err = x.bots(); err != nil {
		return v, err
	}
	if v.Mature, err = x.flag("mature"); err != nil {
		return v, err
	}
	if v.Mature && v.Bots != "" {
		return v, &events.Invalid{Field: "mature", Problem: "and bots are two views: ask for one of them"}
	}
	if v.Looks, err = x.looks(e); err != nil {
		return v, err
	}
	if v.Stratify = x.get("stratify"); v.Stratify != "" && !slices.Contains(e.Segments, v.Stratify) {
		return v, &events.Invalid{Field: "stratify", Problem: fmt.Sprintf("must be an attribute among the experiment's segments (%s), got %q", strings.Join(e.Segments, ", "), events.Clip(v.Stratify))}
	}
	if v.AsOf, err = x.asOf(); err != nil {
		return v, err
	}
	if x.Archive != nil {
		if v.Findings, err = x.Archive.Findings(x.ctx(), e.Key); err != nil {
			return v, unavailable("what was found about the units cannot be read", err)
		}
	}
	if v.Findings == nil && (v.Mature || v.Bots != "") {
		return v, errNotLookedAt()
	}
	return v, nil
}

// looks reads from the query the looks of a group-sequential plan; nil for none.
func (x *exchange) looks(e *experiments.Experiment) (*experiments.Looks, error) {
	times := x.list("looks")
	if len(times) == 0 {
		return nil, nil
	}
	l := &experiments.Looks{Spending: x.get("spending")}
	for _, text := range times {
		t, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, &events.Invalid{Field: "looks", Problem: fmt.Sprintf("must be shares of the planned units such as 0.5,1; got %q", events.Clip(text))}
		}
		l.Times = append(l.Times, t)
	}
	return l, e.ReadLooks(l)
}

// bots reads from the query which suspects to leave in; empty for all.
func (x *exchange) bots() (string, error) {
	bots, err := x.oneOf("bots", "include", experiments.WithoutBots, experiments.OnlyBots)
	if bots == "include" {
		bots = ""
	}
	return bots, err
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
		return &events.Invalid{Field: "segment", Problem: fmt.Sprintf("must be a segment of the experiment such as tier=gold (%s), got %q", there, events.Clip(segment))}
	}
	return nil
}

// asOf is the event time of the newest record applied.
func (x *exchange) asOf() (time.Time, error) {
	all, err := x.Consumers.Progress(x.ctx(), x.Log.ID())
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

// experimentUnits streams one row a unit, for an analyst's own notebook.
func experimentUnits(x *exchange) error {
	e, err := x.experiment()
	if err != nil {
		return err
	}
	if x.Archive == nil {
		return errorf("unavailable", "this service does not keep units")
	}
	began := false
	buffered := bufio.NewWriterSize(x, 1<<16)
	out := csv.NewWriter(buffered)
	for part := range events.Parts {
		units, err := x.Archive.Histories(x.ctx(), part, e.UnitTypes())
		if err != nil && !began {
			return unavailable("the units cannot be read", err)
		} else if err != nil {
			panic(http.ErrAbortHandler) // half a file must not look like a whole one
		}
		if !began {
			began = true
			x.Header().Set("Content-Disposition", `attachment; filename="`+e.Key+`-units.csv"`)
			x.Header()["Content-Type"] = x.headers.csv
			x.WriteHeader(http.StatusOK)
			_ = out.Write(cells(e.UnitColumns()))
		}
		for _, u := range units {
			row, err := e.UnitRow(u, x.Shop)
			if err != nil {
				panic(http.ErrAbortHandler)
			}
			if row != nil {
				_ = out.Write(cells(row))
			}
		}
	}
	out.Flush()
	_ = buffered.Flush() // that the client has gone is no error of ours
	return nil
}

// cells keeps a spreadsheet from taking ids for formulas; numbers stay numbers.
func cells(row []string) []string {
	for i, s := range row {
		if len(s) > 1 && s[0] == '-' && s[1] >= '0' && s[1] <= '9' {
			continue
		}
		row[i] = cell(s)
	}
	return row
}
