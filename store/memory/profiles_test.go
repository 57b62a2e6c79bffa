package memory_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
	"github.com/peakday/peakday/store/memory"
	"github.com/peakday/peakday/store/storetest/profile"
)

const month = 30 * 24 * time.Hour

func clock() time.Time { return time.Unix(1_800_000_000, 0) }

func TestProfiles(t *testing.T) {
	t.Parallel()
	profile.Run(t, func(*testing.T) recommend.Profiles { return memory.NewProfiles(month, clock) })
}

func unit(i int) events.Unit {
	return events.Unit{Kind: events.User, ID: events.UnitID(fmt.Sprint("u", i))}
}

func write(t testing.TB, p *memory.Profiles, to events.Position, profile string, v events.Unit) {
	t.Helper()
	s := []recommend.PartProfiles{{Part: events.PartOf(v.ID), Profiles: []recommend.VisitorProfile{{Visitor: v}}}}
	if err := p.Open(t.Context(), "log", s); err != nil {
		t.Fatal(err)
	}
	s[0].To, s[0].Profiles[0].Profile = to, []byte(profile)
	if err := p.Commit(t.Context(), "log", s); err != nil {
		t.Fatal(err)
	}
}

func filled(t testing.TB) *memory.Profiles {
	t.Helper()
	p := memory.NewProfiles(month, clock)
	for i := range 100 {
		write(t, p, events.Position(i+1), fmt.Sprint("profile ", i), unit(i))
	}
	if err := p.Advance(t.Context(), "log", 2, 0, 50); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSnapshotBringsAllBack(t *testing.T) {
	t.Parallel()
	live := filled(t)
	var file bytes.Buffer
	if err := live.Snapshot(&file); err != nil {
		t.Fatal(err)
	}
	rebuilt := memory.NewProfiles(month, clock)
	if err := rebuilt.Restore(bytes.NewReader(file.Bytes())); err != nil {
		t.Fatal(err)
	}
	for i := range 101 {
		want, _ := live.Load(t.Context(), []events.Unit{unit(i)})
		got, _ := rebuilt.Load(t.Context(), []events.Unit{unit(i)})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	}
	at, _ := rebuilt.Position(t.Context(), "log", 2)
	s := []recommend.PartProfiles{{Part: events.PartOf(unit(99).ID)}}
	if err := rebuilt.Open(t.Context(), "log", s); err != nil || at != 50 || s[0].At != 100 {
		t.Errorf("partition at %d, part at %d: %v", at, s[0].At, err)
	}
	var again bytes.Buffer
	if err := rebuilt.Snapshot(&again); err != nil || !bytes.Equal(file.Bytes(), again.Bytes()) {
		t.Errorf("the snapshot's snapshot differs: %v", err)
	}
}

func TestSnapshotsThatAreCutOrForeignAreRefused(t *testing.T) {
	t.Parallel()
	var file, catalog bytes.Buffer
	p := filled(t)
	if err := errors.Join(p.Snapshot(&file), recommend.NewCatalog(recommend.NewInterner(), "log", "CNY").Snapshot(&catalog)); err != nil {
		t.Fatal(err)
	}
	whole := file.Bytes()
	for name, b := range map[string][]byte{
		"empty": nil, "half": whole[:len(whole)/2], "a byte short": whole[:len(whole)-1], "a catalogue": catalog.Bytes(),
		"damaged": append(append(bytes.Clone(whole[:100]), whole[100]^1), whole[101:]...),
	} {
		if err := p.Restore(bytes.NewReader(b)); !errors.Is(err, recommend.ErrSealed) {
			t.Errorf("%s: %v, want ErrSealed", name, err)
		}
	}
	if got, _ := p.Load(t.Context(), []events.Unit{unit(7)}); string(got[0]) != "profile 7" {
		t.Error("a refused file changed the profiles")
	}
}

// FuzzRestore seals any payload properly, so that decoding itself is met.
func FuzzRestore(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{1, 1, 'a', 0, 5})
	f.Add([]byte("\x01\x0300000\xc0\xbd\xf3\xdd00")) // counts more than there can be
	f.Fuzz(func(t *testing.T, payload []byte) {
		var file bytes.Buffer
		if err := recommend.Seal(&file, "profiles", 1, payload); err != nil {
			t.Fatal(err)
		}
		p := memory.NewProfiles(month, clock)
		if err := p.Restore(&file); err != nil && !errors.Is(err, recommend.ErrSealed) {
			t.Fatal(err)
		}
	})
}

func TestSweepDropsTheIdle(t *testing.T) {
	t.Parallel()
	now := clock()
	p := memory.NewProfiles(time.Hour, func() time.Time { return now })
	write(t, p, 1, "old", unit(1))
	now = now.Add(50 * time.Minute)
	write(t, p, 2, "new", unit(2))
	now = now.Add(20 * time.Minute)
	if n := p.Sweep(); n != 1 {
		t.Errorf("swept %d, want 1", n)
	}
	got, _ := p.Load(t.Context(), []events.Unit{unit(1), unit(2)})
	if got[0] != nil || string(got[1]) != "new" {
		t.Errorf("left %q", got)
	}
}

func BenchmarkLoad(b *testing.B) {
	p := filled(b)
	ask := []events.Unit{unit(1), unit(2)}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Load(b.Context(), ask); err != nil {
			b.Fatal(err)
		}
	}
}
