package experiments

import "time"

// Stage is one step of a ramp: a coverage, and for how long.
type Stage struct {
	Coverage float64 `json:"coverage"`
	Hours    float64 `json:"hours,omitempty"` // of running; 0 for the last one: it stays
}

// stageEnds is when the ramp goes on to its next stage: after the stage's hours
// in which the experiment was running. ok is false when it does not.
func (e *Experiment) stageEnds(now time.Time) (ok bool) {
	if e.Status != Running || e.Stage == 0 || e.Stage >= len(e.Stages) {
		return false
	}
	hours := e.Stages[e.Stage-1].Hours
	return e.ranFor(e.StageAt, now) >= time.Duration(hours*float64(time.Hour))
}

// ranFor is how long the experiment was running between two moments.
func (e *Experiment) ranFor(from, to time.Time) (ran time.Duration) {
	for i, c := range e.Changes {
		begin, end := c.At, to
		if i+1 < len(e.Changes) && e.Changes[i+1].At.Before(to) {
			end = e.Changes[i+1].At
		}
		if begin.Before(from) {
			begin = from
		}
		if c.Status == Running && end.After(begin) {
			ran += end.Sub(begin)
		}
	}
	return ran
}

// enterStage sets the coverage of a stage, from 1.
func (e *Experiment) enterStage(stage int, now time.Time) {
	e.Stage, e.StageAt, e.Coverage = stage, now.UTC().Truncate(time.Microsecond), e.Stages[stage-1].Coverage
}

// peak is the largest coverage that the experiment may come to.
func (e *Experiment) peak() float64 {
	if n := len(e.Stages); n > 0 {
		return e.Stages[n-1].Coverage
	}
	return e.Coverage
}
