package recommend

// again proposes what the visitor had to do with before, the newest first: what
// one comes back to.
type again struct{}

// againDecay is what a moment further back weighs.
const againDecay = 0.8

func (again) Name() string { return SourceAgain }

func (again) Propose(ask *Ask, out *Offers) {
	for _, t := range ask.History {
		out.Offer(t.Slot, Faded(t, againDecay))
	}
}
