package forecast

import "time"

// The years for which BuiltinEvents has dates.
const (
	builtinFrom = 2015
	builtinTo   = 2035
)

// BuiltinEvents returns the events that every calendar begins with, from 2015
// to 2035, ordered by key: Double 11, Double 12, Women's Day, 618, Chinese New
// Year, Mid-Autumn, National Day and Qingming. The phases of sales are those
// that the large marketplaces have announced in recent years. A shop that has
// other dates puts its own under the same key; one to which an event does not
// apply disables it.
func BuiltinEvents() []Event {
	all := []Event{
		{Key: "11.11", Name: "Double 11 双11"},
		{Key: "12.12", Name: "Double 12 双12"},
		{Key: "3.8", Name: "Women's Day 3.8节"},
		{Key: "6.18", Name: "Mid-Year Festival 618"},
		{Key: "cny", Name: "Chinese New Year 春节"},
		{Key: "mid-autumn", Name: "Mid-Autumn Festival 中秋节"},
		{Key: "national-day", Name: "National Day 国庆节"},
		{Key: "qingming", Name: "Qingming 清明节"},
	}
	for year := builtinFrom; year <= builtinTo; year++ {
		for i, phases := range phasesOf(year) {
			all[i].Occurrences = append(all[i].Occurrences, Occurrence{Year: year, Phases: phases})
		}
	}
	return all
}

// phasesOf lists the phases of a year's events in the order of BuiltinEvents.
func phasesOf(year int) [][]Phase {
	double11, double12 := NewDay(year, time.November, 11), NewDay(year, time.December, 12)
	women, mid := NewDay(year, time.March, 8), NewDay(year, time.June, 18)
	return [][]Phase{
		{
			days(PhasePresale, double11, -22, -22), days(PhaseDeposit, double11, -21, -12), days(PhaseBalance, double11, -11, -8),
			days(PhaseWarmup, double11, -7, -1), days(PhaseDay, double11, 0, 0), days(PhaseReturns, double11, 1, 7),
		},
		{days(PhaseWarmup, double12, -6, -1), days(PhaseDay, double12, 0, 0), days(PhaseReturns, double12, 1, 4)},
		{days(PhaseWarmup, women, -4, -1), days(PhaseDay, women, 0, 0), days(PhaseReturns, women, 1, 3)},
		{
			days(PhasePresale, mid, -23, -23), days(PhaseDeposit, mid, -22, -19), days(PhaseBalance, mid, -18, -15),
			days(PhaseWarmup, mid, -14, -1), days(PhaseDay, mid, 0, 0), days(PhaseReturns, mid, 1, 7),
		},
		{
			days(PhaseWarmup, newYear(year), -21, -1), days(PhaseDay, newYear(year), 0, 6),
			days(PhaseReturns, newYear(year), 7, 15),
		},
		midAutumnPhases(year),
		nationalPhases(year),
		qingmingPhases(year),
	}
}

// builtin reports whether an event of that key is built in.
func builtin(key string) bool {
	switch key {
	case "11.11", "12.12", "3.8", "6.18", "cny", "mid-autumn", "national-day", "qingming":
		return true
	}
	return false
}

// days is a phase from one offset to another around a day.
func days(phase string, around Day, from, to int) Phase {
	return Phase{Phase: phase, From: around + Day(from), To: around + Day(to)}
}

// newYear is the first day of the lunar year that begins in year.
func newYear(year int) Day {
	months := [...]struct{ month, day int }{ // from 2015
		{2, 19}, {2, 8}, {1, 28}, {2, 16}, {2, 5}, {1, 25}, {2, 12}, {2, 1}, {1, 22}, {2, 10}, {1, 29},
		{2, 17}, {2, 6}, {1, 26}, {2, 13}, {2, 3}, {1, 23}, {2, 11}, {1, 31}, {2, 19}, {2, 8},
	}
	d := months[year-builtinFrom]
	return NewDay(year, time.Month(d.month), d.day)
}
