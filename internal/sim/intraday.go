package sim

import (
	"time"

	"github.com/peakday/peakday/forecast"
)

// surge is the shape of a day's hours.
type surge int

const (
	calm     surge = iota // peaks at noon and in the evening
	midnight              // a rush when the sale opens at 0:00
)

// hours are the weights of the hours of a day.
func (s surge) hours() [24]float64 {
	usual := [24]float64{
		1.6, .9, .5, .3, .2, .3, .8, 1.7, 2.8, 3.8, 4.6, 5.2,
		6.4, 5.4, 4.6, 4.4, 4.4, 4.6, 4.9, 6.0, 7.6, 8.2, 6.4, 3.4,
	}
	if s == midnight {
		usual[0], usual[1] = 26, 9
	}
	return usual
}

// weekday is how many times an average day sells on day d.
func weekday(d forecast.Day) float64 {
	return [7]float64{1.09, .93, .92, .95, .97, 1.02, 1.12}[d.Weekday()]
}

// drawTime is a time of day d, to the millisecond. Within the opening hour of a
// sale, the earlier the fuller.
func (s *shop) drawTime(d forecast.Day, of surge, by random) time.Time {
	hours := of.hours()
	hour := pick(hours[:], by.uniform())
	within := by.on(ofMoment).uniform()
	if of == midnight && hour == 0 {
		within *= within
	}
	ms := int64(hour)*3_600_000 + int64(within*3_600_000)
	return s.begin(d).Add(time.Duration(ms) * time.Millisecond)
}

// begin is the midnight with which day d begins.
func (s *shop) begin(d forecast.Day) time.Time { return d.In(s.zone) }

// dayOf is the day of t on the shop's clock.
func (s *shop) dayOf(t time.Time) forecast.Day { return forecast.DayOf(t, s.zone) }
