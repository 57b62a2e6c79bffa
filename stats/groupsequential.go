package stats

import (
	"fmt"
	"math"
)

// Spending says how much of a one-sided alpha may have been spent when a share
// t of the planned information is in: 0 at t = 0 and alpha at t = 1. A two-sided
// test spends alpha/2 so on each side.
type Spending func(t, alpha float64) float64

// PowerSpending spends alpha·t^rho: rho 1 is even, 2 and 3 save for the end
// (Kim and DeMets, Biometrika 74, 1987).
func PowerSpending(rho float64) Spending {
	return func(t, alpha float64) float64 { return alpha * math.Pow(t, rho) }
}

// OBrienFlemingSpending spends next to nothing early, as O'Brien and Fleming's
// bounds do: 2·P(Z > z_{alpha/2}/√t) (Lan and DeMets, Biometrika 70, 1983).
func OBrienFlemingSpending(t, alpha float64) float64 {
	if t <= 0 {
		return 0
	}
	return math.Min(alpha, 2*normalTail(normalQuantile(alpha/2)/math.Sqrt(t)))
}

// PocockSpending spends evenly enough for nearly constant bounds, as Pocock's
// are: alpha·ln(1 + (e − 1)t) (Lan and DeMets, Biometrika 70, 1983).
func PocockSpending(t, alpha float64) float64 {
	return alpha * math.Log1p((math.E-1)*t)
}

// Bound is when to stop at one look of a group-sequential test.
type Bound struct {
	Time    float64 // share of the planned information, such as units, that is in
	Z       float64 // reject when |z| (one-sided: z) is this or more; +Inf if nothing may be spent yet
	Nominal float64 // the alpha of a single look with this bound: Effect.At(Nominal) is the repeated interval
	Spent   float64 // alpha spent up to this look, this one included
}

// SpendingBounds are the bounds of a test with a few looks at rising times
// (shares of the planned information, the last at most 1), which need not be
// planned beforehand: the bound of a look depends on the looks before it only.
// The alternative TwoSided has symmetric bounds, Greater an upper one.
//
// The z statistics of the looks are Brownian motion over time, z = B(t)/√t; the
// density of B inside of the bounds is carried from look to look by Gauss–
// Legendre quadrature (Armitage, McPherson and Rowe, JRSS A 132, 1969), and the
// bound is right to about 1e-10.
func SpendingBounds(times []float64, alpha float64, spend Spending, a Alternative) ([]Bound, error) {
	if err := checkLooks(times, alpha, a); err != nil {
		return nil, err
	}
	walk := newWalk(a == TwoSided)
	bounds := make([]Bound, len(times))
	spent := 0.0
	for i, t := range times {
		total := spend(t, alpha)
		if a == TwoSided {
			total = 2 * spend(t, alpha/2)
		}
		if !(total >= spent-1e-15 && total <= alpha*(1+1e-12)) {
			return nil, refuse(OutOfRange, "spend", "must rise from 0 to alpha = %v, got %v at time %v", alpha, total, t)
		}
		walk.step(t, times[i:])
		z := walk.boundFor(total - spent)
		walk.stop(z)
		spent = math.Max(spent, total)
		bounds[i] = Bound{Time: t, Z: z, Nominal: nominal(z, a), Spent: spent}
	}
	return bounds, nil
}

// OBrienFlemingBounds are the bounds z_k = C/√(k/K) of K equally spaced looks
// with the error alpha (O'Brien and Fleming, Biometrics 35, 1979).
func OBrienFlemingBounds(looks int, alpha float64, a Alternative) ([]Bound, error) {
	return shapedBounds(looks, alpha, a, func(t float64) float64 { return 1 / math.Sqrt(t) })
}

// PocockBounds are the constant bounds of K equally spaced looks with the error
// alpha (Pocock, Biometrika 64, 1977).
func PocockBounds(looks int, alpha float64, a Alternative) ([]Bound, error) {
	return shapedBounds(looks, alpha, a, func(float64) float64 { return 1 })
}

// shapedBounds are the bounds C·shape(t) that spend alpha in all.
func shapedBounds(looks int, alpha float64, a Alternative, shape func(t float64) float64) ([]Bound, error) {
	if looks < 1 || looks > maxLooks {
		return nil, refuse(OutOfRange, "looks", "must be 1 to %d, got %d", maxLooks, looks)
	}
	times := make([]float64, looks)
	for i := range times {
		times[i] = float64(i+1) / float64(looks)
	}
	if err := checkLooks(times, alpha, a); err != nil {
		return nil, err
	}
	cross := func(c float64) []Bound {
		walk := newWalk(a == TwoSided)
		bounds := make([]Bound, looks)
		spent := 0.0
		for i, t := range times {
			walk.step(t, times[i:])
			z := c * shape(t)
			spent += walk.exit(z)
			walk.stop(z)
			bounds[i] = Bound{Time: t, Z: z, Nominal: nominal(z, a), Spent: spent}
		}
		return bounds
	}
	// One look alone needs less, and Bonferroni's more.
	tail := alpha
	if a == TwoSided {
		tail /= 2
	}
	least, most := normalQuantile(tail), normalQuantile(tail/float64(looks))
	c := root(func(c float64) float64 { return cross(c)[looks-1].Spent - alpha }, least, most+1e-9)
	return cross(c), nil
}

// Looks close together need a fine quadrature each: with these bounds, the most
// take seconds. Who looks more often than that wants AlwaysValid.
const (
	maxLooks = 100
	leastGap = 0.002 // of the planned information
)

// checkLooks refuses times that do not rise, and what else cannot be.
func checkLooks(times []float64, alpha float64, a Alternative) error {
	if err := probability("alpha", alpha); err != nil {
		return err
	}
	if a != TwoSided && a != Greater {
		return refuse(OutOfRange, "alternative", "must be TwoSided or Greater")
	}
	if len(times) < 1 || len(times) > maxLooks {
		return refuse(OutOfRange, "times", "must be 1 to %d, got %d", maxLooks, len(times))
	}
	last := 0.0
	for i, t := range times {
		if !(t > last && t <= 1) {
			return refuse(OutOfRange, fmt.Sprintf("times[%d]", i), "must be above the one before and at most 1, got %v", t)
		}
		if t-last < leastGap-1e-12 { // 0.502 - 0.5 is a hair less
			return refuse(OutOfRange, fmt.Sprintf("times[%d]", i), "must be %v or more after the one before, got %v after %v", leastGap, t, last)
		}
		last = t
	}
	return nil
}

// nominal is the alpha of one look with the bound z.
func nominal(z float64, a Alternative) float64 {
	if a == TwoSided {
		return 2 * normalTail(z)
	}
	return normalTail(z)
}
