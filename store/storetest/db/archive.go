package dbtest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
	"github.com/peakday/peakday/recommend"
	"github.com/peakday/peakday/store/sqldb"
)

// histories: the parts together hold each unit that was exposed once, with all
// its exposures and its facts of the types asked for, and nobody else.
func histories(t *testing.T, db *sqldb.DB) {
	var exposures []experiments.UnitExposure
	var facts []experiments.UnitFact
	want := map[events.UnitID]string{}
	for i := range 40 {
		unit := fmt.Sprintf("u%02d", i)
		facts = append(facts, fact(int64(2*i+1), events.User, unit, events.OrderPaid, day), fact(int64(2*i+2), events.Device, unit, events.ProductViewed, day))
		if i%4 == 0 {
			continue // never exposed
		}
		exposures = append(exposures, exposure("x", unit, "a", day))
		want[events.UnitID(unit)] = "xa order.paid"
		if i%4 == 1 {
			exposures = append(exposures, exposure("y", unit, "b", day.Add(time.Hour)))
			want[events.UnitID(unit)] = "xa yb order.paid"
		}
	}
	inTx(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		if err := tx.SaveExposures(ctx, exposures); err != nil {
			return err
		}
		return tx.SaveFacts(ctx, facts)
	})
	store, got := sqldb.Experiments{DB: db}, map[events.UnitID]string{}
	for part := range events.Parts {
		units, err := store.Histories(t.Context(), part, []events.Type{events.OrderPaid})
		must(t, err)
		for i, u := range units {
			if int(events.PartOf(u.Unit)) != part || i > 0 && units[i-1].Unit >= u.Unit || got[u.Unit] != "" {
				t.Errorf("%s stands in part %d at %d", u.Unit, part, i)
			}
			var words []string
			for _, x := range u.Exposures {
				words = append(words, x.Experiment+x.Variant)
				if d := cmp.Diff(exposure(x.Experiment, string(u.Unit), x.Variant, x.At), x); d != "" {
					t.Errorf("an exposure (-want +got):\n%s", d)
				}
			}
			slices.Sort(words)
			for _, f := range u.Facts {
				words = append(words, string(f.Type))
			}
			got[u.Unit] = strings.Join(words, " ")
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("histories (-want +got):\n%s", d)
	}
	units, err := store.Histories(t.Context(), int(events.PartOf(events.UnitID("u01"))), nil)
	must(t, err)
	i := slices.IndexFunc(units, func(u experiments.UnitHistory) bool { return u.Unit == "u01" })
	if i < 0 || len(units[i].Exposures) != 2 || len(units[i].Facts) != 0 {
		t.Errorf("without types: %+v", units)
	}
}

// historiesInOrder: the units of a part come by id, whether facts are asked for
// or not, and in whatever order they were exposed.
func historiesInOrder(t *testing.T, db *sqldb.DB) {
	const part = 7
	var units []events.UnitID
	for i := 0; len(units) < 5; i++ {
		if u := events.UnitID(fmt.Sprintf("u%05d", i)); events.PartOf(u) == part {
			units = append(units, u)
		}
	}
	for _, unit := range slices.Backward(units) {
		inTx(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
			return tx.SaveExposures(ctx, []experiments.UnitExposure{exposure("x", string(unit), "a", day)})
		})
	}
	for name, types := range map[string][]events.Type{"facts": {events.OrderPaid}, "no facts": nil} {
		found, err := sqldb.Experiments{DB: db}.Histories(t.Context(), part, types)
		must(t, err)
		var got []events.UnitID
		for _, u := range found {
			got = append(got, u.Unit)
		}
		if d := cmp.Diff(units, got); d != "" {
			t.Errorf("with %s (-want +got):\n%s", name, d)
		}
	}
}

