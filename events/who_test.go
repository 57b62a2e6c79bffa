package events

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// user_id fills user, anonymous_id fills device, units the other kinds; each
// kind stands there once, in a fixed order.
func TestUnitsOfAFact(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, data string
		want       Who
		units      string
		visitor    Unit
	}{
		{"user_id", `{"user_id":"u1","product_id":"p"}`, Who{User: "u1"}, "user:u1", Unit{User, "u1"}},
		{"anonymous_id", `{"anonymous_id":"d1","product_id":"p"}`, Who{Device: "d1"}, "device:d1", Unit{Device, "d1"}},
		{"both: the user is the visitor", `{"user_id":"u1","anonymous_id":"d1","product_id":"p"}`, Who{"u1", "d1", nil}, "user:u1 device:d1", Unit{User, "u1"}},
		{"units name the user", `{"units":{"user":"u1"},"product_id":"p"}`, Who{User: "u1"}, "user:u1", Unit{User, "u1"}},
		{"units name the device", `{"units":{"device":"d1"},"product_id":"p"}`, Who{Device: "d1"}, "device:d1", Unit{Device, "d1"}},
		{"user_id and anonymous_id win", `{"user_id":"u1","anonymous_id":"d1","units":{"user":"u2","device":"d2"},"product_id":"p"}`, Who{"u1", "d1", nil}, "user:u1 device:d1", Unit{User, "u1"}},
		{"all kinds, in a fixed order", `{"user_id":"u1","units":{"region":"r1","shop":"s1","team":"t1","session":"v1","device":"d1"},"product_id":"p"}`,
			Who{"u1", "d1", []Unit{{Session, "v1"}, {Team, "t1"}, {Shop, "s1"}, {Region, "r1"}}}, "user:u1 device:d1 session:v1 team:t1 shop:s1 region:r1", Unit{User, "u1"}},
		{"one id of two kinds", `{"user_id":"x","anonymous_id":"x","product_id":"p"}`, Who{"x", "x", nil}, "user:x device:x", Unit{User, "x"}},
		{"session_id is no unit", `{"user_id":"u1","session_id":"v1","product_id":"p"}`, Who{User: "u1"}, "user:u1", Unit{User, "u1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f, err := Parse(event(ProductViewed, c.data), "CNY")
			if err != nil {
				t.Fatal(err)
			}
			who := f.Data.(*Behaviour).Who
			if diff := cmp.Diff(c.want, who); diff != "" {
				t.Error(diff)
			}
			if got := spell(f.Units()); got != c.units {
				t.Errorf("units %q, want %q", got, c.units)
			}
			if visitor, ok := who.Visitor(); !ok || visitor != c.visitor {
				t.Errorf("visitor %v %v, want %v", visitor, ok, c.visitor)
			}
		})
	}
	if _, ok := (Who{Others: []Unit{{Team, "t1"}}}).Visitor(); ok {
		t.Error("a team is a visitor")
	}
}
