package experiments

import (
	"errors"
	"slices"
	"testing"

	"github.com/peakday/peakday/events"
)

func TestCatalogKnowsNoDrafts(t *testing.T) {
	t.Parallel()
	c := catalogOf(draft(t, "new", twoVariants))
	for _, key := range []string{"new", "never-defined", ""} {
		if _, ok := c.Evaluate(key, Subject{Key: "u1"}, nil); ok {
			t.Errorf("%q is known", key)
		}
	}
}

func TestEvaluateAll(t *testing.T) {
	t.Parallel()
	c := catalogOf(running(t, "b", twoVariants), draft(t, "draft", twoVariants), running(t, "a", twoVariants), running(t, "c", twoVariants))
	var keys []string
	c.EvaluateAll(Subject{Key: "u1"}, nil, func(e Evaluation) bool {
		keys = append(keys, e.Experiment.Key)
		return len(keys) < 2
	})
	if want := []string{"a", "b"}; !slices.Equal(keys, want) {
		t.Errorf("it gave %v, want %v: sorted, without drafts, and no more than was asked for", keys, want)
	}
}

func TestCheckExposure(t *testing.T) {
	t.Parallel()
	c := catalogOf(running(t, "checkout", twoVariants), draft(t, "new", twoVariants))
	for _, x := range []struct{ experiment, variant, field string }{
		{"checkout", "b", ""},
		{"checkout", "z", "data.variant"},
		{"new", "b", "data.experiment"},
		{"never-defined", "b", "data.experiment"},
	} {
		err := c.CheckExposure(&events.Exposure{Experiment: x.experiment, Variant: x.variant, Unit: "u1"})
		var invalid *events.Invalid
		switch {
		case x.field == "" && err != nil:
			t.Errorf("%s/%s is refused: %v", x.experiment, x.variant, err)
		case x.field != "" && (!errors.As(err, &invalid) || invalid.Field != x.field):
			t.Errorf("%s/%s: %v, want an Invalid of %s", x.experiment, x.variant, err, x.field)
		}
	}
}

func TestLiveFollowsTheStore(t *testing.T) {
	t.Parallel()
	ctx, store := t.Context(), newMemoryStore()
	editor, live := NewEditor(store, "CNY"), NewLive(store)
	if live.Catalog() == nil || live.Catalog().Revision() == 0 {
		t.Fatal("a new Live must have an empty catalogue that is older than any other")
	}
	mustDo(t, live.Refresh(ctx))
	mustPut(t, editor, "checkout", twoVariants)
	if _, err := editor.Start(ctx, by(1), "checkout"); err != nil {
		t.Fatal(err)
	}
	before := live.Catalog()
	mustDo(t, live.Refresh(ctx))
	if _, ok := live.Catalog().Evaluate("checkout", Subject{Key: "u1"}, nil); !ok {
		t.Error("after a refresh the experiment is unknown")
	}
	if _, ok := before.Evaluate("checkout", Subject{Key: "u1"}, nil); ok {
		t.Error("a catalogue has changed under its reader")
	}
	reads := store.reads
	mustDo(t, live.Refresh(ctx))
	if store.reads != reads {
		t.Error("a refresh read the definitions although nothing had changed")
	}

	store.fault = errors.New("the database is away")
	if err := live.Refresh(ctx); !errors.Is(err, store.fault) {
		t.Errorf("the error is %v", err)
	}
	if _, ok := live.Catalog().Evaluate("checkout", Subject{Key: "u1"}, nil); !ok {
		t.Error("without its database the process has forgotten its experiments")
	}
}

func TestLiveKeepsTheOldCatalogueWhenADefinitionIsDamaged(t *testing.T) {
	t.Parallel()
	store := newMemoryStore()
	live := NewLive(store)
	mustDo(t, store.Commit(t.Context(), []Change{{Kind: ExperimentKind, Key: "checkout", Version: 1, Doc: []byte(`{"unit":7}`)}}))
	before := live.Catalog()
	var damaged *DamagedError
	if err := live.Refresh(t.Context()); !errors.As(err, &damaged) || damaged.Key != "checkout" || damaged.Unwrap() == nil {
		t.Errorf("the error is %v, want a DamagedError of checkout", err)
	}
	if live.Catalog() != before {
		t.Error("the catalogue was replaced")
	}
}
