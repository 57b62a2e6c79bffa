// Package profile holds the tests that every recommend.Profiles passes.
package profile

import (
	"testing"

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
func sheets(t *testing.T, store recommend.Profiles, log string, visitors ...events.Unit) []recommend.PartProfiles {
	t.Helper()
	var out []recommend.PartProfiles
	at := map[events.Part]int{}
	for _, v := range visitors {
		part := events.PartOf(v.ID)
		i, known := at[part]
		if !known {
			i = len(out)
			at[part] = i
			out = append(out, recommend.PartProfiles{Part: part})
		}
		out[i].Profiles = append(out[i].Profiles, recommend.VisitorProfile{Visitor: v})
	}
	ok(t, store.Open(t.Context(), log, out))
	return out
}

// write commits one profile for each visitor.
func write(t *testing.T, store recommend.Profiles, log string, to events.Position, profile string, visitors ...events.Unit) {
	t.Helper()
	ok(t, store.Commit(t.Context(), log, written(sheets(t, store, log, visitors...), to, profile)))
}

func written(ss []recommend.PartProfiles, to events.Position, profile string) []recommend.PartProfiles {
	for i := range ss {
		ss[i].To = to
		for j := range ss[i].Profiles {
			ss[i].Profiles[j].Profile = []byte(profile)
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
