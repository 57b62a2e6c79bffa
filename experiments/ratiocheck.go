package experiments

import (
	"fmt"

	"github.com/peakday/peakday/stats"
)

// SampleRatio says whether the units came in the shares of the weights: by
// chi-square, which holds for one look, and by a sequential test, which may be
// looked at all the time.
type SampleRatio struct {
	Chi2       float64        `json:"chi2"`
	PValue     float64        `json:"p_value"`
	Status     stats.Status   `json:"status"` // of the chi-square: warning below .01, failed below .001
	Sequential *SequentialSRM `json:"sequential,omitempty"`
}

// SequentialSRM is the always-valid test of the sample ratio.
type SequentialSRM struct {
	PValue float64      `json:"p_value"`
	Status stats.Status `json:"status"`
}

// checkRatio tests the units of the arms against their weights. Where there is
// nothing to test, all is well.
func checkRatio(observed []int64, weights []float64) SampleRatio {
	r := SampleRatio{PValue: 1, Status: stats.OK}
	if c, err := stats.SampleRatio(observed, weights); err == nil {
		r.Chi2, r.PValue, r.Status = c.Statistic, c.P, c.Status
	}
	if c, err := stats.SequentialSampleRatio(observed, weights); err == nil {
		r.Sequential = &SequentialSRM{c.P, c.Status}
	}
	return r
}

// warning says in words what is wrong; empty if nothing is.
func (r SampleRatio) warning() string {
	if r.Status == stats.OK {
		return ""
	}
	return fmt.Sprintf("the units do not come in the shares of the weights (p = %.3g): look for lost exposures or redirects before you believe the effects", r.PValue)
}
