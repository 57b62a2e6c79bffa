package experiments

import (
	"strings"
	"testing"

	"github.com/peakday/peakday/events"
)

// TestPoint holds the hash to numbers of another implementation of murmur3
// (x64, 128 bits, seed 0, the first half), written in Python from Appleby's
// reference. Nobody may change it: every running experiment would be dealt anew.
func TestPoint(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		salt salt
		unit events.UnitID
		want uint64
	}{
		{"variant", variantSalt("checkout"), "u1", 0x0fd884cad6eed4dc},
		{"coverage", coverageSalt("checkout"), "u1", 0xc20fa43164a5df87},
		{"layer", layerSalt("checkout"), "u1", 0x527854a53a573e47},
		{"another layer", layerSalt("home"), "u1", 0xd930835c1b87e0a1},
		{"another unit", variantSalt("checkout"), "u2", 0x3147da55b1b1b927},
		{"no unit", variantSalt("checkout"), "", 0x2caaceea1288e8ba},
		{"not ASCII", variantSalt("checkout"), "用户七", 0x68ad74d1aa6a8e29},
		{"longest key and id", variantSalt(strings.Repeat("a", 64)), events.UnitID(strings.Repeat("x", 256)), 0xe7f5f1b10e1539a2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := new(hasher).point(c.salt, c.unit); got != c.want {
				t.Errorf("point is %016x, want %016x", got, c.want)
			}
		})
	}
}
