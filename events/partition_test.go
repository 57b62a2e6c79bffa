package events

import (
	"strings"
	"testing"
)

// Partitions stand in primary keys, in logs and in Redis for ever: these
// numbers must not change. They come from testdata/murmur3.py: the first half
// of the 128 bits, modulo 1024.
func TestPartIsForEver(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]Part{
		"":                       0,
		"a":                      137,
		"u1":                     501,
		"user-123456":            519,
		"用户甲":                    151,
		"SKU 22423 RED":          924,
		"0123456789abcdef":       423, // one block
		"0123456789abcdefg":      478, // and one byte
		strings.Repeat("x", 256): 792,
	} {
		if got := PartOf(key); got != want {
			t.Errorf("PartOf(%q) = %d, want %d", key, got, want)
		}
	}
	if PartOf(UserID("u1")) != PartOf(SKU("u1")) {
		t.Error("the kind of a key moves it to another partition")
	}
}

// Whatever the size of a log, a key's log partition follows from its virtual
// one alone, and when a log's size doubles each partition splits into two.
func TestPartInLog(t *testing.T) {
	t.Parallel()
	for p := range Part(Parts) {
		for n := 1; n <= Parts; n *= 2 {
			if got := p.In(n); got < 0 || got >= n || got != p.In(2*n)%n {
				t.Fatalf("part %d lies in %d of %d and %d of %d", p, got, n, p.In(2*n), 2*n)
			}
		}
	}
}
