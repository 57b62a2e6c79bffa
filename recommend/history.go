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
// visitor's newest action: only their ratios matter.
func history(into []HistoryItem, r *Interner, p *Profile, session []Step, half time.Duration) []HistoryItem {
	actions := profileActions(p)
	latest := int64(0)
	if len(actions) > 0 {
		latest = actions[0].at
	}
	into = into[:0]
	moment := 0
	for i := len(session) - 1; i >= 0 && len(into) < maxHistory; i-- {
		if slot, ok := r.Slot(session[i].Item); ok && indexInHistory(into, slot) < 0 {
			into = append(into, HistoryItem{Slot: slot, Moment: moment, Weight: session[i].Action.weight(), Action: session[i].Action})
			moment++
		}
	}
	last := latest
	for _, d := range actions {
		if len(into) == maxHistory {
			break
		}
		slot, ok := r.Slot(d.item)
		if !ok || indexInHistory(into, slot) >= 0 {
			continue
		}
		if d.at != last {
			moment, last = moment+1, d.at
		}
		age := time.Duration(latest-d.at) * time.Microsecond
		into = append(into, HistoryItem{slot, moment, d.action.weight() * halves(age, half), d.action, d.at / 1e6})
	}
	return into
}

// recentSeconds is how far before the newest action others count as recent, in
// seconds: they tell of the intent of now.
const recentSeconds = 30 * 60

// recentActions counts what the visitor did in this session, and in the half hour
// before the newest action that the profile knows; a whole basket is one action.
func recentActions(p *Profile, session []Step) int {
	n := len(session)
	for i, m := range p.Recent {
		if p.Recent[0].Time-m.Time >= recentSeconds*1e6 {
			break
		}
		if i == 0 || m.Time != p.Recent[i-1].Time {
			n++
		}
	}
	return n
}

// recentActionsOf is recentActions of steps, oldest first.
func recentActionsOf(steps []step) int {
	n := 0
	for i := len(steps) - 1; i >= 0 && steps[len(steps)-1].second-steps[i].second < recentSeconds; i-- {
		if i == len(steps)-1 || steps[i].group != steps[i+1].group {
			n += 1 + int(steps[i].again)
		}
	}
	return n
}

// recentItems counts the items of the actions that recentActions counts.
func recentItems(history []HistoryItem) int {
	newest := int64(0)
	for _, t := range history {
		newest = max(newest, t.Second)
	}
	n := 0
	for _, t := range history {
		if t.Second == 0 || newest-t.Second < recentSeconds {
			n++
		}
	}
	return n
}

// profileAction is one thing that a visitor did.
type profileAction struct {
	item   events.ItemID
	at     int64
	action Action
}

// profileActions lists a profile's actions, newest first; of one moment the strongest
// first. What was taken out of the cart is no action.
func profileActions(p *Profile) []profileAction {
	out := make([]profileAction, 0, len(p.Views)+len(p.Carts)+len(p.Buys))
	for _, v := range p.Views {
		out = append(out, profileAction{v.Item, v.Time, v.Action})
	}
	for _, c := range p.Carts {
		if !c.Out {
			out = append(out, profileAction{c.Item, c.Time, Cart})
		}
	}
	for _, b := range p.Kept() {
		out = append(out, profileAction{b.Item, b.Time, Buy})
	}
	slices.SortFunc(out, func(a, b profileAction) int {
		if a.at != b.at {
			return newest(a.at, b.at)
		}
		return cmp.Or(cmp.Compare(b.action, a.action), cmp.Compare(a.item, b.item))
	})
	return out
}

// historyOfSteps is the history that steps make, as history makes it of a profile.
// slot gives an item's slot.
func historyOfSteps(into []HistoryItem, steps []step, half time.Duration, slot func(int32) Slot) []HistoryItem {
	into = into[:0]
	moment := 0
	for i := len(steps) - 1; i >= 0 && len(into) < maxHistory; i-- {
		s := &steps[i]
		if i < len(steps)-1 && s.group != steps[i+1].group {
			moment++
		}
		if at := slot(s.item); indexInHistory(into, at) < 0 {
			age := time.Duration(steps[len(steps)-1].second-s.second) * time.Second
			into = append(into, HistoryItem{at, moment, s.action.weight() * halves(age, half), s.action, s.second})
		}
	}
	return into
}

// hidden lists the items that a visitor has bought or put into the cart: the
// default policy does not show them.
func hidden(steps []step) []int32 {
	var out []int32
	for _, s := range steps {
		if s.action >= Cart {
			out = append(out, s.item)
		}
	}
	return out
}
