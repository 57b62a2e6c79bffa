package stats

import (
	"fmt"
	"math"
)

// Interaction says whether two experiments on the same units change each
// other's effect.
type Interaction struct {
	Statistic float64 // Wald's chi-square
	DF        int     // (arms of one − 1)·(arms of the other − 1)
	P, LogP   float64 // of the effects adding up
	// For two arms each: the effect of the second experiment under the
	// treatment of the first minus that under its control. Else 0.
	Estimate, StdErr float64
}

// Interact tests whether two experiments interact on a metric. cells[i][j] is
// the sample of the units in arm i of one and arm j of the other. If the effects
// add up, the means are a_i + b_j; the weighted squares that this leaves over,
//
//	X² = min Σ (m_ij − a_i − b_j)²/StdErr²_ij,
//
// are then a chi-square. Two arms each have X = (m₁₁ − m₁₀ − m₀₁ + m₀₀)/StdErr.
// A shop with many experiments tests many pairs: adjust by BenjaminiHochberg.
func Interact(cells [][]Sample) (Interaction, error) {
	if len(cells) < 2 || len(cells[0]) < 2 {
		return Interaction{}, refuse(TooFew, "cells", "must be of two arms or more in both experiments")
	}
	for i, row := range cells {
		if len(row) != len(cells[0]) {
			return Interaction{}, refuse(Mismatch, fmt.Sprintf("cells[%d]", i), "must have %d samples as the first has, got %d", len(cells[0]), len(row))
		}
		for j, s := range row {
			input := fmt.Sprintf("cells[%d][%d]", i, j)
			if err := s.check(input, 2); err != nil {
				return Interaction{}, err
			}
			if s.Variance == 0 {
				return Interaction{}, refuse(NoVariation, input, "has no variation to judge by")
			}
		}
	}
	x := Interaction{DF: (len(cells) - 1) * (len(cells[0]) - 1)}
	x.Statistic = additiveResidual(cells)
	if err := finite("cells", x.Statistic); err != nil {
		return Interaction{}, refuse(NotFinite, "cells", "have means or variances too large or too small to compute with")
	}
	if len(cells) == 2 && len(cells[0]) == 2 {
		x.Estimate = (cells[1][1].Mean - cells[1][0].Mean) - (cells[0][1].Mean - cells[0][0].Mean)
		x.StdErr = math.Hypot(math.Hypot(cells[0][0].StdErr(), cells[0][1].StdErr()), math.Hypot(cells[1][0].StdErr(), cells[1][1].StdErr()))
	}
	x.LogP = logChiSquareTail(x.Statistic, float64(x.DF))
	x.P = math.Exp(x.LogP)
	return x, nil
}

// additiveResidual is the weighted squares that the best a_i + b_j leave over.
// With the a_i profiled out, the b_j (b_0 = 0) solve a small linear system.
func additiveResidual(cells [][]Sample) float64 {
	scale := 0.0
	for _, row := range cells {
		for _, s := range row {
			scale = math.Max(scale, s.StdErr())
		}
	}
	k := len(cells[0]) - 1
	normal, target := make([][]float64, k), make([]float64, k)
	for j := range normal {
		normal[j] = make([]float64, k)
	}
	for _, row := range cells {
		w, mean, sum := centred(row, scale)
		for j := range k {
			target[j] += w[j+1] * (row[j+1].Mean - mean)
			normal[j][j] += w[j+1]
			for l := range k {
				normal[j][l] -= w[j+1] * w[l+1] / sum
			}
		}
	}
	b := append([]float64{0}, solvePositive(normal, target)...)
	residual := 0.0
	for _, row := range cells {
		w, _, sum := centred(row, scale)
		a := 0.0
		for j, s := range row {
			a += w[j] * (s.Mean - b[j]) / sum
		}
		for j, s := range row {
			off := (s.Mean - a - b[j]) / s.StdErr()
			residual += off * off
		}
	}
	return residual
}

// centred is the weights of a row, in units of 1/scale², its weighted mean and
// the sum of the weights.
func centred(row []Sample, scale float64) (w []float64, mean, sum float64) {
	w = make([]float64, len(row))
	for j, s := range row {
		w[j] = (scale / s.StdErr()) * (scale / s.StdErr())
		sum += w[j]
		mean += w[j] * s.Mean
	}
	return w, mean / sum, sum
}
