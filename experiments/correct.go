package experiments

import "github.com/peakday/peakday/stats"

// correct adjusts p-values and intervals for what is judged together: the
// primary metric's variants are one family, those of the secondary metrics
// another, and so are metrics without a role. Guardrails are warnings, and a
// warning that is adjusted away warns nobody.
func correct(metrics []MetricReport, how Correction, alpha float64) {
	for _, role := range []Role{"", PrimaryRole, SecondaryRole} {
		var family []*Result
		var effects []stats.Effect
		for i := range metrics {
			for j := range metrics[i].Results {
				if res := &metrics[i].Results[j]; metrics[i].Role == role && res.effect != nil {
					family, effects = append(family, res), append(effects, *res.effect)
				}
			}
		}
		corrected, err := stats.Correct(effects, stats.Correction(how), alpha)
		if err != nil {
			continue // none to correct
		}
		for i, c := range corrected {
			family[i].AdjustedPValue = Number(c.AdjustedP)
			if len(family) > 1 && how != Uncorrected {
				family[i].AdjustedAbsolute, family[i].AdjustedRelative = estimates(c.Effect)
			}
		}
	}
}
