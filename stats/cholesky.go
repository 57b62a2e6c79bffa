package stats

import "math"

// solvePositive solves matrix·x = target for a symmetric matrix without
// negative eigenvalues by Cholesky's decomposition. A variable of which less
// than 1e-10 is new beside the ones before it gets 0. It reads the lower
// triangle.
func solvePositive(matrix [][]float64, target []float64) []float64 {
	const fresh = 1e-10
	n := len(matrix)
	factor := make([][]float64, n)
	half := make([]float64, n) // factor·half = target
	for i := range n {
		factor[i] = make([]float64, i+1)
		left, rest := matrix[i][i], target[i]
		for j := range i {
			if factor[j][j] == 0 {
				continue
			}
			sum := matrix[i][j]
			for l := range j {
				sum -= factor[i][l] * factor[j][l]
			}
			factor[i][j] = sum / factor[j][j]
			left -= factor[i][j] * factor[i][j]
			rest -= factor[i][j] * half[j]
		}
		if left > fresh*matrix[i][i] {
			factor[i][i] = math.Sqrt(left)
			half[i] = rest / factor[i][i]
		}
	}
	x := make([]float64, n)
	for i := n - 1; i >= 0; i-- {
		if factor[i][i] == 0 {
			continue
		}
		sum := half[i]
		for j := i + 1; j < n; j++ {
			sum -= factor[j][i] * x[j]
		}
		x[i] = sum / factor[i][i]
	}
	return x
}
