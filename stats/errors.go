package stats

import (
	"fmt"
	"math"
)

// Reason says why a statistic cannot be had from its input.
type Reason int

// The reasons.
const (
	TooFew          Reason = iota + 1 // fewer units, arms or values than the method needs
	NotFinite                         // NaN or an infinity, or a result beyond float64
	OutOfRange                        // a number outside of what it can be, such as a variance below 0
	NoVariation                       // every unit has the same value, so there is no error to judge by
	ZeroDenominator                   // a ratio whose denominator is 0
	Mismatch                          // inputs whose sizes or meanings do not fit together
)

// String is the reason in a few words.
func (r Reason) String() string {
	switch r {
	case TooFew:
		return "too little data"
	case NotFinite:
		return "not a finite number"
	case OutOfRange:
		return "out of range"
	case NoVariation:
		return "no variation"
	case ZeroDenominator:
		return "zero denominator"
	case Mismatch:
		return "inputs that do not fit together"
	}
	return "unknown"
}

// Error says in words that an analyst can act on why there is no result:
// which input, and what about it. Every error of this package is an *Error.
type Error struct {
	Input   string // such as "control" or "weights[2]"
	Problem string // such as "has 1 unit; a variance needs at least 2"
	Reason  Reason
}

func (e *Error) Error() string {
	if e.Input == "" {
		return e.Problem
	}
	return e.Input + " " + e.Problem
}

// refuse makes the error of one input.
func refuse(reason Reason, input, format string, args ...any) error {
	return &Error{Input: input, Problem: fmt.Sprintf(format, args...), Reason: reason}
}

// finite refuses v unless it is an ordinary number.
func finite(input string, v float64) error {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return refuse(NotFinite, input, "must be a finite number, got %v", v)
	}
	return nil
}

// allFinite reports whether every number of a result is an ordinary one.
func allFinite(results ...float64) bool {
	for _, v := range results {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}

// errBeyondFloats is the error of a result that left the range of float64.
func errBeyondFloats() error {
	return refuse(NotFinite, "arms", "have means or variances too large or too small to compute with")
}

// probability refuses p unless 0 < p < 1.
func probability(input string, p float64) error {
	if !(p > 0 && p < 1) {
		return refuse(OutOfRange, input, "must be between 0 and 1, got %v", p)
	}
	return nil
}

// units is a count of units in words.
func units(n int64) string {
	if n == 1 {
		return "1 unit"
	}
	return fmt.Sprintf("%d units", n)
}