func factsBetween(t *testing.T, db *sqldb.DB) {
	facts := []experiments.UnitFact{
		fact(1, events.User, "u1", events.OrderPaid, day.Add(-time.Microsecond)),
		fact(2, events.User, "u1", events.OrderPaid, day),
		fact(3, events.Device, "u1", events.ProductViewed, day.Add(time.Hour)),
		fact(4, events.User, "u1", events.UserChanged, day.Add(time.Hour)),
		fact(5, events.User, "u1", events.OrderPaid, day.Add(2*time.Hour)),
	}
	inTx(t, db, func(ctx context.Context, tx *sqldb.Tx) error { return tx.SaveFacts(ctx, facts) })
	store, part := sqldb.Experiments{DB: db}, int(events.PartOf(events.UnitID("u1")))
	got, err := store.FactsBetween(t.Context(), part, []events.Type{events.OrderPaid, events.ProductViewed}, day, day.Add(2*time.Hour))
	must(t, err)
	slices.SortFunc(got, func(a, b experiments.UnitFact) int { return int(a.ID.Hi - b.ID.Hi) })
	if d := cmp.Diff(facts[1:3], got, cmpopts.IgnoreUnexported(experiments.UnitFact{})); d != "" {
		t.Errorf("facts (-want +got):\n%s", d)
	}
	for name, ask := range map[string]struct {
		part  int
		types []events.Type
	}{"another part": {(part + 1) % events.Parts, []events.Type{events.OrderPaid}}, "no type": {part, nil}} {
		if none, err := store.FactsBetween(t.Context(), ask.part, ask.types, day, day.Add(time.Hour)); err != nil || len(none) != 0 {
			t.Errorf("%s has %v: %v", name, none, err)
		}
	}
}

func findings(t *testing.T, db *sqldb.DB) {
	ctx, store := t.Context(), sqldb.Experiments{DB: db}
	if f, err := store.Findings(ctx, "x"); f != nil || err != nil {
		t.Fatalf("before anything was found: %+v %v", f, err)
	}
	of := func(n int64) *experiments.Findings {
		return &experiments.Findings{
			AsOf: day.Add(time.Duration(n) * time.Hour), Version: n, Units: 10 * n, BotUnits: map[string]int64{"a": n},
			Rebuilt: experiments.NewStoredCells(experiments.Cells{cell("a", 1): triangle(t, "1 2 170141183460469231731687303715884105728")}),
			Bots:    experiments.NewStoredCells(experiments.Cells{cell("b", 2): triangle(t, "1 -1 1")}),
			SKUs:    []events.SKU{"红 '1'"},
		}
	}
	must(t, store.SaveFindings(ctx, "x", of(1)))
	must(t, store.SaveFindings(ctx, "y", of(7)))
	must(t, store.SaveFindings(ctx, "x", of(2)))
	for key, want := range map[string]*experiments.Findings{"x": of(2), "y": of(7)} {
		got, err := store.Findings(ctx, key)
		must(t, err)
		if got == nil {
			t.Fatalf("of %s nothing is kept", key)
		}
		if got.Version != want.Version || !got.AsOf.Equal(want.AsOf) || got.Units != want.Units || !slices.Equal(got.SKUs, want.SKUs) {
			t.Errorf("%s is %+v, want %+v", key, got, want)
		}
		var cells, wanted []string
		for _, cs := range []experiments.StoredCells{got.Rebuilt, got.Bots, got.Mature} {
			cells = append(cells, fmt.Sprint(values(texts(t, cs.All()))))
		}
		for _, cs := range []experiments.StoredCells{want.Rebuilt, want.Bots, want.Mature} {
			wanted = append(wanted, fmt.Sprint(values(texts(t, cs.All()))))
		}
		if d := cmp.Diff(wanted, cells); d != "" {
			t.Errorf("cells of %s (-want +got):\n%s", key, d)
		}
	}
}

// values are the texts of cells, in order.
func values(cells map[experiments.Cell]string) (all []string) {
	for _, text := range cells {
		all = append(all, text)
	}
	slices.Sort(all)
	return all
}

