package api

import (
	"context"
	"errors"
	"testing"
)

func TestKeyring(t *testing.T) {
	t.Parallel()
	var list []Key
	var fault error
	r := NewKeyring(func(context.Context) ([]Key, error) { return list, fault })
	if !r.required() {
		t.Error("before the first reading anybody gets in")
	}
	refresh := func(want bool) {
		t.Helper()
		if err := r.Refresh(t.Context()); (err == nil) != want {
			t.Errorf("refresh: %v", err)
		}
	}
	refresh(true)
	if r.required() {
		t.Error("a key is required though there is none")
	}
	list = []Key{{ID: "1", Hash: HashSecret("a")}, {ID: "2", Hash: HashSecret("b"), Revoked: true}}
	refresh(true)
	if k := r.bySecret("a"); k == nil || k.ID != "1" || r.byID("1") != k {
		t.Errorf("%+v", k)
	}
	if r.bySecret("b") != nil || r.byID("2") != nil || r.bySecret("") != nil {
		t.Error("a revoked key is in force")
	}
	fault = errors.New("the database is away")
	refresh(false)
	if r.bySecret("a") == nil {
		t.Error("a failed reading forgets the keys")
	}
	fault, list = nil, []Key{{ID: "3", Hash: "not a hash"}}
	refresh(false)
	if r.bySecret("a") == nil {
		t.Error("a bad list forgets the keys")
	}
	list = []Key{{ID: "1", Hash: HashSecret("a"), Revoked: true}}
	refresh(true)
	if !r.required() || r.bySecret("a") != nil {
		t.Error("revoking the last key opens the door")
	}
	if NewKeyring(nil).required() {
		t.Error("a service without keys requires one")
	}
}

func TestWhatScopesInclude(t *testing.T) {
	t.Parallel()
	for _, held := range Scopes() {
		k := Key{Scopes: []Scope{held}}
		for _, asked := range Scopes() {
			want := held == asked || held == Manage && asked == Read
			if k.may(asked) != want {
				t.Errorf("%s allows %s: %v", held, asked, !want)
			}
		}
	}
}

func TestNamesOfThisMachine(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost": true, "LOCALHOST:80": true, "127.0.0.1": true, "127.9.9.9:1": true, "[::1]": true, "[::1]:80": true, "::1": true, "[::ffff:127.0.0.1]:80": true,
		"": false, "localhost.": false, "localhost.evil.example": false, "127.0.0.1.evil.example": false, "0.0.0.0": false, "10.0.0.1": false, "example": false, "[::]": false, "2130706433": false,
	} {
		if got := localName(host); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
	for remote, want := range map[string]bool{"127.0.0.1:1": true, "[::1]:1": true, "[::ffff:127.0.0.1]:1": true, "192.0.2.1:1": false, "": false, "@": false, "localhost:1": false} {
		if got := localPeer(remote); got != want {
			t.Errorf("%q: %v", remote, got)
		}
	}
}
