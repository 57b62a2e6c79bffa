package experiments

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDifferences(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, before, after string
		want                []string
	}{
		{"nothing", `{"a":1}`, `{"a":1}`, nil},
		{"only the version", `{"version":1}`, `{"version":2}`, nil},
		{"a number", `{"a":0.1}`, `{"a":0.10}`, []string{"a: 0.1 → 0.10"}},
		{"within an array", `{"variants":[{"w":1},{"w":1}]}`, `{"variants":[{"w":1},{"w":2}]}`, []string{"variants[1].w: 1 → 2"}},
		{"new and gone", `{"a":{"x":1}}`, `{"b":[true]}`, []string{`a: {"x":1} → `, "b:  → [true]"}},
		{"a longer array", `[1]`, `[1,null]`, []string{"[1]:  → null"}},
		{"no JSON", `{`, `{}`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, d := range Differences([]byte(c.before), []byte(c.after)) {
				got = append(got, d.Field+": "+string(d.Before)+" → "+string(d.After))
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}
