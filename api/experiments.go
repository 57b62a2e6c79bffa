package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
)

func listExperiments(x *exchange) error {
	all, err := x.definitions()
	if err != nil {
		return err
	}
	status, err := x.oneOf("status", "", string(experiments.Draft), string(experiments.Running),
		string(experiments.Paused), string(experiments.Stopped), string(experiments.Shipped))
	if err != nil {
		return err
	}
	found := slices.Clone(all.Experiments)
	if status != "" {
		found = slices.DeleteFunc(found, func(e *experiments.Experiment) bool { return string(e.Status) != status })
	}
	slices.SortFunc(found, func(a, b *experiments.Experiment) int { return cmp.Compare(a.Key, b.Key) })
	list, err := part(x, found, func(e *experiments.Experiment) string { return e.Key })
	if err != nil {
		return err
	}
	return x.json(http.StatusOK, list)
}

// definitions gives what is defined now, not what this process last followed.
// It is the catalogue's own and must not be changed: reading all of several
// hundred experiments takes longer than a report.
func (x *exchange) definitions() (*experiments.Definitions, error) {
	c, err := x.Live.Current(x.ctx())
	if err != nil {
		return nil, unavailable("the definitions cannot be read", err)
	}
	return c.Definitions(), nil
}

// experiment finds the one that the path names.
func (x *exchange) experiment() (*experiments.Experiment, error) {
	all, err := x.definitions()
	if err != nil {
		return nil, err
	}
	if e := all.Experiment(x.param("key")); e != nil {
		return e, nil
	}
	return nil, errorf("not_found", "there is no experiment %q", events.Clip(x.param("key")))
}

func getExperiment(x *exchange) error {
	e, err := x.experiment()
	if err != nil {
		return err
	}
	return x.versioned(http.StatusOK, e.Version, e)
}

func putExperiment(x *exchange) error {
	return define(x, definition[*experiments.Experiment]{
		parse: experiments.ParseExperiment, current: x.experiment, put: x.Desk.Put,
		version: versionOf,
	})
}

// patchExperiment changes the named fields of a definition (JSON Merge Patch,
// RFC 7396): null removes a field, an array replaces the whole array.
func patchExperiment(x *exchange) error {
	patch, err := x.text()
	if err != nil {
		return err
	}
	before, err := x.experiment()
	if err != nil {
		return err
	}
	by, err := x.by(func() (int64, error) { return before.Version, nil })
	if err != nil {
		return err
	}
	merged, err := mergePatch(before, patch)
	if err != nil {
		return err
	}
	next, err := experiments.ParseExperiment(before.Key, merged)
	if err != nil {
		return err
	}
	if by.IfVersion == 0 {
		by.IfVersion = before.Version // it was merged with this one and no other
	}
	stored, err := x.Desk.Put(x.ctx(), by, next)
	if err != nil {
		return err
	}
	return x.changed(stored.Version, stored)
}

func mergePatch(before *experiments.Experiment, patch []byte) ([]byte, error) {
	doc, err := json.Marshal(before)
	if err != nil {
		return nil, err
	}
	var change map[string]any
	if err := decodeNumbers(patch, &change); err != nil || change == nil {
		return nil, &events.Invalid{Problem: "must be a JSON object with the fields to change"}
	}
	var whole map[string]any
	if err := decodeNumbers(doc, &whole); err != nil {
		return nil, err
	}
	return json.Marshal(merge(whole, change))
}

