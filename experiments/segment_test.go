package experiments

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestSegmentsOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		segments   []string
		attributes string
		want       []string
	}{
		{"none asked for", nil, `{"tier":"gold"}`, nil},
		{"one", []string{"tier"}, `{"tier":"gold","city":"SH"}`, []string{"tier=gold"}},
		{"two, in the experiment's order", []string{"tier", "city"}, `{"city":"SH","tier":"gold"}`, []string{"tier=gold", "city=SH"}},
		{"missing", []string{"tier"}, `{"city":"SH"}`, []string{"tier="}},
		{"no attributes", []string{"tier"}, ``, []string{"tier="}},
		{"null", []string{"tier"}, `{"tier":null}`, []string{"tier="}},
		{"empty", []string{"tier"}, `{"tier":""}`, []string{"tier="}},
		{"damaged", []string{"tier"}, `{"tier":`, []string{"tier="}},
		{"number", []string{"age"}, `{"age":31}`, []string{"age=31"}},
		{"fraction", []string{"age"}, `{"age":0.1}`, []string{"age=0.1"}},
		{"boolean", []string{"new"}, `{"new":true}`, []string{"new=true"}},
		{"list and object", []string{"a", "b"}, `{"a":["x"],"b":{"x":1}}`, []string{"a=", "b="}},
		{"long", []string{"city"}, `{"city":"` + strings.Repeat("x", 65) + `"}`, []string{"city=" + strings.Repeat("x", 64)}},
		{"long, of characters of three bytes", []string{"city"}, `{"city":"` + strings.Repeat("海", 22) + `"}`, []string{"city=" + strings.Repeat("海", 21)}},
		{"control characters", []string{"city"}, `{"city":"a\u0000b\n"}`, []string{"city=a\uFFFDb\uFFFD"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := &Experiment{Segments: c.segments}
			if d := cmp.Diff(c.want, segmentsOf(e, []byte(c.attributes))); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// TestSegmentValueFitsAnyDatabase: PostgreSQL refuses text with a zero byte or
// half a character, and with it the whole batch.
func TestSegmentValueFitsAnyDatabase(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.StringN(0, 100, -1).Draw(t, "value")
		s := segmentValue(v)
		if len(s) > maxSegmentBytes || !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			t.Fatalf("%q became %q", v, s)
		}
	})
}
