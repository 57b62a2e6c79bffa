package experiments

import (
	"encoding/json"
	"strconv"
)

// segmentsOf names the segments that a unit is in by its attributes at first
// exposure: one for each of the experiment's segment attributes, such as
// "tier=gold", and "tier=" for a unit without it.
func segmentsOf(e *Experiment, attributes []byte) []string {
	if len(e.Segments) == 0 {
		return nil
	}
	var a map[string]any
	if len(attributes) > 0 && json.Unmarshal(attributes, &a) != nil {
		a = nil
	}
	out := make([]string, len(e.Segments))
	for i, name := range e.Segments {
		out[i] = name + "=" + segmentValue(a[name])
	}
	return out
}

// maxSegmentBytes cuts values that would make rows without number.
const maxSegmentBytes = 64

func segmentValue(v any) string {
	var s string
	switch v := v.(type) {
	case string:
		s = v
	case bool:
		s = strconv.FormatBool(v)
	case float64:
		s = strconv.FormatFloat(v, 'g', -1, 64)
	}
	if len(s) > maxSegmentBytes {
		s = s[:maxSegmentBytes]
	}
	return s
}
