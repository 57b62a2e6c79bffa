package stats

import (
	"math"
	"testing"
)

type tailRow struct{ DF, T, X, Log float64 }

func TestTails(t *testing.T) {
	t.Parallel()
	var file struct {
		Student   []tailRow
		ChiSquare []tailRow `json:"chi_square"`
	}
	readGolden(t, "tails.json", &file)
	// An error of the logarithm is a relative error of the tail.
	check := func(name string, df, x, got, want float64) {
		t.Helper()
		if off := math.Abs(got-want) / math.Max(1, -want/700); !(off < 1e-12) {
			t.Errorf("%s tail of %v at df %v: ln p = %.17g, want %.17g", name, x, df, got, want)
		}
	}
	for _, r := range file.Student {
		check("student", r.DF, r.T, logStudentTail(r.T, r.DF), r.Log)
		if r.Log > -690 && r.Log < math.Log(0.4999) {
			same(t, "student quantile", studentQuantile(math.Exp(r.Log), r.DF), number(r.T), 1e-12, 0)
		}
	}
	for _, r := range file.ChiSquare {
		check("chi-square", r.DF, r.X, logChiSquareTail(r.X, r.DF), r.Log)
	}
	for _, r := range []tailRow{ // mpmath 1.4.1: log(erfc(z/sqrt(2))/2)
		{X: -40, Log: 0.0},
		{X: -8, Log: -6.22096057427178606e-16},
		{X: -1, Log: -0.17275377902344989},
		{X: 0, Log: -0.693147180559945309},
		{X: 0.001, Log: -0.693945383466965179},
		{X: 1, Log: -1.84102164500926351},
		{X: 5, Log: -15.0649983939887257},
		{X: 8.3, Log: -37.4942174237482545},
		{X: 20, Log: -203.917155371097264},
		{X: 29.9, Log: -451.322912458528634},
		{X: 30, Log: -454.321243956343197},
		{X: 37, Log: -689.030585576890594},
		{X: 38, Log: -726.55721601882013},
		{X: 60, Log: -1805.01356068056714},
		{X: 1000, Log: -500007.826694812184},
	} {
		check("normal", math.Inf(1), r.X, logNormalTail(r.X), r.Log)
	}
}

func TestNormalQuantile(t *testing.T) {
	t.Parallel()
	for tail, want := range map[float64]number{ // mpmath 1.4.1
		1e-300: 37.0470962993611992,
		1e-100: 21.2734535609653243,
		1e-10:  6.3613409024040562,
		.0002:  3.54008379920614512,
		.025:   1.95996398454005424,
		.4:     0.253347103135799799,
		.975:   -1.95996398454005424,
	} {
		same(t, "normal quantile", normalQuantile(tail), want, 1e-14, 0)
	}
}
