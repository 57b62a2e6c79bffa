package recommend

import (
	"cmp"
	"slices"
	"time"

	"github.com/peakday/peakday/events"
)

// maxHistory is how many items of a visitor sources get to see.
const maxHistory = 100

// history lists what the visitor did, newest first, each item once: the items
// of the session, then those of the profile. Ages are measured from the
// visitor's newest deed: against each other is all that counts.
func history(into []Taste, r *Register, p *Profile, session []Step, half time.Duration) []Taste {
	deeds := deedsOf(p)
	latest := int64(0)
	if len(deeds) > 0 {
		latest = deeds[0].at
	}
	into = into[:0]
	moment := 0
	for i := len(session) - 1; i >= 0 && len(into) < maxHistory; i-- {
		if slot, ok := r.Slot(session[i].Item); ok && indexOfTaste(into, slot) < 0 {
			into = append(into, Taste{Slot: slot, Moment: moment, Weight: session[i].Action.weight(), Action: session[i].Action})
			moment++
		}
	}
	last := latest
	for _, d := range deeds {
		if len(into) == maxHistory {
			break
		}
		slot, ok := r.Slot(d.item)
		if !ok || indexOfTaste(into, slot) >= 0 {
			continue
		}
		if d.at != last {
			moment, last = moment+1, d.at
		}
		age := time.Duration(latest-d.at) * time.Microsecond
		into = append(into, Taste{slot, moment, d.action.weight() * halves(age, half), d.action, d.at / 1e6})
	}
	return into
}

// lately is how long before the newest deed others are counted, in seconds: the
// visitor's errand of now.
const lately = 30 * 60

// deedsLately counts what the visitor did in this session, and in the half hour
// before the newest deed that the profile knows; a whole basket is one deed.
func deedsLately(p *Profile, session []Step) int {
	n := len(session)
	for i, m := range p.Recent {
		if p.Recent[0].Time-m.Time >= lately*1e6 {
			break
		}
		if i == 0 || m.Time != p.Recent[i-1].Time {
			n++
		}
	}
	return n
}

// deedsIn is deedsLately of steps, oldest first.
func deedsIn(steps []step) int {
	n := 0
	for i := len(steps) - 1; i >= 0 && steps[len(steps)-1].second-steps[i].second < lately; i-- {
		if i == len(steps)-1 || steps[i].group != steps[i+1].group {
			n += 1 + int(steps[i].again)
		}
	}
	return n
}

// itemsLately counts the items of the deeds that deedsLately counts.
func itemsLately(history []Taste) int {
	newest := int64(0)
	for _, t := range history {
		newest = max(newest, t.Second)
	}
	n := 0
	for _, t := range history {
		if t.Second == 0 || newest-t.Second < lately {
			n++
		}
	}
	return n
}

// deed is one thing that a visitor did.
type deed struct {
	item   events.ItemID
	at     int64
	action Action
}

// deedsOf lists a profile's deeds, newest first; of one moment the strongest
// first. What was taken out of the cart is no deed.
func deedsOf(p *Profile) []deed {
	out := make([]deed, 0, len(p.Views)+len(p.Carts)+len(p.Buys))
	for _, v := range p.Views {
		out = append(out, deed{v.Item, v.Time, v.Action})
	}
	for _, c := range p.Carts {
		if !c.Out {
			out = append(out, deed{c.Item, c.Time, Cart})
		}
	}
	for _, b := range p.Kept() {
		out = append(out, deed{b.Item, b.Time, Buy})
	}
	slices.SortFunc(out, func(a, b deed) int {
		if a.at != b.at {
			return newest(a.at, b.at)
		}
		return cmp.Or(cmp.Compare(b.action, a.action), cmp.Compare(a.item, b.item))
	})
	return out
}
