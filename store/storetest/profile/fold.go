package profile

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
)

// views makes one view by each visitor, at positions from+1 …
func views(from events.Position, visitors ...string) []events.Delivery {
	var out []events.Delivery
	for i, v := range visitors {
		at := time.Unix(1_800_000_000, 0).Add(time.Duration(int(from)+i) * time.Second).UTC()
		data := []byte(fmt.Sprintf(`{"user_id":%q,"product_id":"p"}`, v))
		r := events.Record{Source: "test", ID: fmt.Sprint(from, i), Kind: events.Kind(events.User), Key: v, Type: events.ProductViewed, Time: at, Data: data}
		f, err := r.Fact("CNY")
		if err != nil {
			panic(err)
		}
		out = append(out, events.Delivery{Record: r, Fact: f, Position: from + events.Position(i+1)})
	}
	return out
}

// counts gives how many actions each visitor's profile has.
func counts(t *testing.T, store recommend.Profiles, visitors ...string) []int {
	t.Helper()
	units := make([]events.Unit, len(visitors))
	for i, v := range visitors {
		units[i] = user(v)
	}
	profiles, err := store.Load(t.Context(), units)
	ok(t, err)
	out := make([]int, len(profiles))
	for i, b := range profiles {
		p, err := recommend.DecodeProfile(b)
		ok(t, err)
		out[i] = len(p.Recent)
	}
	return out
}

// killed applies a batch as a writer does that dies after some of the parts,
// or before the partition advances; another takes over, with other batches.
func killed(t *testing.T, store recommend.Profiles) {
	ctx := t.Context()
	batch := views(0, "a", "b", "a", "c", "b", "a")
	p := recommend.NewProfiler(store, log)

	// The parts of the first half that hold a, and nothing else, were committed.
	half := recommend.NewProfiler(onlyParts{store, events.PartOf("a")}, log)
	if err := half.Follow(ctx, 0, 0, 4, batch[:4]); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	same(t, counts(t, store, "a", "b", "c"), []int{2, 0, 0})

	ok(t, p.Follow(ctx, 0, 0, 3, batch[:3]))
	same(t, counts(t, store, "a", "b", "c"), []int{2, 1, 0})
	ok(t, p.Follow(ctx, 0, 3, 6, batch[3:]))
	same(t, counts(t, store, "a", "b", "c"), []int{3, 2, 1})

	// All parts were committed, the partition was not advanced.
	late := views(6, "a", "b")
	whole := recommend.NewProfiler(noAdvance{store}, log)
	if err := whole.Follow(ctx, 0, 6, 8, late); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	ok(t, p.Follow(ctx, 0, 6, 8, late))
	same(t, counts(t, store, "a", "b", "c"), []int{4, 3, 1})
	at, err := p.Position(ctx, 0)
	ok(t, err)
	same(t, at, events.Position(8))
}

var errKilled = errors.New("killed")

// onlyParts is a store whose writer dies after the commit of one part.
type onlyParts struct {
	recommend.Profiles
	part events.Part
}

func (o onlyParts) Commit(ctx context.Context, log string, ss []recommend.PartProfiles) error {
	for _, s := range ss {
		if s.Part == o.part {
			return errors.Join(o.Profiles.Commit(ctx, log, []recommend.PartProfiles{s}), errKilled)
		}
	}
	return errKilled
}

// noAdvance is a store whose writer dies before the partition advances.
type noAdvance struct{ recommend.Profiles }

func (noAdvance) Advance(context.Context, string, int, events.Position, events.Position) error {
	return errKilled
}

func replayed(t *testing.T, store recommend.Profiles) {
	p := recommend.NewProfiler(store, log)
	batch := views(0, "a", "b")
	ok(t, p.Follow(t.Context(), 0, 0, 2, batch))
	if err := p.Follow(t.Context(), 0, 0, 2, batch); !errors.Is(err, recommend.ErrStale) {
		t.Errorf("got %v, want ErrStale", err)
	}
	if err := p.Follow(t.Context(), 0, 3, 4, views(3, "a")); !errors.Is(err, recommend.ErrStale) {
		t.Errorf("a gap: got %v, want ErrStale", err)
	}
	same(t, counts(t, store, "a", "b"), []int{1, 1})
	ok(t, p.Follow(t.Context(), 0, 2, 9, nil))
	at, err := p.Position(t.Context(), 0)
	ok(t, err)
	same(t, at, events.Position(9))
}

// zombie lets one writer stop between its reading and its writing, while
// another applies the same records and more.
func zombie(t *testing.T, store recommend.Profiles) {
	ctx := t.Context()
	batch := views(0, "a", "b", "a", "c")
	slow := recommend.NewProfiler(interrupted{store, func() {
		quick := recommend.NewProfiler(store, log)
		ok(t, quick.Follow(ctx, 0, 0, 3, batch[:3]))
		ok(t, quick.Follow(ctx, 0, 3, 4, batch[3:]))
	}}, log)
	if err := slow.Follow(ctx, 0, 0, 4, batch); !errors.Is(err, recommend.ErrStale) {
		t.Errorf("the zombie got %v, want ErrStale", err)
	}
	same(t, counts(t, store, "a", "b", "c"), []int{2, 1, 1})
	if err := slow.Follow(ctx, 0, 0, 4, batch); !errors.Is(err, recommend.ErrStale) {
		t.Errorf("the zombie's second try got %v, want ErrStale", err)
	}
	same(t, counts(t, store, "a", "b", "c"), []int{2, 1, 1})
}

// interrupted is a store whose writer is held up between Open and Commit.
type interrupted struct {
	recommend.Profiles
	meanwhile func()
}

func (i interrupted) Commit(ctx context.Context, log string, ss []recommend.PartProfiles) error {
	i.meanwhile()
	return i.Profiles.Commit(ctx, log, ss)
}

func sideBySide(t *testing.T, store recommend.Profiles) {
	const partitions, batches = 4, 10
	byPartition := make([][]string, partitions)
	for i := 0; len(byPartition[0]) < 5 || len(byPartition[3]) < 5; i++ {
		v := fmt.Sprint("v", i)
		n := events.PartOf(v).In(partitions)
		byPartition[n] = append(byPartition[n], v)
	}
	p := recommend.NewProfiler(store, log)
	done := make(chan error, partitions)
	for n, visitors := range byPartition {
		go func() {
			var err error
			for b := range batches {
				from := events.Position(b * len(visitors))
				to := from + events.Position(len(visitors))
				err = errors.Join(err, p.Follow(t.Context(), n, from, to, views(from, visitors...)))
			}
			done <- err
		}()
	}
	for range partitions {
		ok(t, <-done)
	}
	for _, visitors := range byPartition {
		for i, n := range counts(t, store, visitors...) {
			if n != batches {
				t.Errorf("%s has %d views, want %d", visitors[i], n, batches)
			}
		}
	}
}
