package experiments

import (
	"fmt"
	"testing"
	"time"

	"github.com/peakday/peakday/events"
)

// draft parses a definition that must be right.
func draft(t testing.TB, key, text string) *Experiment {
	t.Helper()
	e, err := ParseExperiment(key, []byte(text))
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	return e
}

// running is a draft that was started at opening.
func running(t testing.TB, key, text string) *Experiment {
	t.Helper()
	e := draft(t, key, text)
	e.open(opening)
	if err := e.enter(Running, opening); err != nil {
		t.Fatal(err)
	}
	return e
}

// inStatus brings a draft where the editor would bring it.
func inStatus(t testing.TB, s Status, text string) *Experiment {
	t.Helper()
	if s == Draft {
		return draft(t, "checkout", text)
	}
	e := running(t, "checkout", text)
	if s == Shipped {
		e.Shipped = "b"
	}
	if s != Running {
		if err := e.enter(s, opening.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	return e
}

// metric parses a metric that must be right.
func metric(t testing.TB, key, text string) *Metric {
	t.Helper()
	m, err := ParseMetric(key, []byte(text), "CNY")
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	return m
}

func catalogOf(es ...*Experiment) *Catalog { return NewCatalog(Definitions{Experiments: es}) }

// unitIDs makes ids that differ in their last characters only, as serial
// numbers do: the hardest ones for a hash.
func unitIDs(n int) []events.UnitID {
	ids := make([]events.UnitID, n)
	for i := range ids {
		ids[i] = events.UnitID(fmt.Sprintf("user_%07d", i))
	}
	return ids
}
