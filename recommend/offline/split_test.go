package offline

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
)

// rowsOfText reads rows such as "u1 a 3" or "u1 b 4 buy test".
func rowsOfText(text string) []Row {
	var rows []Row
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 3 {
			continue
		}
		r := Row{User: f[0], Item: events.ItemID(f[1]), Target: true}
		fmt.Sscan(f[2], &r.At)
		for _, word := range f[3:] {
			switch word {
			case "cart":
				r.Target, r.Action = false, recommend.Cart
			case "buy":
				r.Action = recommend.Buy
			case "test":
				r.Test = true
			}
		}
		rows = append(rows, r)
	}
	return rows
}

// written is a split as text: "u1: ab" of training, and "ab→c" a case, with
// what is masked in brackets.
func written(d *Data) (train, cases string) {
	letters := func(items []int32) string {
		var b strings.Builder
		for _, i := range items {
			b.WriteString(string(d.Train.Items[i]))
		}
		return b.String()
	}
	of := func(steps []Step) string {
		var items []int32
		for _, s := range steps {
			items = append(items, s.Item)
		}
		return letters(items)
	}
	var t, c []string
	for _, v := range d.Train.Visitors {
		t = append(t, v.ID+":"+of(v.Steps))
	}
	for _, k := range d.Cases {
		text := of(k.History) + "→" + letters(k.Relevant)
		if len(k.Masked) > 0 {
			text += "(" + letters(k.Masked) + ")"
		}
		c = append(c, text)
	}
	return strings.Join(t, " "), strings.Join(c, " ")
}

func TestSplits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, rows   string
		protocol     Protocol
		train, cases string
		dropped      int
	}{
		{
			"the last of each user, by time and not by the file's order",
			"u1 c 3\nu1 a 1\nu1 b 2\nu2 a 1\nu3 b 1\nu3 d 2",
			Protocol{Ordered: true}, "u1:ab u2:a u3:b", "ab→c(ab) b→d(b)", 0,
		},
		{
			"the last target, what comes after it is for neither",
			"u1 a 1 buy\nu1 b 2 cart\nu1 c 3 buy\nu1 d 4 cart",
			Protocol{Ordered: true}, "u1:ab", "ab→c(a)", 0,
		},
		{
			"an item that the user has already is no case",
			"u1 a 1\nu1 b 2\nu1 a 3\nu2 a 1\nu2 b 2",
			Protocol{Ordered: true}, "u1:ab u2:a", "a→b(a)", 1,
		},
		{
			"by time, several wanted items, and a user without history left out",
			"u1 a 1\nu1 b 2\nu1 c 7\nu1 d 8\nu2 a 3\nu2 b 4\nu3 a 9\nu2 c 5\nu2 d 6\nu2 a 10",
			Protocol{Split: ByTime, Share: 0.6, Ordered: true}, "u1:ab u2:abcd", "ab→cd(ab)", 2,
		},
		{
			"by mark, carts of the wanted item stay",
			"u1 a 1 buy\nu1 b 2 cart\nu1 b 3 buy test\nu2 a 1 buy",
			Protocol{Split: ByMark}, "u1:ab u2:a", "ab→b(a)", 0,
		},
		{
			"every next item of a test session, nothing masked",
			"s1 a 1\ns1 b 2\ns2 a 5 test\ns2 b 6 test\ns2 a 7 test",
			Protocol{Split: ByMark, Session: true, Ordered: true}, "s1:ab", "a→b ab→a", 0,
		},
		{
			"sessions by the time at which they begin",
			"s1 a 1\ns1 b 9\ns2 a 2\ns2 c 3\ns3 a 8\ns3 b 10",
			Protocol{Split: ByTime, Share: 0.7, Session: true, Ordered: true}, "s1:ab s2:ac", "a→b", 0,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := NewData(rowsOfText(c.rows), nil, c.protocol)
			train, cases := written(d)
			if train != c.train || cases != c.cases || d.Dropped != c.dropped {
				t.Errorf("train %q cases %q dropped %d,\nwant  %q cases %q dropped %d", train, cases, d.Dropped, c.train, c.cases, c.dropped)
			}
		})
	}
}

func TestValidationIsPartOfTraining(t *testing.T) {
	t.Parallel()
	d := NewData(shopRows(80, 20, 1), nil, Protocol{Ordered: true})
	train, cases := d.validation(1)
	if len(cases) == 0 || len(train.Visitors) != len(d.Train.Visitors) {
		t.Fatalf("%d cases, %d of %d visitors", len(cases), len(train.Visitors), len(d.Train.Visitors))
	}
	for _, c := range cases {
		all := d.Train.Visitors[c.Visitor].Steps
		if got, want := len(c.History), len(all)-1; got != want || all[got].Item != c.Relevant[0] {
			t.Fatalf("visitor %d: history of %d, relevant %v; training has %d steps", c.Visitor, got, c.Relevant, len(all))
		}
	}
}

func TestValidationWithoutTimesTakesTheLastTarget(t *testing.T) {
	t.Parallel()
	d := NewData(rowsOfText("u1 a 1 buy\nu1 b 2 cart\nu1 c 3 buy\nu1 d 4 cart\nu1 e 9 buy test"), nil, Protocol{Split: ByMark})
	train, cases := d.validation(1)
	if got := d.Train.Items[cases[0].Relevant[0]]; len(cases) != 1 || got != "c" {
		t.Errorf("%d cases, the first asks for %s; want one, for c", len(cases), got)
	}
	var left []events.ItemID
	for _, s := range train.Visitors[0].Steps {
		left = append(left, d.Train.Items[s.Item])
	}
	if want := []events.ItemID{"a", "b", "d"}; !slices.Equal(left, want) {
		t.Errorf("left to learn from: %v, want %v", left, want)
	}
}

func TestSampleKeepsOrderAndSize(t *testing.T) {
	t.Parallel()
	all := make([]Case, 100)
	for i := range all {
		all[i].Visitor = i
	}
	got := sample(all, 10, 3)
	if len(got) != 10 || !slices.IsSortedFunc(got, func(a, b Case) int { return a.Visitor - b.Visitor }) {
		t.Errorf("sample %v", got)
	}
}
