package experiments

import (
	"context"
	"fmt"
	"time"
)

// Due is a change that the clock asks for.
type Due struct {
	Key     string
	Action  string // start, stop or stage
	Version int64  // of the experiment that it was read off
}

// Due lists what the clock asks for: drafts whose start has come, experiments
// whose end has come, ramps whose stage is over. It follows from the
// definitions alone, so that a restart forgets nothing.
func (d *Definitions) Due(now time.Time) []Due {
	var out []Due
	for _, e := range d.Experiments {
		action := ""
		switch {
		case e.endsBy(now) && (e.Status == Running || e.Status == Paused):
			action = "stop"
		case e.Status == Draft && !e.StartsAt.IsZero() && !now.Before(e.StartsAt) && !e.endsBy(now):
			action = "start"
		case e.stageEnds(now):
			action = "stage"
		}
		if action != "" {
			out = append(out, Due{e.Key, action, e.Version})
		}
	}
	return out
}

func (e *Experiment) endsBy(now time.Time) bool { return !e.EndsAt.IsZero() && !now.Before(e.EndsAt) }

// scheduler is the author of what the clock changes.
const scheduler = "peakday schedule"

// Keep makes a change that was due. Another replica may have been faster:
// ErrConflict then says that it is done.
func (d *Editor) Keep(ctx context.Context, due Due, now time.Time) error {
	by := By{Author: scheduler, Now: now, IfVersion: due.Version}
	var err error
	switch due.Action {
	case "start":
		_, err = d.Start(ctx, by, due.Key)
	case "stop":
		_, err = d.Stop(ctx, by, due.Key)
	case "stage":
		_, err = d.nextStage(ctx, by, due.Key)
	}
	if err != nil {
		return fmt.Errorf("%s %s by schedule: %w", due.Action, due.Key, err)
	}
	return nil
}

// nextStage moves a ramp on.
func (d *Editor) nextStage(ctx context.Context, by By, key string) (*Experiment, error) {
	return d.move(ctx, by, key, "stage", func(e *Experiment, _ *Definitions) ([]Change, error) {
		if !e.stageEnds(by.Now) {
			return nil, refuse("its stage is not over")
		}
		e.enterStage(e.Stage+1, by.Now)
		return nil, nil
	})
}
