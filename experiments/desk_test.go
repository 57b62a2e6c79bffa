package experiments

import (
	"testing"
	"time"
)

// by is a change by an analyst, some hours after the opening.
func by(hours int) By { return By{Author: "lin", Now: opening.Add(time.Duration(hours) * time.Hour)} }

func mustDo(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func mustPut(t testing.TB, d *Desk, key, text string) *Experiment {
	t.Helper()
	e, err := d.Put(t.Context(), by(0), draft(t, key, text))
	mustDo(t, err)
	return e
}
