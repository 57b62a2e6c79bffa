package api

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
)

// UserAttributes gives the attributes of users that peakday computes by itself.
type UserAttributes interface {
	// Attributes gives those of the named computed attributes that are known of
	// a user, in one read of what is kept of them.
	Attributes(ctx context.Context, user events.UserID, names []string) (map[string]any, error)
}

// addComputed adds the computed attributes that audiences of running experiments name.
// Only then does an evaluation read anything. What cannot be read is absent: an
// evaluation must not fail by it.
func (x *exchange) addComputed(names []string) {
	if len(names) == 0 || x.UserAttributes == nil {
		return
	}
	for name, v := range x.computed(x.eval.subject, names) {
		if x.eval.attributes == nil {
			x.eval.attributes = experiments.Attributes{}
		}
		x.eval.attributes[name] = v
	}
}

// computed reads the computed attributes of the subject's user.
func (x *exchange) computed(s experiments.Subject, names []string) map[string]any {
	user := s.Units[events.User]
	if user == "" {
		user = s.Key
	}
	if user == "" || x.UserAttributes == nil {
		return nil
	}
	known, err := x.UserAttributes.Attributes(x.ctx(), events.UserID(user), names)
	if err != nil {
		x.Logger.WarnContext(x.ctx(), "computed attributes cannot be read and are absent", "request_id", x.id, "error", err)
		return nil
	}
	return known
}

// segmentNames lists the computed attributes by which the reports of the
// experiments are split.
func segmentNames(of []experiments.Evaluation) (names []string) {
	for i := range of {
		for _, name := range computedSegments(of[i].Experiment) {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

func computedSegments(e *experiments.Experiment) (names []string) {
	for _, name := range e.Segments {
		if experiments.IsComputed(name) {
			names = append(names, name)
		}
	}
	return names
}

// replaceComputed replaces what an exposure says of the unit under the names of
// attributes that peakday computes: by what is known of the user if the
// experiment's report is split by them, else by nothing.
func (x *exchange) replaceComputed(event *events.Event, shown *events.Exposure) error {
	e := x.Live.Catalog().Definitions().Experiment(shown.Experiment)
	if e == nil {
		return nil
	}
	claimed := len(shown.Attributes)
	maps.DeleteFunc(shown.Attributes, func(name string, _ any) bool { return experiments.IsComputed(name) })
	changed := len(shown.Attributes) < claimed
	if names := computedSegments(e); len(names) > 0 && e.Unit == events.User {
		for name, v := range x.computed(experiments.Subject{Key: shown.Unit}, names) {
			if shown.Attributes == nil {
				shown.Attributes = map[string]any{}
			}
			shown.Attributes[name], changed = v, true
		}
	}
	if !changed {
		return nil
	}
	attributes, err := json.Marshal(shown.Attributes)
	if err != nil {
		return fmt.Errorf("write the attributes: %w", err)
	}
	event.Data, err = exposureData(shown, attributes)
	return err
}
