package forecast

import (
	"cmp"
	"slices"
	"time"
)

// wave is one wave (波) of a presale: deposits are paid until the due day begins,
// balances from then on. A sale may have two, each with its own due day.
type wave struct {
	event string
	phase string // of the due day: balance or day
	year  int
	opens Day // when deposits begin
	due   Day // when balances begin
	next  Day // the due day of the wave behind it, or far away
	last  Day // of the sale that it belongs to
}

// key is the same for the waves of all years.
func (w *wave) key() string { return w.event + " " + w.phase }

// Bounds of what belongs to a wave.
const (
	longestPresale = 120 // days that deposits may come before they are due
	longestBalance = 14  // days in which balances come
	noDay          = Day(1 << 30)
)

// waves lists the waves of all years of an event, by due day. Deposits are due
// when the calendar's balance phase begins, later ones when the day itself
// does.
func (e *Event) waves() []wave {
	var out []wave
	if e.Disabled {
		return nil
	}
	for _, o := range e.Occurrences {
		from, to := o.Sale()
		opens := from
		for _, p := range []string{PhaseBalance, PhaseDay} {
			i := slices.IndexFunc(o.Phases, func(q Phase) bool { return q.Phase == p })
			if i < 0 {
				continue
			}
			due := o.Phases[i].From
			out = append(out, wave{event: e.Key, phase: p, year: o.Year, opens: min(opens, due), due: due, next: noDay, last: to})
			opens = due
		}
	}
	slices.SortFunc(out, func(a, b wave) int { return cmp.Compare(a.due, b.due) })
	for i := 1; i < len(out); i++ {
		out[i-1].next = out[i].due
	}
	return out
}

// waveOfDeposit finds the wave in which a deposit of a day is due; -1 if none.
func waveOfDeposit(ws []wave, d Day) int {
	i, _ := slices.BinarySearchFunc(ws, d+1, func(w wave, d Day) int { return cmp.Compare(w.due, d) })
	if i < len(ws) && ws[i].due-d <= longestPresale {
		return i
	}
	return -1
}

// waveOfBalance finds the wave to which a balance of a day belongs; -1 if none.
func waveOfBalance(ws []wave, d Day) int {
	i, found := slices.BinarySearchFunc(ws, d, func(w wave, d Day) int { return cmp.Compare(w.due, d) })
	if !found {
		i--
	}
	if i >= 0 && d-ws[i].due < longestBalance {
		return i
	}
	return -1
}

// hoursBetween counts whole hours, rounded up, never negative.
func hoursBetween(from, to time.Time) int {
	return max(0, int((to.Sub(from)+time.Hour-1)/time.Hour))
}
