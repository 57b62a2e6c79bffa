package experiments

import "time"

// The time after which missing exposures are worth a warning.
const (
	noExposureAfter = time.Hour // without any exposure
	noNewUnitDays   = 2         // without a new unit
)

// warnOfMissingData says that a running experiment has no exposures, or none any
// more: most often the code does not send them.
func (v View) warnOfMissingData(r *Report, e *Experiment, sums map[sumKey]daily) {
	if e.Status != Running || v.Segment != "" || v.Bots != "" || v.Mature || v.AsOf.IsZero() {
		return
	}
	days := daysOf(sums, UnitsCell)
	switch started := e.StartedAt(); {
	case len(days) == 0:
		if v.AsOf.Sub(started) > noExposureAfter {
			r.warn("no unit has met a variant since it started: does the code send exposures, and does anybody meet the audience?")
		}
	case v.today()-days[len(days)-1] > noNewUnitDays:
		r.warn("no new unit has met a variant since %s: the code may no longer send exposures", days[len(days)-1].Date().Format(time.DateOnly))
	}
}
