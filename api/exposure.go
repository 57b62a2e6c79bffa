package api

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
)

// exposureSource is the source of the exposures that we log ourselves. Nobody
// else may send events from it.
const exposureSource = "peakday/assignment"

// logExposures takes in that the unit meets its variants.
func (x *exchange) logExposures(of ...experiments.Evaluation) error {
	if err := x.checkWrite(); err != nil {
		return err
	}
	attributes := exposedAttributes(x.eval.raw)
	if names := segmentNames(of); len(names) > 0 {
		attributes = withAttributes(attributes, x.computed(x.eval.subject, names))
	}
	batch := make([]events.Decoded, len(of))
	for i := range of {
		event, err := exposureOf(&of[i], attributes)
		if err != nil {
			return err
		}
		batch[i] = events.Decoded{Index: i, Event: event}
	}
	receipt, err := x.Intake.Accept(x.ctx(), batch, events.Channel{Trusted: true})
	if err != nil {
		return unavailable("the exposure could not be logged", err)
	}
	if len(receipt.Rejected) > 0 {
		return &evalError{invalidContext, receipt.Rejected[0].Problem}
	}
	return nil
}

// exposureOf makes the event. Its id contains all that makes it this exposure
// and no other, so that asking again adds nothing.
func exposureOf(e *experiments.Evaluation, attributes json.RawMessage) (events.Event, error) {
	data, err := exposureData(&events.Exposure{
		Experiment: e.Experiment.Key, Variant: e.Variant.Key, Unit: e.Unit, Version: int(e.Experiment.Version),
	}, attributes)
	if err != nil {
		return events.Event{}, err
	}
	id := fmt.Sprintf("%s/%d/%s/%s", e.Experiment.Key, e.Experiment.Version, e.Variant.Key, e.Unit)
	if len(id) > 256 { // what an id may be
		id = "hash/" + etagOf([]byte(id))[1:33]
	}
	return events.Event{ID: id, Source: exposureSource, Type: string(events.ExperimentExposed), Data: data}, nil
}

// exposureData writes the data of an exposure with the given attributes.
func exposureData(shown *events.Exposure, attributes json.RawMessage) (json.RawMessage, error) {
	data, err := json.Marshal(struct {
		Experiment string          `json:"experiment"`
		Variant    string          `json:"variant"`
		Unit       events.UnitID   `json:"unit"`
		Version    int             `json:"version"`
		Attributes json.RawMessage `json:"attributes,omitempty"`
	}{shown.Experiment, shown.Variant, shown.Unit, shown.Version, attributes})
	if err != nil {
		return nil, fmt.Errorf("write the exposure: %w", err)
	}
	return data, nil
}

// withAttributes adds attributes to an object that has none of them.
func withAttributes(object json.RawMessage, more map[string]any) json.RawMessage {
	if len(more) == 0 {
		return object
	}
	b, err := json.Marshal(more)
	if err != nil || len(object) == 0 {
		return b
	}
	return append(append(object[:len(object)-1:len(object)-1], ','), b[1:]...)
}

// exposedAttributes copies an object without what names the unit and without
// what peakday computes itself.
func exposedAttributes(object []byte) json.RawMessage {
	if len(object) == 0 {
		return nil
	}
	s := scanner{b: object}
	out := []byte{'{'}
	for s.object(); s.member(); {
		raw, name := s.rawName, string(s.name)
		value := s.skip()
		if name == "targetingKey" || name == "units" || name == qaAttribute || experiments.IsComputed(name) {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(append(out, '"'), raw...), `":`...)
		out = append(out, value...)
	}
	if bytes.Equal(out, []byte{'{'}) {
		return nil
	}
	return append(out, '}')
}
