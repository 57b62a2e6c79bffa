package recommend

// again proposes what the visitor had to do with before, the newest first: what
// one comes back to.
type again struct{}

// againDecay is what a moment further back weighs.
const againDecay = 0.8

func (again) Name() string { return SourceAgain }

func (again) Propose(query *Query, out *Proposals) {
	for _, t := range query.History {
		out.Add(t.Slot, Faded(t, againDecay))
	}
}
