package forecast

import "time"

// Mainland China's holidays around Qingming, Mid-Autumn and National Day.
//
// Up to 2026 the days off and the make-up workdays (调休, weekend days that are
// worked instead) are those of the yearly notices of the General Office of the
// State Council (国务院办公厅关于部分节假日安排的通知). A year's notice comes in
// the November before. Later years follow the rule of these notices: three days
// with the nearest weekend for a festival, with a make-up workday if it falls
// on a Tuesday or Thursday, none around a Wednesday; 1 to 7 October, to the 8th
// if Mid-Autumn falls among them. Which weekend is worked for National Day
// follows no rule: later years have none until a shop puts them in.

// lastNotice is the last year whose notice the tables below know.
const lastNotice = 2026

// qingming is the solar term 清明 in China: of the 21st century, by the
// formula ⌊.2422 y + 4.81⌋ − ⌊y/4⌋ of April, y being the year's last two digits.
func qingming(year int) Day {
	y := year % 100
	return NewDay(year, time.April, (2422*y+48100)/10000-y/4)
}

// midAutumn is the 15th day of the eighth lunar month.
func midAutumn(year int) Day {
	dates := [...]int{ // month and day, from 2015
		927, 915, 1004, 924, 913, 1001, 921, 910, 929, 917, 1006,
		925, 915, 1003, 922, 912, 1001, 919, 908, 927, 916,
	}
	return dateOf(year, dates[year-builtinFrom])
}

// dateOf is a day written as month × 100 + day.
func dateOf(year, date int) Day { return NewDay(year, time.Month(date/100), date%100) }

// qingmingPhases are the days off and the make-up workday. All notices have
// followed the rule.
func qingmingPhases(year int) []Phase { return festivalPhases(qingming(year)) }

// midAutumnPhases begin with the two weeks of gifts before the festival. Where
// it falls into National Day's holiday, its own is the one day.
func midAutumnPhases(year int) []Phase {
	festival := midAutumn(year)
	gifts := Phase{Phase: PhaseGifts, From: festival - 14, To: festival - 1}
	october := NewDay(year, time.October, 1)
	switch {
	case year == 2015: // a Sunday without a day instead
		return append([]Phase{gifts}, offDays(festival-1, 2)...)
	case year == 2023: // up to National Day
		return append([]Phase{gifts}, offDays(festival, 2)...)
	case festival >= october:
		return append([]Phase{gifts}, offDays(festival, 1)...)
	}
	return append([]Phase{gifts}, festivalPhases(festival)...)
}

// festivalPhases are the days off around a festival of one day, and the
// make-up workday, by the rule of the notices.
func festivalPhases(festival Day) []Phase {
	switch festival.Weekday() {
	case 0: // Sunday, with Saturday and a Monday instead
		return offDays(festival-1, 3)
	case 1:
		return offDays(festival-2, 3)
	case 2:
		return offDays(festival-2, 3, festival-3)
	case 3:
		return offDays(festival, 1)
	case 4:
		return offDays(festival, 3, festival+3)
	}
	return offDays(festival, 3)
}

// nationalPhases are National Day's days off and make-up workdays.
func nationalPhases(year int) []Phase {
	first, days := NewDay(year, time.October, 1), 7
	if m := midAutumn(year); m >= first && m < first+8 {
		days = 8
	}
	if year == 2023 { // 29 September to 6 October, with Mid-Autumn before it
		days = 6
	}
	var worked []Day
	if year <= lastNotice {
		dates := [...][2]int{ // from 2015
			{1010}, {1008, 1009}, {930}, {929, 930}, {929, 1012}, {927, 1010},
			{926, 1009}, {1008, 1009}, {1007, 1008}, {929, 1012}, {928, 1011}, {920, 1010},
		}
		for _, date := range dates[year-builtinFrom] {
			if date > 0 {
				worked = append(worked, dateOf(year, date))
			}
		}
	}
	return offDays(first, days, worked...)
}

// offDays are n days off and the workdays (in order) that make up for them.
func offDays(from Day, n int, worked ...Day) []Phase {
	out := []Phase{days(PhaseHoliday, from, 0, n-1)}
	for _, d := range worked {
		phase := PhaseMakeUpAfter
		if d < from {
			phase = PhaseMakeUpBefore
		}
		if last := &out[len(out)-1]; last.Phase == phase { // the next day of the same weekend
			last.To = d
			continue
		}
		out = append(out, Phase{Phase: phase, From: d, To: d})
	}
	return out
}
