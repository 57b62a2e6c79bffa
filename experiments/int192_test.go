package experiments

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// TestWideIsExact holds sums of products against big.Int, and their decimals.
func TestWideIsExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var got int192
		want := new(big.Int)
		for range rapid.IntRange(0, 8).Draw(t, "terms") {
			a, b := rapid.Int64().Draw(t, "a"), rapid.Int64().Draw(t, "b")
			product, exact := mulInt64(a, b), new(big.Int).Mul(big.NewInt(a), big.NewInt(b))
			if rapid.Bool().Draw(t, "minus") {
				got.subtract(&product)
				want.Sub(want, exact)
			} else {
				got.add(&product)
				want.Add(want, exact)
			}
		}
		text := string(got.append(nil))
		if got.int().Cmp(want) != 0 || text != want.String() || got.isZero() != (want.Sign() == 0) {
			t.Fatalf("it is %s, written %s, want %s", got.int(), text, want)
		}
		if again, ok := parseInt192([]byte(text)); !ok || again != got {
			t.Fatalf("%s is read as %s", text, again.int())
		}
	})
}

func TestWideReadsWhatFits(t *testing.T) {
	t.Parallel()
	largest := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 190), big.NewInt(1))
	for _, n := range []*big.Int{largest, new(big.Int).Neg(largest)} {
		if w, ok := parseInt192([]byte(n.String())); !ok || w.int().Cmp(n) != 0 {
			t.Errorf("%s is read as %s", n, w.int())
		}
		if _, ok := parseInt192(new(big.Int).Lsh(n, 1).Append(nil, 10)); ok {
			t.Errorf("twice %s was read", n)
		}
	}
}

// TestQuotientRoundsOnce holds quotients against those of exact rationals.
func TestQuotientRoundsOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		number := func(name string) *big.Int {
			n := big.NewInt(rapid.Int64().Draw(t, name))
			return n.Mul(n, new(big.Int).Lsh(big.NewInt(rapid.Int64Range(1, math.MaxInt64).Draw(t, name+" times")), rapid.UintRange(0, 120).Draw(t, name+" shifted")))
		}
		a, b := number("a"), number("b")
		b.Abs(b)
		if b.Sign() == 0 {
			b.SetInt64(1)
		}
		want, _ := new(big.Rat).SetFrac(a, b).Float64()
		if got := quotient(a, b); got != want {
			t.Fatalf("%s / %s is %v, want %v", a, b, got, want)
		}
	})
}
