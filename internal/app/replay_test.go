package app

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
	"github.com/peakday/peakday/recommend"
	"github.com/peakday/peakday/store/memory"
	"github.com/peakday/peakday/store/sqldb"
	"github.com/peakday/peakday/store/storetest/services"
)

// The replay law: all state is what the log says. A fresh database that is fed
// the same log gets the same tables, and online state is the same whether it
// was kept up live, read from a snapshot with the log's tail behind it, or
// rebuilt from the whole log.

// ofReplays are the columns that say who applied the log and in what pieces.
func ofReplays() []string { return []string{"cursors.epoch", "sale_marks", "moment_marks"} }

func TestReplayLaw(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2) {
		t.Run(fmt.Sprint("sqlite, seed ", seed), func(t *testing.T) {
			t.Parallel()
			live := lived(t, seed, past(t.TempDir()))
			again := past(t.TempDir())
			live.replay(t, again)
			live.rebuild(t)
			live.resume(t)
		})
	}
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		server := services.Postgres(t)
		cfg := past(t.TempDir())
		cfg.Postgres = services.NewDatabase(t, server)
		live := lived(t, 4, cfg)
		again := past(t.TempDir())
		again.Postgres = services.NewDatabase(t, server)
		live.replay(t, again)
		// The other database says the same, down to the bytes.
		live.replay(t, past(t.TempDir()))
		live.resume(t)
	})
}

// past are settings whose clock stands still: some state remembers when it was
// last touched.
func past(data string) Config {
	cfg := quiet(data)
	cfg.Timezone, cfg.Currency = "Asia/Shanghai", "CNY"
	cfg.Clock = func() time.Time { return time.Date(2026, 11, 12, 4, 30, 0, 0, time.UTC) }
	return cfg
}

// life is what an instance left behind that lived through a history.
type life struct {
	cfg     Config
	tables  tables
	online  map[string][]byte // the snapshots at its end
	halfway map[string][]byte // those of the middle
}

// lived lets a new instance live through a random history.
func lived(t *testing.T, seed uint64, cfg Config) *life {
	t.Helper()
	l := &life{cfg: cfg}
	a := opened(t, cfg)
	define(t, a)
	h := newHistory(seed, cfg.Clock())
	var told []events.Event
	tell := func(n int) {
		for n > 0 {
			// A new intake has forgotten what came before: duplicates reach the log.
			intake := events.NewIntake(a.log, a.db, a.currency, a.clock)
			batch := make([]events.Decoded, 1+h.IntN(40))
			for i := range batch {
				e := h.event()
				if len(told) > 0 && h.IntN(8) == 0 {
					e = told[h.IntN(len(told))]
				}
				told = append(told, e)
				batch[i] = events.Decoded{Index: i, Event: e}
			}
			receipt, err := intake.Accept(t.Context(), batch, events.Channel{Trusted: true, Imported: h.IntN(5) == 0})
			if err != nil || len(receipt.Rejected) > 0 {
				t.Fatalf("%+v, %v", receipt, err)
			}
			n -= len(batch)
		}
	}
	tell(350)
	settled(t, a)
	if err := a.snapshotAll(); err != nil {
		t.Fatal(err)
	}
	l.halfway = snapshots(t, cfg)
	tell(350)
	settled(t, a)
	closed(t, a)
	l.tables, l.online = dump(t, cfg, ofReplays()...), snapshots(t, cfg)
	l.tables.filled(t, "facts", "exposures", "moments", "sale_lines", "sale_hours", "presale_hours", "sale_skus", "stock_moves", "dead_letters", "inbox", "models")
	for name := range l.online {
		if bytes.Equal(l.online[name], l.halfway[name]) {
			t.Errorf("nothing changed %s in the second half", name)
		}
	}
	if !strings.Contains(strings.Join(l.tables["dead_letters"], " "), "must be worth at most") {
		t.Error("no poison in this history")
	}
	return l
}

// define starts two experiments, of users and of whatever a unit may be.
func define(t *testing.T, a *App) {
	t.Helper()
	editor := experiments.NewEditor(sqldb.Experiments{DB: a.db}, a.currency)
	by := experiments.By{Author: "test", Now: a.clock().AddDate(0, 0, -10)}
	for _, m := range [][2]string{
		{"conversion", `{"kind":"proportion","event":"order.paid"}`},
		{"revenue", `{"kind":"mean","event":"order.paid","value":"total"}`},
		{"basket", `{"kind":"ratio","event":"order.paid","value":"total","denominator":{"event":"order.paid"}}`},
		{"views", `{"kind":"count","identity":"device","event":"product.viewed"}`},
	} {
		metric, err := experiments.ParseMetric(m[0], []byte(m[1]), a.currency)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := editor.PutMetric(t.Context(), by, metric); err != nil {
			t.Fatal(err)
		}
	}
	for _, x := range [][2]string{
		{"checkout", `"unit":"user","primary":"conversion","secondary":["revenue","basket"]`},
		{"price", `"unit":"device","primary":"views"`},
	} {
		e, err := experiments.ParseExperiment(x[0], []byte(`{`+x[1]+`,"segments":["tier"],"variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}`))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := editor.Put(t.Context(), by, e); err != nil {
			t.Fatal(err)
		}
		if _, err := editor.Start(t.Context(), by, e.Key); err != nil {
			t.Fatal(err)
		}
	}
}

