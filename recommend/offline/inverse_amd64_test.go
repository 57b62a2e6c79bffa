package offline

import (
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/sys/cpu"
)

func TestTilesAreTheSameOnEveryProcessor(t *testing.T) {
	t.Parallel()
	if !cpu.X86.HasAVX512F {
		t.Skip("this processor has no AVX-512: there is nothing to compare")
	}
	rng := rand.New(rand.NewPCG(1, 3))
	a, b, c := make([]float32, 2*tileRows*sweepBlock), make([]float32, tileCols*sweepBlock), make([]float32, 2*tileRows*16)
	for _, values := range [][]float32{a, b, c} {
		for i := range values {
			values[i] = rng.Float32() - 0.5
		}
	}
	narrow := slices.Clone(c)
	subtractTile(a, b, narrow, 16)
	subtractTile(a[tileRows*sweepBlock:], b, narrow[tileRows*16:], 16)
	subtractTiles(a, b, c, 16)
	if !slices.Equal(c, narrow) {
		t.Error("AVX-512 and AVX2 give other bits")
	}
}
