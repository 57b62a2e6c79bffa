package sim

import (
	"math"
	"math/rand/v2"
)

// random gives random numbers that are named instead of drawn in turn: a number
// is a hash of the seed and of what it decides, so that another decision more
// or less elsewhere leaves it as it is (common random numbers).
type random uint64

// topic says what a number decides.
type topic uint64

const (
	ofCategory topic = iota + 1
	ofProduct
	ofSKU
	ofResponse
	ofOutage
	ofUser
	ofDay
	ofHistory
	ofVisit
	ofFocus
	ofViews
	ofCart
	ofOrder
	ofPresale
	ofMoment
	ofFulfilment
	ofBasket
	ofLoad
	ofStock
	ofSending
	ofAnonymous
	ofSample
	ofNext
	ofCoupon
	ofSize
	ofSupply
)

func newRandom(seed uint64) random { return random(mix(seed + 0x9e3779b97f4a7c15)) }

// on narrows the numbers down to a topic and to whom or what it is about.
func (d random) on(t topic, keys ...uint64) random {
	h := mix(uint64(d) ^ mix(uint64(t)+0x9e3779b97f4a7c15))
	for _, k := range keys {
		h = mix(h ^ mix(k+0x9e3779b97f4a7c15))
	}
	return random(h)
}

// mix is the finaliser of SplitMix64 (Steele, Lea, Flood 2014).
func mix(z uint64) uint64 {
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return z ^ (z >> 31)
}

// uniform is a number from 0 up to before 1.
func (d random) uniform() float64 { return float64(uint64(d)>>11) / (1 << 53) }

// chance is true with probability p.
func (d random) chance(p float64) bool { return d.uniform() < p }

// normal is a standard normal number, by Box and Muller.
func (d random) normal() float64 {
	u, v := 1-d.uniform(), random(mix(uint64(d))).uniform()
	return math.Sqrt(-2*math.Log(u)) * math.Cos(2*math.Pi*v)
}

// stream is a generator for a decision that needs several numbers.
func (d random) stream() *rand.Rand { return rand.New(rand.NewPCG(uint64(d), mix(uint64(d)))) }

// logUniform is a number from low to high, evenly spread on the logarithm.
func (d random) logUniform(low, high float64) float64 { return low * math.Pow(high/low, d.uniform()) }

// pick is an index, each with the chance of its weight.
func pick(weights []float64, u float64) int {
	total := 0.
	for _, w := range weights {
		total += w
	}
	u *= total
	for i, w := range weights {
		if u -= w; u < 0 {
			return i
		}
	}
	return len(weights) - 1
}
