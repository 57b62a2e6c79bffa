package api

import (
	"bytes"
	"encoding/json"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
)

// patchExperiment changes the named fields of a definition (JSON Merge Patch,
// RFC 7396): null removes a field, an array replaces the whole array.
func patchExperiment(x *exchange) error {
	patch, err := x.ownedBody()
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
