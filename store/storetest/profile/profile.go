// Package profile holds the tests that every recommend.Profiles passes.
package profile

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
)

// Run tests the driver; open gives an empty store, of which the test may make
// several at a time.
func Run(t *testing.T, open func(t *testing.T) recommend.Profiles) {
	t.Helper()
	for _, c := range []struct {
		name string
		test func(t *testing.T, store recommend.Profiles)
	}{
		{"a stranger has no profile", aStranger},
		{"what was committed is loaded, in the order asked for", committedIsLoaded},
		{"any bytes are kept", anyBytes},
		{"a part opens with its position and profiles", opens},
		{"of two writers of one part the second is refused", secondWriter},
		{"a refused part changes nothing and holds up no other", refusedPart},
		{"positions belong to a log", positionsOfLogs},
		{"a partition advances from where it stands", advances},
		{"a forgotten visitor stays forgotten", forgets},
		{"a killed fold counts each fact once", killed},
		{"an applied batch is refused", replayed},
		{"a zombie changes nothing", zombie},
		{"partitions fold side by side", sideBySide},
		{"a census counts every user once", counted},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, open(t))
		})
	}
}

const log = "log-1"

func user(id string) events.Unit   { return events.Unit{Kind: events.User, ID: events.UnitID(id)} }
func device(id string) events.Unit { return events.Unit{Kind: events.Device, ID: events.UnitID(id)} }

// sheets opens the parts of visitors, one sheet a part.
func sheets(t *testing.T, store recommend.Profiles, log string, visitors ...events.Unit) []recommend.Sheet {
	t.Helper()
	var out []recommend.Sheet
	at := map[events.Part]int{}
	for _, v := range visitors {
		part := events.PartOf(v.ID)
		i, known := at[part]
		if !known {
			i = len(out)
			at[part] = i
			out = append(out, recommend.Sheet{Part: part})
		}
		out[i].Pages = append(out[i].Pages, recommend.Page{Visitor: v})
	}
	ok(t, store.Open(t.Context(), log, out))
	return out
}

// write commits one profile for each visitor.
func write(t *testing.T, store recommend.Profiles, log string, to events.Position, profile string, visitors ...events.Unit) {
	t.Helper()
	ok(t, store.Commit(t.Context(), log, written(sheets(t, store, log, visitors...), to, profile)))
}

func written(ss []recommend.Sheet, to events.Position, profile string) []recommend.Sheet {
	for i := range ss {
		ss[i].To = to
		for j := range ss[i].Pages {
			ss[i].Pages[j].Profile = []byte(profile)
		}
	}
	return ss
}

func load(t *testing.T, store recommend.Profiles, visitors ...events.Unit) []string {
	t.Helper()
	profiles, err := store.Load(t.Context(), visitors)
	ok(t, err)
	if len(profiles) != len(visitors) {
		t.Fatalf("%d profiles of %d visitors", len(profiles), len(visitors))
	}
	out := make([]string, len(profiles))
	for i, p := range profiles {
		out[i] = string(p)
		if p == nil {
			out[i] = "stranger"
		}
	}
	return out
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func same(t *testing.T, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("unexpected (-want +got):\n%s", diff)
	}
}

func aStranger(t *testing.T, store recommend.Profiles) {
	same(t, load(t, store, user("a"), device("a")), []string{"stranger", "stranger"})
	same(t, load(t, store), []string{})
	opened := sheets(t, store, log, user("a"))
	if s := opened[0]; s.At != 0 || s.Pages[0].Profile != nil {
		t.Errorf("opened %+v", s)
	}
	at, err := store.Position(t.Context(), log, 3)
	ok(t, err)
	same(t, at, events.Position(0))
}

func committedIsLoaded(t *testing.T, store recommend.Profiles) {
	write(t, store, log, 1, "one", user("a"), user("b"))
	write(t, store, log, 2, "two", device("a"))
	same(t, load(t, store, device("a"), user("c"), user("b"), user("a")), []string{"two", "stranger", "one", "one"})
	write(t, store, log, 3, "three", user("a"))
	same(t, load(t, store, user("a"), user("a")), []string{"three", "three"})
}

func anyBytes(t *testing.T, store recommend.Profiles) {
	odd := user("a b\"{}:*é人")
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	write(t, store, log, 1, string(all), odd)
	same(t, load(t, store, odd), []string{string(all)})
}

func opens(t *testing.T, store recommend.Profiles) {
	write(t, store, log, 7, "one", user("a"))
	opened := sheets(t, store, log, user("a"), device("a"))
	if len(opened) != 1 {
		t.Fatalf("a user and a device of one id lie in %d parts", len(opened))
	}
	same(t, opened[0].At, events.Position(7))
	same(t, opened[0].Pages, []recommend.Page{{Visitor: user("a"), Profile: []byte("one")}, {Visitor: device("a")}})
}

