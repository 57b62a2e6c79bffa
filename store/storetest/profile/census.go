package profile

import (
	"errors"
	"fmt"
	"testing"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
)

func counted(t *testing.T, store recommend.Profiles) {
	census, ok := store.(recommend.UserProfiles)
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