// settled waits until all is applied, and trains a model of it.
func settled(t *testing.T, a *App) {
	t.Helper()
	if err := a.consumer.CaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := a.trainer.train(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// replay feeds a copy of the log to a fresh database.
func (l *life) replay(t *testing.T, cfg Config) {
	t.Helper()
	if err := os.CopyFS(filepath.Join(cfg.Data, "log"), os.DirFS(filepath.Join(l.cfg.Data, "log"))); err != nil {
		t.Fatal(err)
	}
	a, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	define(t, a)
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	settled(t, a)
	closed(t, a)
	sameTables(t, dump(t, cfg, ofReplays()...), l.tables)
	sameOnline(t, "the replayed log", snapshots(t, cfg), l.online)
}

// rebuild opens the store without its snapshots.
func (l *life) rebuild(t *testing.T) {
	t.Helper()
	l.reopen(t, nil)
	sameOnline(t, "the rebuilt state", snapshots(t, l.cfg), l.online)
}

// resume opens the store with the snapshots of the middle.
func (l *life) resume(t *testing.T) {
	t.Helper()
	l.reopen(t, l.halfway)
	sameOnline(t, "a snapshot and the log behind it", snapshots(t, l.cfg), l.online)
}

// reopen opens the store with other snapshots and closes it again, which
// changes no table.
func (l *life) reopen(t *testing.T, files map[string][]byte) {
	t.Helper()
	dir := filepath.Join(l.cfg.Data, "state")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a := opened(t, l.cfg)
	settled(t, a)
	closed(t, a)
	sameTables(t, dump(t, l.cfg, ofReplays()...), l.tables)
}

// snapshots reads the files of online state.
func snapshots(t *testing.T, cfg Config) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(cfg.Data, "state", "*"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, f := range files {
		if out[filepath.Base(f)], err = os.ReadFile(f); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func sameOnline(t *testing.T, name string, got, want map[string][]byte) {
	t.Helper()
	names := slices.Sorted(maps.Keys(want))
	if !slices.Equal(names, []string{"catalog.snapshot", "profiles.snapshot", "trends.snapshot"}) || !slices.Equal(slices.Sorted(maps.Keys(got)), names) {
		t.Fatalf("%s: files %v, want %v", name, slices.Sorted(maps.Keys(got)), names)
	}
	for _, file := range []string{"catalog.snapshot", "trends.snapshot"} {
		if !bytes.Equal(got[file], want[file]) {
			t.Errorf("%s: %s differs from the live one (%d and %d bytes)", name, file, len(got[file]), len(want[file]))
		}
	}
	// The file of profiles also says with which batch each of its parts last
	// changed, which is no part of the law.
	if diff := cmp.Diff(profiles(t, want["profiles.snapshot"]), profiles(t, got["profiles.snapshot"])); diff != "" {
		t.Errorf("%s: profiles differ (-live +this):\n%.2000s", name, diff)
	}
}

// profiles reads the visitors' profiles out of a snapshot.
func profiles(t *testing.T, file []byte) map[string]recommend.Profile {
	t.Helper()
	stored := memory.NewProfiles(idleProfiles, time.Now)
	if err := stored.Restore(bytes.NewReader(file)); err != nil {
		t.Fatal(err)
	}
	out := map[string]recommend.Profile{}
	for i := range 10 {
		for _, v := range []events.Unit{{Kind: events.User, ID: events.UnitID(fmt.Sprint("u", i))}, {Kind: events.Device, ID: events.UnitID(fmt.Sprint("d", i))}} {
			found, err := stored.Load(t.Context(), []events.Unit{v})
			if err != nil {
				t.Fatal(err)
			}
			p, err := recommend.DecodeProfile(found[0])
			if err != nil {
				t.Fatal(err)
			}
			if found[0] != nil {
				out[string(v.Kind)+" "+string(v.ID)] = p
			}
		}
	}
	if len(out) != 14 { // ten users, four devices
		t.Errorf("%d profiles", len(out))
	}
	return out
}
