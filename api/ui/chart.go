package ui

import (
	"fmt"
	"math"
	"strings"
)

// Bar draws an interval on a line around zero; the viewBox is 200 by 20.
type Bar struct {
	Shown        bool
	Low, High, X float64
}

// NewBar places an interval on a scale from −scale to scale.
func NewBar(i Interval, scale float64) Bar {
	if !i.Known || !(scale > 0) {
		return Bar{}
	}
	at := func(v float64) float64 {
		if math.IsNaN(v) {
			return 100
		}
		return 100 + 96*max(-1, min(1, v/scale))
	}
	return Bar{Shown: true, Low: at(i.Low), High: at(i.High), X: at(i.Estimate)}
}

// Scale is a scale that holds all the intervals.
func Scale(intervals []Interval) float64 {
	scale := 0.0
	for _, i := range intervals {
		for _, v := range []float64{i.Low, i.Estimate, i.High} {
			if i.Known && !math.IsNaN(v) && !math.IsInf(v, 0) {
				scale = max(scale, math.Abs(v))
			}
		}
	}
	return scale
}

// Line is a difference over the days: a band of its interval and a line of its
// estimate; the viewBox is 200 by 40.
type Line struct {
	Shown bool
	Band  string // points of a polygon
	Mean  string // points of a line
	Zero  float64
}

// NewLine draws intervals in the order of their days. Days without one are left
// out, and the first days, whose intervals are wide, are cut at the edge.
func NewLine(days []Interval) Line {
	var known []Interval
	for _, i := range days {
		if i.Known && !math.IsNaN(i.Estimate) {
			known = append(known, i)
		}
	}
	if len(known) < 2 {
		return Line{}
	}
	last := known[len(known)-1]
	reach := 2 * max(math.Abs(last.Low), math.Abs(last.High))
	if !(reach > 0) || math.IsInf(reach, 0) {
		return Line{}
	}
	x := func(i int) float64 { return 200 * float64(i) / float64(len(known)-1) }
	y := func(v, otherwise float64) float64 {
		if math.IsNaN(v) {
			v = otherwise
		}
		return 20 - 19*max(-1, min(1, v/reach))
	}
	var band, mean strings.Builder
	for i, d := range known {
		point(&band, x(i), y(d.High, reach))
		point(&mean, x(i), y(d.Estimate, 0))
	}
	for i := len(known) - 1; i >= 0; i-- {
		point(&band, x(i), y(known[i].Low, -reach))
	}
	return Line{Shown: true, Band: band.String(), Mean: mean.String(), Zero: 20}
}

// The drawing of a forecast.
const (
	chartWidth, chartHeight = 720, 220
	chartLeft, chartBottom  = 56, 24
)

// Chart is a drawn forecast: two bands and a line.
type Chart struct {
	Width, Height int
	Wide, Narrow  string // points of polygons: 95 % and 80 % of what may come
	Line          string // points of the mean
	Ticks         []Tick
	First, Last   string // dates under the ends
	Left, Bottom  int
}

// Tick is a line of the vertical axis.
type Tick struct {
	Y    float64
	Text string
}

// NewChart draws days.
func NewChart(days []Day) Chart {
	c := Chart{Width: chartWidth, Height: chartHeight, Left: chartLeft, Bottom: chartHeight - chartBottom}
	if len(days) == 0 {
		return c
	}
	top := 0.0
	for _, d := range days {
		top = max(top, d.Q975, d.Mean)
	}
	step := niceStep(top / 4)
	top = max(step, math.Ceil(top/step)*step)
	x := func(i int) float64 {
		return chartLeft + (chartWidth-chartLeft-8)*float64(i)/float64(max(1, len(days)-1))
	}
	y := func(v float64) float64 { return 8 + (chartHeight-chartBottom-8)*(1-v/top) }
	for v := 0.0; v <= top+step/2; v += step {
		c.Ticks = append(c.Ticks, Tick{y(v), Number(v)})
	}
	c.Wide = band(days, x, y, func(d Day) (low, high float64) { return d.Q025, d.Q975 })
	c.Narrow = band(days, x, y, func(d Day) (low, high float64) { return d.Q10, d.Q90 })
	var line strings.Builder
	for i, d := range days {
		point(&line, x(i), y(d.Mean))
	}
	c.Line = line.String()
	c.First, c.Last = days[0].Date, days[len(days)-1].Date
	return c
}

func band(days []Day, x func(int) float64, y func(float64) float64, bounds func(Day) (low, high float64)) string {
	var b strings.Builder
	for i, d := range days {
		_, high := bounds(d)
		point(&b, x(i), y(high))
	}
	for i := len(days) - 1; i >= 0; i-- {
		low, _ := bounds(days[i])
		point(&b, x(i), y(low))
	}
	return b.String()
}

func point(b *strings.Builder, x, y float64) { fmt.Fprintf(b, "%.1f,%.1f ", x, y) }

// niceStep rounds up to 1, 2 or 5 times a power of ten.
func niceStep(f float64) float64 {
	if !(f > 0) {
		return 1
	}
	power := math.Pow10(int(math.Floor(math.Log10(f))))
	for _, m := range []float64{1, 2, 5} {
		if f <= m*power {
			return m * power
		}
	}
	return 10 * power
}