func secondWriter(t *testing.T, store recommend.Profiles) {
	first, second := sheets(t, store, log, user("a")), sheets(t, store, log, user("a"))
	ok(t, store.Commit(t.Context(), log, written(first, 5, "first")))
	if err := store.Commit(t.Context(), log, written(second, 6, "second")); !errors.Is(err, recommend.ErrStale) {
		t.Errorf("the second writer got %v, want ErrStale", err)
	}
	same(t, load(t, store, user("a")), []string{"first"})
	same(t, sheets(t, store, log, user("a"))[0].At, events.Position(5))
}

func refusedPart(t *testing.T, store recommend.Profiles) {
	opened := sheets(t, store, log, user("a"), user("b"))
	if len(opened) != 2 {
		t.Fatal("a and b should lie in two parts")
	}
	write(t, store, log, 1, "meanwhile", user("b"))
	if err := store.Commit(t.Context(), log, written(opened, 2, "late")); !errors.Is(err, recommend.ErrStale) {
		t.Errorf("got %v, want ErrStale", err)
	}
	same(t, load(t, store, user("a"), user("b")), []string{"late", "meanwhile"})
	same(t, sheets(t, store, log, user("b"))[0].At, events.Position(1))
}

func positionsOfLogs(t *testing.T, store recommend.Profiles) {
	write(t, store, log, 5, "one", user("a"))
	ok(t, store.Advance(t.Context(), log, 0, 0, 5))
	if s := sheets(t, store, "log-2", user("a"))[0]; s.At != 0 || string(s.Pages[0].Profile) != "one" {
		t.Errorf("another log opens %+v", s)
	}
	write(t, store, "log-2", 1, "two", user("a"))
	same(t, sheets(t, store, log, user("a"))[0].At, events.Position(5))
	at, err := store.Position(t.Context(), "log-2", 0)
	ok(t, err)
	same(t, at, events.Position(0))
}

func advances(t *testing.T, store recommend.Profiles) {
	ok(t, store.Advance(t.Context(), log, 1, 0, 10))
	ok(t, store.Advance(t.Context(), log, 1, 10, 10))
	ok(t, store.Advance(t.Context(), log, 1, 10, 12))
	for _, step := range [][2]events.Position{{0, 5}, {10, 15}, {13, 15}, {12, 11}} {
		if err := store.Advance(t.Context(), log, 1, step[0], step[1]); !errors.Is(err, recommend.ErrStale) {
			t.Errorf("from %d to %d: %v, want ErrStale", step[0], step[1], err)
		}
	}
	for partition, want := range map[int]events.Position{1: 12, 2: 0} {
		at, err := store.Position(t.Context(), log, partition)
		ok(t, err)
		same(t, at, want)
	}
}

func forgets(t *testing.T, store recommend.Profiles) {
	write(t, store, log, 4, "one", user("a"), device("a"))
	open := sheets(t, store, log, user("a"))
	ok(t, store.Forget(t.Context(), user("a")))
	if err := store.Commit(t.Context(), log, written(open, 5, "again")); !errors.Is(err, recommend.ErrStale) {
		t.Errorf("a fold that had it open got %v, want ErrStale", err)
	}
	same(t, load(t, store, user("a"), device("a")), []string{"stranger", "one"})
	same(t, sheets(t, store, log, user("a"))[0].At, events.Position(4))
	ok(t, store.Forget(t.Context(), user("never seen")))
}

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

func (o onlyParts) Commit(ctx context.Context, log string, ss []recommend.Sheet) error {
	for _, s := range ss {
		if s.Part == o.part {
			return errors.Join(o.Profiles.Commit(ctx, log, []recommend.Sheet{s}), errKilled)
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

func (i interrupted) Commit(ctx context.Context, log string, ss []recommend.Sheet) error {
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

func counted(t *testing.T, store recommend.Profiles) {
	census, ok := store.(recommend.Census)
	if !ok {
		t.Skip("this driver takes no census")
	}
	const users = 2500
	var visitors []events.Unit
	for i := range users {
		visitors = append(visitors, user(fmt.Sprintf("u}:user:%d", i)))
	}
	write(t, store, log, 1, "p", append(visitors, device("d"))...)
	seen := map[events.UserID]string{}
	err := census.EachUser(t.Context(), func(u events.UserID, profile []byte) error {
		seen[u] = string(profile)
		return nil
	})
	if err != nil || len(seen) != users {
		t.Fatalf("%d users of %d: %v", len(seen), users, err)
	}
	for _, v := range visitors {
		if seen[events.UserID(v.ID)] != "p" {
			t.Fatalf("%s has the profile %q", v.ID, seen[events.UserID(v.ID)])
		}
	}
	enough := errors.New("enough")
	if err := census.EachUser(t.Context(), func(events.UserID, []byte) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("error %v", err)
	}
}
