package sim

import (
	"math"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

// order is one order with all that will become of it.
type order struct {
	id         string
	user       *user
	at         time.Time
	lines      []line
	prices     []events.Money // of one piece of each line
	presale    bool
	coupon     events.Money // what a coupon takes off; 0 without
	fulfilment fulfilment
}

// fulfilment is what becomes of an order; zero times never come.
type fulfilment struct {
	failed    time.Time // the first try to pay
	paid      time.Time // a presale's: the balance
	cancelled time.Time // all of it
	refunded  time.Time // its first line
}

// What becomes of orders.
const (
	failRate     = .04 // first payments that fail
	retryRate    = .6  // of those, tried again
	cancelRate   = .02 // paid orders that are cancelled within hours
	refundRate   = .04 // and of which a line comes back within days
	balanceRate  = .86 // deposits whose balance is paid
	rushRate     = .6  // of those, in the hours behind midnight
	depositShare = .15 // of the price
)

// fulfilmentOf decides what becomes of an order placed at a time.
func (s *shop) fulfilmentOf(d random, at time.Time, presale bool) fulfilment {
	d = d.on(ofFulfilment)
	if presale {
		return s.presaleFulfilment(d, at)
	}
	f := fulfilment{paid: at.Add(seconds(d.on(ofMoment).logUniform(20, 600)))}
	switch roll := d.on(ofFulfilment, 1).uniform(); {
	case roll < failRate*(1-retryRate):
		f = fulfilment{failed: f.paid, cancelled: f.paid.Add(24 * time.Hour)}
		return f
	case roll < failRate:
		f.failed, f.paid = f.paid, f.paid.Add(seconds(d.on(ofMoment, 1).logUniform(120, 2400)))
	}
	switch roll := d.on(ofFulfilment, 2).uniform(); {
	case roll < cancelRate:
		f.cancelled = f.paid.Add(seconds(d.on(ofMoment, 2).logUniform(1200, 12*3600)))
	case roll < cancelRate+refundRate:
		f.refunded = f.paid.Add(seconds(d.on(ofMoment, 2).logUniform(2*86400, 9*86400)))
	}
	return f
}

func (s *shop) presaleFulfilment(d random, at time.Time) fulfilment {
	due := balanceDay(s.dayOf(at))
	days := 3 // in which the balance can be paid
	if due == double11(due.Year()) {
		days = 2
	}
	if !d.chance(balanceRate) {
		return fulfilment{cancelled: s.begin(due + forecast.Day(days)).Add(seconds(3600 * d.on(ofMoment).uniform()))}
	}
	if d.on(ofFulfilment, 1).chance(rushRate) {
		wait := -2400 * math.Log(1-d.on(ofMoment).uniform()) // 40 minutes on average
		return fulfilment{paid: s.begin(due).Add(seconds(1 + min(wait, 12*3600)))}
	}
	later := due + forecast.Day(d.on(ofMoment, 1).uniform()*float64(days))
	return fulfilment{paid: s.drawTime(later, calm, d.on(ofMoment, 2))}
}

func seconds(n float64) time.Duration { return time.Duration(n*1000) * time.Millisecond }

// soldOn is the day on which the order counts as demand: when it was placed, a
// presale's when its balance is paid. ok is false for a presale that never is,
// and for an order that is cancelled before the sale ends.
func (s *shop) soldOn(o *order) (d forecast.Day, ok bool) {
	end := s.begin(saleEnd())
	if c := o.fulfilment.cancelled; !c.IsZero() && c.Before(end) {
		return 0, false
	}
	if !o.presale {
		return s.dayOf(o.at), true
	}
	return s.dayOf(o.fulfilment.paid), !o.fulfilment.paid.IsZero()
}

// priced sets the prices of a basket as they are on its day.
func (s *shop) priced(o *order) {
	off := s.day(s.dayOf(o.at)).discount
	for _, l := range o.lines {
		fen := math.Round(float64(l.got.product.price)*(1-off)/100) * 100
		o.prices = append(o.prices, events.Money(fen))
	}
}

// total is what the order costs.
func (o *order) total() events.Money {
	sum := -o.coupon
	for i, l := range o.lines {
		sum += o.prices[i] * events.Money(l.quantity)
	}
	return sum
}

// deposit is the part of a presale's price that is paid at once.
func (o *order) deposit() events.Money {
	return events.Money(math.Round(depositShare*float64(o.total())/100)) * 100
}
