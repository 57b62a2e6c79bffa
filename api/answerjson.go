package api

import (
	"encoding/json"
	"math"
	"strconv"
	"time"

	"github.com/peakday/peakday/recommend"
)

// appendRecommendations writes what json.Marshal makes of recommendationsOf(a),
// for an answer without explanations: in a tenth of the time, which was 15 µs
// of each request's 250.
func appendRecommendations(b []byte, a *recommend.Response) []byte {
	b = appendMember(b, `{"request":`, a.Request)
	b = appendMember(b, `,"policy":`, a.Policy)
	b = appendMember(b, `,"model":`, a.Model)
	b = append(b, `,"as_of":`...)
	if a.AsOf.IsZero() {
		b = append(b, "null"...)
	} else {
		b = append(a.AsOf.UTC().AppendFormat(append(b, '"'), time.RFC3339Nano), '"')
	}
	b = append(b, `,"degraded":`...)
	b = strconv.AppendBool(b, a.Degraded)
	b = append(b, `,"items":[`...)
	for i := range a.Items {
		if i > 0 {
			b = append(b, ',')
		}
		it := &a.Items[i]
		b = appendMember(b, `{"item":`, string(it.Item))
		b = appendNumber(append(b, `,"score":`...), it.Score)
		b = appendMember(b, `,"source":`, it.Source)
		b = append(b, `,"reasons":[]}`...)
	}
	return append(b, "]}\n"...)
}

func appendMember(b []byte, name, value string) []byte {
	return appendText(append(b, name...), value)
}

// appendText writes a JSON string.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, _ := json.Marshal(s) // of a string it never fails
			return append(b, quoted...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

// appendNumber writes a JSON number as encoding/json does.
func appendNumber(b []byte, f float64) []byte {
	if abs := math.Abs(f); abs == 0 || abs >= 1e-6 && abs < 1e21 {
		return strconv.AppendFloat(b, f, 'f', -1, 64)
	}
	number, err := json.Marshal(f)
	if err != nil {
		return append(b, '0') // not a number: no score is one
	}
	return append(b, number...)
}
