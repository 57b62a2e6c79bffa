package dbtest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peakday/peakday/store/sqldb"
)

func settings(t *testing.T, db *sqldb.DB) {
	ctx := t.Context()
	if v, err := db.StoredSetting(ctx, "zone"); v != "" || err != nil {
		t.Fatalf("a setting that was never made is %q: %v", v, err)
	}
	for _, value := range []string{"Asia/Shanghai", "UTC"} {
		stands, err := db.Setting(ctx, "zone", value)
		must(t, err)
		if stands != "Asia/Shanghai" {
			t.Fatalf("after %q the zone is %q", value, stands)
		}
	}
	if v, err := db.StoredSetting(ctx, "zone"); v != "Asia/Shanghai" || err != nil {
		t.Fatalf("stored is %q: %v", v, err)
	}
}

func keys(t *testing.T, db *sqldb.DB) {
	ctx := t.Context()
	a := sqldb.Key{ID: "k1", Hash: "h1", Name: "web", Scopes: []string{"evaluate", "events:behaviour"}, Origins: []string{"https://shop.example"}, Created: day}
	b := sqldb.Key{ID: "k2", Hash: "h2", Name: "server", Scopes: []string{"manage"}, Origins: []string{}, Created: day.Add(time.Second)}
	must(t, db.AddKey(ctx, a))
	must(t, db.AddKey(ctx, b))
	if err := db.AddKey(ctx, a); err == nil {
		t.Error("two keys of one id")
	}
	must(t, db.RevokeKey(ctx, "k1", day.Add(time.Hour)))
	if err := db.RevokeKey(ctx, "k1", day); !errors.Is(err, sqldb.ErrNoKey) {
		t.Errorf("a revoked key was revoked again: %v", err)
	}
	a.Revoked = day.Add(time.Hour)
	all, err := db.Keys(ctx)
	must(t, err)
	if d := cmp.Diff([]sqldb.Key{a, b}, all); d != "" {
		t.Errorf("keys (-want +got):\n%s", d)
	}
}

func models(t *testing.T, db *sqldb.DB) {
	ctx := t.Context()
	if version, data, err := db.ActiveModel(ctx); version != "" || data != nil || err != nil {
		t.Fatalf("without models, active is %q: %v", version, err)
	}
	for i, v := range []string{"m1", "m2", "m3", "m4"} {
		must(t, db.AddModel(ctx, sqldb.Model{Version: v, Created: day.Add(time.Duration(i) * time.Hour), About: []byte(`{}`)}, []byte{byte(i), 0, 255}))
	}
	for _, v := range []string{"m3", "m1"} {
		if found, err := db.ActivateModel(ctx, v); !found || err != nil {
			t.Fatalf("activate %s: %v %v", v, found, err)
		}
	}
	if found, err := db.ActivateModel(ctx, "m9"); found || err != nil {
		t.Fatalf("a model that does not exist: %v %v", found, err)
	}
	version, data, err := db.ActiveModel(ctx)
	must(t, err)
	if version != "m1" || !slices.Equal(data, []byte{0, 0, 255}) {
		t.Fatalf("active is %q %v", version, data)
	}
	must(t, db.PruneModels(ctx, 2))
	var left []string
	all, err := db.Models(ctx)
	must(t, err)
	for _, m := range all {
		left = append(left, m.Version)
		if m.Active != (m.Version == "m1") {
			t.Errorf("%s is active: %v", m.Version, m.Active)
		}
	}
	if !slices.Equal(left, []string{"m4", "m3", "m1"}) {
		t.Errorf("left are %v", left)
	}
}
