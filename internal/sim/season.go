package sim

import (
	"math"
	"time"

	"github.com/peakday/peakday/forecast"
)

// The dates of the sale. The history begins thirteen months before it, so that
// it holds one earlier Double 11.
func historyStart() forecast.Day { return forecast.NewDay(2025, time.October, 1) }
func saleStart() forecast.Day    { return forecast.NewDay(2026, time.November, 1) }
func saleEnd() forecast.Day      { return forecast.NewDay(2026, time.November, 14) } // the first day after it

// double11 is the day of the sale in a year.
func double11(year int) forecast.Day { return forecast.NewDay(year, time.November, 11) }

// occasion is one of the shop's yearly events. Items respond to each in a way
// of their own.
type occasion int

const (
	noOccasion occasion = iota
	elevenEleven
	twelveTwelve
	sixEighteen
	womensDay
	newYear
	occasions
)

// dayProfile is what a day is like, before weekday and growth.
type dayProfile struct {
	occasion occasion
	orders   float64 // how many times the orders of a normal day
	presale  float64 // the share of them that only pays a deposit
	discount float64 // off every price
	surge    surge
}

// visitUplift and orderUplift share an uplift: people come more often, and more of
// those who come order.
func (m dayProfile) visitUplift() float64 { return math.Pow(m.orders, .6) }
func (m dayProfile) orderUplift() float64 { return math.Pow(m.orders, .4) }

// strength is how much the response of an item to the occasion matters on such
// a day, 0 to 1.
func (m dayProfile) strength() float64 { return min(max(math.Log2(m.orders), 0), 1) }

// dayProfileOf is what day d is like. Balances of presales come on top of it: with
// them Double 11 sells about fifteen times a normal day.
func dayProfileOf(d forecast.Day) dayProfile {
	for _, w := range windows(d.Year()) {
		if d >= w.from && d <= w.to {
			return w.dayProfile
		}
	}
	return dayProfile{orders: 1}
}

type window struct {
	from, to forecast.Day
	dayProfile
}

// windows are the special days of a year; those of the lunar New Year are of
// 2026, the only one in the history.
func windows(year int) []window {
	at := func(day forecast.Day, from, to int, m dayProfile) window {
		return window{day + forecast.Day(from), day + forecast.Day(to), m}
	}
	eleven, twelve := double11(year), forecast.NewDay(year, time.December, 12)
	lunar := forecast.NewDay(2026, time.February, 17)
	mid, women := forecast.NewDay(year, time.June, 18), forecast.NewDay(year, time.March, 8)
	return []window{
		at(eleven, firstDeposit, lastDeposit, dayProfile{elevenEleven, 1.7, .55, .1, calm}),
		at(eleven, firstBalance, firstBalance, dayProfile{elevenEleven, 1.7, 0, .15, midnight}),
		at(eleven, firstBalance+1, lastBalance, dayProfile{elevenEleven, 1.4, 0, .15, calm}),
		at(eleven, lastBalance+1, -1, dayProfile{elevenEleven, 1.25, .35, .1, calm}),
		at(eleven, 0, 0, dayProfile{elevenEleven, 13.5, 0, .2, midnight}),
		at(eleven, 1, 7, dayProfile{elevenEleven, .75, 0, 0, calm}),
		at(twelve, -6, -1, dayProfile{twelveTwelve, 1.15, 0, .05, calm}),
		at(twelve, 0, 0, dayProfile{twelveTwelve, 5, 0, .15, midnight}),
		at(twelve, 1, 4, dayProfile{twelveTwelve, .85, 0, 0, calm}),
		at(women, -4, -1, dayProfile{womensDay, 1.1, 0, .05, calm}),
		at(women, 0, 0, dayProfile{womensDay, 3, 0, .1, calm}),
		at(mid, -14, -1, dayProfile{sixEighteen, 1.2, 0, .1, calm}),
		at(mid, 0, 0, dayProfile{sixEighteen, 8, 0, .15, midnight}),
		at(mid, 1, 7, dayProfile{sixEighteen, .8, 0, 0, calm}),
		at(lunar, -7, -1, dayProfile{newYear, .8, 0, 0, calm}),
		at(lunar, 0, 6, dayProfile{newYear, .45, 0, 0, calm}),
	}
}

// The presale of Double 11, in days from it. The first wave pays deposits from
// 24 to 31 October and balances from 1 November, the second deposits from 4 to
// 10 November and balances from 11 November, both from midnight on.
const (
	firstDeposit = -18
	lastDeposit  = -11
	firstBalance = -10
	lastBalance  = -8
)

// balanceDay is the day from whose midnight the balance of a deposit is due.
func balanceDay(deposit forecast.Day) forecast.Day {
	eleven := double11(deposit.Year())
	if deposit <= eleven+lastDeposit {
		return eleven + firstBalance
	}
	return eleven
}

// calendar is what the shop tells the service of Double 11: its dates, no
// multiples.
func calendar() forecast.Event {
	e := forecast.Event{Key: eventKey, Name: "Double 11 双11"}
	for _, year := range []int{2025, 2026} {
		phase := func(name string, from, to int) forecast.Phase {
			return forecast.Phase{Phase: name, From: double11(year) + forecast.Day(from), To: double11(year) + forecast.Day(to)}
		}
		e.Occurrences = append(e.Occurrences, forecast.Occurrence{Year: year, Phases: []forecast.Phase{
			phase(forecast.PhasePresale, firstDeposit, firstDeposit), phase(forecast.PhaseDeposit, firstDeposit+1, lastDeposit),
			phase(forecast.PhaseBalance, firstBalance, lastBalance), phase(forecast.PhaseWarmup, lastBalance+1, -1),
			phase(forecast.PhaseDay, 0, 0), phase(forecast.PhaseReturns, 1, 7),
		}})
	}
	return e
}

// eventKey is Double 11 in the calendar, in presales and in stock plans.
const eventKey = "11.11"
