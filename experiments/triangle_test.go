package experiments

import (
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func vectors(dim int) *rapid.Generator[[]int64] {
	return rapid.SliceOfN(rapid.Int64Range(-1<<62, 1<<62), dim, dim)
}

// TestTriangleIsExact adds outer products up in the slow and obvious way.
func TestTriangleIsExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		dim := rapid.IntRange(1, 5).Draw(t, "dim")
		units := rapid.SliceOfN(vectors(dim), 0, 20).Draw(t, "units")
		a, b := NewTriangle(dim), NewTriangle(dim)
		for i, v := range units {
			if i%2 == 0 {
				a.addOuter(v, 1)
			} else {
				b.addOuter(v, 1)
			}
		}
		a.Add(b)
		for i := range dim {
			for j := range dim {
				want := new(big.Int)
				for _, v := range units {
					want.Add(want, new(big.Int).Mul(big.NewInt(v[i]), big.NewInt(v[j])))
				}
				if a.At(i, j).Cmp(want) != 0 {
					t.Fatalf("entry (%d,%d) is %s, want %s", i, j, a.At(i, j), want)
				}
			}
		}

		text, err := a.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var read Triangle
		if err := read.UnmarshalText(text); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		for _, v := range units {
			read.addOuter(v, -1)
		}
		if read.Dim() != dim || !read.IsZero() {
			t.Fatalf("%q less its units is not nothing", text)
		}
	})
}

// TestTriangleOfMoneyDoesNotOverflow: 10⁷ units of 10⁹ fen each.
func TestTriangleOfMoneyDoesNotOverflow(t *testing.T) {
	t.Parallel()
	tr := NewTriangle(2)
	tr.addOuter([]int64{1, 1_000_000_000}, 1)
	for range 7 { // times ten
		was := NewTriangle(2)
		was.Add(tr)
		for range 9 {
			tr.Add(was)
		}
	}
	text, _ := tr.MarshalText()
	if want := "10000000 10000000000000000 10000000000000000000000000"; string(text) != want {
		t.Errorf("it is %s, want %s", text, want)
	}
}

func TestBadTriangles(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", " ", "1 2", "1 2 3 4", "1 2 x", "1 2 3.0", "1 2 0x10", "1 2 1e3", "1 2 " + strings.Repeat("9", 201), strings.Repeat("1 ", 153)} {
		var tr Triangle
		if err := tr.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func FuzzTriangleUnmarshalText(f *testing.F) {
	for _, s := range []string{"", "1", "1 2", "1 2 3", "-1 0 +7", "1 2 170141183460469231731687303715884105728", "1 1 1 1 1 1", "1\t2\n3", "1_0 2 3"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var tr Triangle
		if tr.UnmarshalText(text) != nil {
			return
		}
		written, err := tr.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var again Triangle
		if err := again.UnmarshalText(written); err != nil || again.Dim() != tr.Dim() {
			t.Fatalf("%q was written as %q: %v", text, written, err)
		}
		if twice, _ := again.MarshalText(); string(twice) != string(written) {
			t.Fatalf("%q became %q", written, twice)
		}
	})
}
