package ui_test

import (
	"io"
	"math"
	"strings"
	"testing"

	"github.com/peakday/peakday/api/ui"
)

func TestNumbersForPeople(t *testing.T) {
	t.Parallel()
	for f, want := range map[float64]string{
		0: "0", 7: "7", 1234: "1\u2009234", -1234567: "−1\u2009234\u2009567", 12.34: "12.3", -12.34: "−12.3", -0.5: "−0.500", 1.2345: "1.234", 0.00123: "0.00123",
		1e18: "1e+18", math.Inf(1): "–", math.NaN(): "–",
	} {
		if got := ui.Number(f); got != want {
			t.Errorf("%g is %q, want %q", f, got, want)
		}
	}
	for f, want := range map[float64]string{0.123: "12.3 %", -0.05: "−5.0 %"} {
		if got := ui.Percent(f); got != want {
			t.Errorf("%g is %q, want %q", f, got, want)
		}
	}
	for f, want := range map[float64]string{0.111: "+0.111", -15.9: "−15.9", 0: "0", math.Inf(1): "–"} {
		if got := ui.Difference(f); got != want {
			t.Errorf("a change of %g is %q, want %q", f, got, want)
		}
	}
	if got := ui.Signed(0.05); got != "+5.0 %" {
		t.Errorf("signed %q", got)
	}
}

func TestBarsStayInTheirBox(t *testing.T) {
	t.Parallel()
	i := ui.Interval{Known: true, Estimate: 0.5, Low: math.Inf(-1), High: math.NaN()}
	scale := ui.Scale([]ui.Interval{i, {Known: true, Estimate: 1, Low: -2, High: 1.5}, {Estimate: 9}})
	if scale != 2 {
		t.Errorf("scale %g, want 2", scale)
	}
	b := ui.NewBar(i, scale)
	for _, x := range []float64{b.Low, b.High, b.X} {
		if !(x >= 0 && x <= 200) {
			t.Errorf("%+v", b)
		}
	}
	if ui.NewBar(ui.Interval{}, 1).Shown || ui.NewBar(i, 0).Shown {
		t.Error("a bar of nothing")
	}
}

func TestChartsHoldAnyForecast(t *testing.T) {
	t.Parallel()
	for _, days := range [][]ui.Day{nil, {{Date: "2026-11-11"}}, {{Mean: 5, Q975: 9, Q90: 7, Q10: 2}, {Mean: 1e9, Q975: 2e9}}} {
		c := ui.NewChart(days)
		if strings.Contains(c.Line+c.Wide+c.Narrow, "NaN") || len(c.Ticks) > 8 || (len(days) > 0) != (c.Line != "") {
			t.Errorf("%+v", c)
		}
	}
}

func TestPagesAreThere(t *testing.T) {
	t.Parallel()
	p, err := ui.New()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Write(io.Discard, "none", ui.Frame{}); err == nil {
		t.Error("a page that is not there was written")
	}
	if a, ok := p.Asset("style.css"); !ok || !strings.HasPrefix(a.Type, "text/css") {
		t.Errorf("style sheet of type %q", a.Type)
	}
	var b strings.Builder
	if err := p.Write(&b, "failure", ui.Frame{Title: "<b>", Body: ui.Failure{Status: 404, Detail: "<i>"}}); err != nil || strings.Contains(b.String(), "<b>") || strings.Contains(b.String(), "<i>") {
		t.Errorf("%v %s", err, b.String())
	}
}