// decodeNumbers keeps numbers as they are written.
func decodeNumbers(b []byte, into any) error {
	if !json.Valid(b) {
		return &events.Invalid{Problem: "must be JSON"}
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	return dec.Decode(into)
}

// merge is MergePatch of RFC 7396, section 2.
func merge(target, patch map[string]any) map[string]any {
	if target == nil {
		target = map[string]any{}
	}
	for name, v := range patch {
		switch v := v.(type) {
		case nil:
			delete(target, name)
		case map[string]any:
			below, _ := target[name].(map[string]any)
			target[name] = merge(below, v)
		default:
			target[name] = v
		}
	}
	return target
}

// by says who makes a change, and from which version. current is asked only
// where If-Match wants something to be there.
func (x *exchange) by(current func() (int64, error)) (experiments.By, error) {
	by := experiments.By{Author: x.who.name(), Now: x.now()}
	version, err := x.ifMatch()
	if err != nil {
		return by, err
	}
	if version == anyVersion {
		if version, err = current(); err != nil {
			return by, errNothingThere
		}
	}
	by.IfVersion = version
	return by, nil
}

func versionOf(e *experiments.Experiment) int64 {
	if e == nil {
		return 0
	}
	return e.Version
}

// changed answers with a definition that was stored just now, and lets this
// process assign by it at once.
func (x *exchange) changed(version int64, stored any) error {
	x.refresh()
	status := http.StatusOK
	if version == 1 {
		status = http.StatusCreated
	}
	return x.versioned(status, version, stored)
}

// refresh lets this process know a change at once.
func (x *exchange) refresh() {
	if err := x.Live.Refresh(x.ctx()); err != nil {
		x.Logger.WarnContext(x.ctx(), "definitions are read again later", "request_id", x.id, "error", err)
	}
}

func startExperiment(x *exchange) error {
	e, err := x.experiment()
	if err != nil {
		return err
	}
	if err := x.checkPolicies(e); err != nil {
		return err
	}
	return x.move(x.Desk.Start)
}
func pauseExperiment(x *exchange) error { return x.move(x.Desk.Pause) }
func stopExperiment(x *exchange) error  { return x.move(x.Desk.Stop) }

// shipExperiment takes {"variant"}.
func shipExperiment(x *exchange) error {
	variant, by, err := x.variantOfExperiment()
	if err != nil {
		return err
	}
	e, err := x.Desk.Ship(x.ctx(), by, x.param("key"), variant)
	return x.moved(e, err)
}

type shipRequest struct {
	Variant string `json:"variant" doc:"that everybody gets from now on"`
}

// move starts, pauses or stops; the body says nothing.
func (x *exchange) move(act func(context.Context, experiments.By, string) (*experiments.Experiment, error)) error {
	by, err := x.byExperiment()
	if err != nil {
		return err
	}
	e, err := act(x.ctx(), by, x.param("key"))
	return x.moved(e, err)
}

func (x *exchange) byExperiment() (experiments.By, error) {
	return x.by(func() (int64, error) {
		e, err := x.experiment()
		return versionOf(e), err
	})
}

func (x *exchange) moved(e *experiments.Experiment, err error) error {
	switch {
	case err == nil:
		return x.changed(e.Version, e)
	case isNotFound(err):
		return errorf("not_found", "there is no experiment %q", events.Clip(x.param("key")))
	}
	return err
}

// experimentHistory lists the versions of a definition, oldest first.
func experimentHistory(x *exchange) error {
	if _, err := x.experiment(); err != nil {
		return err
	}
	changes, err := x.Definitions.History(x.ctx(), experiments.ExperimentKind, x.param("key"))
	if err != nil {
		return unavailable("the history cannot be read", err)
	}
	items := make([]historyItem, len(changes))
	for i, c := range changes {
		items[i] = historyItem{c.Version, c.At, c.Author, c.Action, nil, c.Doc}
		if i > 0 {
			items[i].Differences = experiments.Differences(changes[i-1].Doc, c.Doc)
		}
	}
	list, err := part(x, items, func(h historyItem) string { return sortable(h.Version) })
	if err != nil {
		return err
	}
	return x.json(http.StatusOK, list)
}

// sortable writes n so that texts sort as numbers.
func sortable(n int64) string {
	s := strconv.FormatInt(n, 10)
	return string(rune('a'+len(s))) + s
}

type historyItem struct {
	Version int64     `json:"version"`
	At      time.Time `json:"at"`
	Author  string    `json:"author" doc:"the name of the access key"`
	Action  string    `json:"action" doc:"create, change, start, pause, stop, ship; stage, redraw and stop by peakday itself"`
	// Differences lists the fields that changed, in order.
	Differences []experiments.Difference `json:"differences,omitempty"`
	Definition  json.RawMessage          `json:"definition" doc:"as it was from then on"`
}
