package experiments

import (
	"testing"

	"github.com/spaolacci/murmur3"
	"pgregory.net/rapid"
)

func TestMurmur64IsMurmur3(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), 0, 400).Draw(t, "bytes")
		if got, want := murmur64(b), murmur3.Sum64(b); got != want {
			t.Errorf("murmur64 is %016x, murmur3.Sum64 %016x", got, want)
		}
	})
}

func BenchmarkPoint(b *testing.B) {
	s := variantSalt("checkout-button-colour")
	b.ReportAllocs()
	for b.Loop() {
		s.point("user_0001234")
	}
}
