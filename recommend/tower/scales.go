package tower

// scales weighs the steps of the past: the weight of a step is the product of
// those of its place, event and gap. They are kept as logarithms, so that every
// weight stays above 0.
type scales struct {
	place [maxHistory]float32
	event [MaxEvents]float32
	gap   [gapBuckets]float32
}

func (s *scales) of(p pastStep) float32 {
	return exp(s.place[p.place] + s.event[p.event] + s.gap[p.gap])
}

// add adds by to the three logarithms that a step's weight is made of.
func (s *scales) add(p pastStep, by float32) {
	s.place[p.place] += by
	s.event[p.event] += by
	s.gap[p.gap] += by
}

// descend takes one step of Adagrad against the gradient, number by number.
func (s *scales) descend(gradient, squares *scales, rate float32) {
	adagrad(s.place[:], gradient.place[:], squares.place[:], rate)
	adagrad(s.event[:], gradient.event[:], squares.event[:], rate)
	adagrad(s.gap[:], gradient.gap[:], squares.gap[:], rate)
}

func adagrad(w, gradient, squares []float32, rate float32) {
	for i, g := range gradient {
		squares[i] += g * g
		w[i] -= rate * g / (root(squares[i]) + tiny)
	}
}

// plus adds the numbers of o.
func (s *scales) plus(o *scales) {
	for i, x := range o.place {
		s.place[i] += x
	}
	for i, x := range o.event {
		s.event[i] += x
	}
	for i, x := range o.gap {
		s.gap[i] += x
	}
}
