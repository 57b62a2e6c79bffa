package panel

import (
	"fmt"
	"slices"
	"time"
)

// Step is the distance of a panel's values: months, or a fixed duration.
type Step struct {
	Months int           // 1 monthly, 3 quarterly, 12 yearly; 0 otherwise
	Every  time.Duration // if Months is 0
}

// Steps that have a name.
const (
	hour = time.Hour
	day  = 24 * time.Hour
	week = 7 * day
)

// String names the step.
func (s Step) String() string {
	switch {
	case s.Months == 1:
		return "monthly"
	case s.Months == 3:
		return "quarterly"
	case s.Months == 12:
		return "yearly"
	case s.Months > 0:
		return fmt.Sprintf("every %d months", s.Months)
	case s.Every == hour:
		return "hourly"
	case s.Every == day:
		return "daily"
	case s.Every == week:
		return "weekly"
	}
	return "every " + s.Every.String()
}

// At is the time k steps after start. A month that is too short for the day of
// start gives its last day.
func (s Step) At(start time.Time, k int) time.Time {
	if s.Months == 0 {
		return start.Add(time.Duration(k) * s.Every)
	}
	y, m, d := start.Date()
	first := time.Date(y, m+time.Month(k*s.Months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	if d >= 28 && start.AddDate(0, 0, 1).Day() == 1 {
		d = last // the end of a month stays the end of a month
	}
	return first.AddDate(0, 0, min(d, last)-1).Add(start.Sub(time.Date(y, m, start.Day(), 0, 0, 0, 0, time.UTC)))
}

// Index is the number of steps from start to t, and whether t lies on the grid.
func (s Step) Index(start, t time.Time) (k int, on bool) {
	if s.Months == 0 {
		d := t.Sub(start)
		k = int((d + s.Every/2) / s.Every)
		return k, s.At(start, k).Equal(t)
	}
	months := (t.Year()-start.Year())*12 + int(t.Month()) - int(start.Month())
	return months / s.Months, months%s.Months == 0
}

// DetectStep finds the step of times, which are those of several series, each
// in order: the commonest distance, in months if it is 28 days or more. ok is
// false if no series has two times.
func DetectStep(series [][]time.Time) (s Step, ok bool) {
	counts := map[time.Duration]int{}
	for _, times := range series {
		for i := 1; i < len(times); i++ {
			if d := times[i].Sub(times[i-1]); d > 0 {
				counts[d]++
			}
		}
	}
	var distances []time.Duration
	for d := range counts {
		distances = append(distances, d)
	}
	slices.Sort(distances)
	best := time.Duration(0)
	for _, d := range distances {
		if best == 0 || counts[d] > counts[best] {
			best = d
		}
	}
	if best == 0 {
		return Step{Every: day}, false
	}
	for _, months := range []int{1, 3, 6, 12} {
		shortest, longest := time.Duration(months)*304*day/10-3*day, time.Duration(months)*305*day/10+2*day
		if best >= shortest && best <= longest && best != 4*week {
			return Step{Months: months}, true
		}
	}
	return Step{Every: best}, true
}

// Seasons are the periods, in steps, that series of this step usually have.
func (s Step) Seasons() []int {
	switch {
	case s.Months > 0:
		if m := 12 / s.Months; m > 1 && 12%s.Months == 0 {
			return []int{m}
		}
		return nil
	case s.Every < hour && day%s.Every == 0:
		return []int{int(day / s.Every), int(week / s.Every)}
	case s.Every <= 12*hour && day%s.Every == 0:
		return []int{int(day / s.Every), int(week / s.Every)}
	case s.Every == day:
		return []int{7}
	case s.Every == week:
		return []int{52}
	}
	return nil
}