func credits(t *testing.T, db *sqldb.DB) {
	one := recommend.CreditKey{Experiment: "x", Policy: "p", Day: 3}
	other := recommend.CreditKey{Policy: "p", Day: 4}
	for shard := range 2 {
		for range 2 {
			inTx(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
				return tx.AddCredits(ctx, shard, []recommend.CreditKey{other, one}, map[recommend.CreditKey]recommend.Credit{
					one: {Requests: 1, Impressions: 20, Clicks: 3, Carts: 2, Bought: 1, Revenue: 9990}, other: {Requests: 5},
				})
			})
		}
	}
	store := sqldb.Recommendations{DB: db}
	got, err := store.Credits(t.Context(), 3, 3)
	must(t, err)
	want := map[recommend.CreditKey]recommend.Credit{one: {Requests: 4, Impressions: 80, Clicks: 12, Carts: 8, Bought: 4, Revenue: 39960}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("credits of day 3 (-want +got):\n%s", d)
	}
	if all, err := store.Credits(t.Context(), 0, 9); err != nil || all[other].Requests != 20 || len(all) != 2 {
		t.Errorf("all days: %v %v", all, err)
	}
}

// interleavings: each unit counts once, for the policy that it took more from.
func interleavings(t *testing.T, db *sqldb.DB) {
	match := func(unit string) recommend.InterleavedUnit {
		return recommend.InterleavedUnit{Experiment: "x", Policies: [2]string{"new", "old"}, Unit: events.Unit{Kind: events.User, ID: events.UnitID(unit)}}
	}
	score := func(unit string, clicks, bought [2]int64) {
		inTx(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
			return tx.AddScores(ctx, []recommend.InterleavedUnit{match(unit)}, map[recommend.InterleavedUnit]recommend.InterleavedScore{match(unit): {Clicks: clicks, Bought: bought}})
		})
	}
	score("u1", [2]int64{1, 2}, [2]int64{1, 0})
	score("u1", [2]int64{4, 0}, [2]int64{}) // 5 to 2
	score("u2", [2]int64{0, 1}, [2]int64{1, 1})
	score("u3", [2]int64{2, 2}, [2]int64{})
	got, err := sqldb.Recommendations{DB: db}.InterleavingCounts(t.Context())
	must(t, err)
	want := []recommend.InterleavingCount{{
		Experiment: "x", Policies: [2]string{"new", "old"},
		Clicks: recommend.Preference{First: 1, Second: 1, Tied: 1}, Bought: recommend.Preference{First: 1, Tied: 1},
	}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("interleavings (-want +got):\n%s", d)
	}
}

// traits: the newest event that has the attribute decides, and the first of the
// names that it has.
func traits(t *testing.T, db *sqldb.DB) {
	changed := func(n int64, kind events.UnitKind, at time.Time, attributes string) experiments.UnitFact {
		f := fact(n, kind, "u1", events.UserChanged, at)
		f.Raw = []byte(`{"attributes":` + attributes + `}`)
		return f
	}
	inTx(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		return tx.SaveFacts(ctx, []experiments.UnitFact{
			changed(1, events.User, day, `{"member_tier":"iron","tier":"tin"}`),
			changed(2, events.User, day.Add(2*time.Hour), `{"tier":"gold"}`),
			changed(3, events.User, day.Add(time.Hour), `{"tier":"silver"}`),
			changed(4, events.User, day.Add(3*time.Hour), `{"city":"Hangzhou"}`),
			changed(5, events.Device, day.Add(4*time.Hour), `{"tier":"lead"}`),
		})
	})
	for _, c := range []struct {
		user  events.UserID
		names []string
		want  any
	}{
		{"u1", []string{"member_tier", "tier"}, "gold"},
		{"u1", []string{"member_tier"}, "iron"},
		{"u1", []string{"age"}, nil},
		{"u2", []string{"tier"}, nil},
	} {
		if got, err := db.Trait(t.Context(), c.user, c.names...); got != c.want || err != nil {
			t.Errorf("%v of %s is %v, want %v: %v", c.names, c.user, got, c.want, err)
		}
	}
}
