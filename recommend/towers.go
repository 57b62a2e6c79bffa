package recommend

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/peakday/peakday/recommend/tower"
)

// How much two towers learn from. The bounds are counts and not times, so that
// equal interactions give an equal model on a slow machine too.
const (
	towerDims       = 48
	towerHistory    = 20
	towerExamples   = 400_000 // in all epochs together
	mostTowerEpochs = 10
	leastTowerSteps = 2000 // with fewer, factors are better
	mostTowerItems  = 200_000
	stepsOfVisitor  = 200 // the newest
)

// withTowers gives m two towers in place of its factors, if there is enough to
// learn them from and they are preferred.
func (c *corpus) withTowers(ctx context.Context, m *Model, how Training) (*Model, error) {
	towers, why, err := c.towers(ctx, how)
	if err != nil {
		return nil, err
	}
	if towers == nil {
		m.noTowersReason = why
		return m, nil
	}
	other := *m
	other.towers, other.vectors = towers, vectorsOf(towers)
	how.report("compare two towers with factors", 0.9)
	if how.Prefer(&other, m) {
		return &other, nil
	}
	m.noTowersReason = "two towers were not clearly better on what was held out"
	return m, nil
}

// towers learns a tower for visitors and one for items from the corpus and what
// the catalogue says of the items. why tells why there are none.
func (c *corpus) towers(ctx context.Context, how Training) (m *tower.Model, why string, err error) {
	switch {
	case how.Prefer == nil:
		return nil, "nothing was held out to compare two towers with them", nil
	case len(c.steps) < leastTowerSteps:
		return nil, fmt.Sprintf("two towers need %d steps of visitors, there are %d", leastTowerSteps, len(c.steps)), nil
	case len(c.items) > mostTowerItems:
		return nil, fmt.Sprintf("two towers are learned of at most %d items, there are %d", mostTowerItems, len(c.items)), nil
	}
	vocabulary := &tower.Vocabulary{}
	corpus := &tower.Corpus{Items: c.itemFeatures(how.Catalog, vocabulary), Vocabulary: vocabulary}
	examples := c.towerVisitors(corpus)
	training := tower.Training{
		Seed: how.Seed, Dims: how.Dims, History: towerHistory, Latest: []string{fieldCategory},
		Epochs: min(max(towerExamples/examples, 1), mostTowerEpochs),
		Progress: func(p tower.Progress) {
			how.report("learn two towers", 0.7+0.2*p.Done)
		},
	}
	if training.Dims == 0 {
		training.Dims = towerDims
	}
	if m, err = tower.Train(ctx, corpus, training); err != nil {
		return nil, "", fmt.Errorf("learn two towers: %w", err)
	}
	return m, "", nil
}

// towerVisitors fills in the visitors, only every so many of them where there
// are more steps than are gone through once, and counts the steps.
func (c *corpus) towerVisitors(into *tower.Corpus) (steps int) {
	for v := range c.visitors() {
		steps += min(len(c.stepsOf(v)), stepsOfVisitor)
	}
	every := max(1, (steps+towerExamples-1)/towerExamples)
	number := func(field, text string) (int32, bool) { return into.Vocabulary.Number(field, text), true }
	steps = 0
	for v := 0; v < c.visitors(); v += every {
		all := c.stepsOf(v)
		all = all[max(0, len(all)-stepsOfVisitor):]
		to := tower.Visitor{Steps: make([]tower.Step, len(all)), Features: c.featuresOfVisitor(v, number)}
		for i, s := range all {
			to.Steps[i] = tower.Step{Item: s.item, Event: uint8(s.action), Time: s.second}
		}
		into.Visitors = append(into.Visitors, to)
		steps += len(all)
	}
	return steps
}

// featuresOfVisitor are the visitor's tier before their newest moment, which is
// not to be told what comes then, and their region.
func (c *corpus) featuresOfVisitor(visitor int, number func(field, text string) (int32, bool)) []int32 {
	steps := c.stepsOf(visitor)
	if len(steps) == 0 {
		return nil
	}
	newest := len(steps) - 1
	return visitorFeatures(tierBefore(steps, newest, steps[newest].second), c.regions[visitor], number)
}

// visitor is the history as the user tower reads it, oldest first; false if
// there is nothing that it knows.
func (in *installed) visitor(query *Query) (v tower.Visitor, ok bool) {
	for _, t := range query.History[:min(len(query.History), nearestItems)] {
		step := tower.Step{Event: uint8(t.Action), Time: t.Second}
		if number, known := in.number(t.Slot); known {
			step.Item = number
		} else if features := in.features(t.Slot); len(features) > 0 {
			v.Unknown = append(v.Unknown, features)
			step.Item = -int32(len(v.Unknown))
		} else {
			continue
		}
		v.Steps = append(v.Steps, step)
	}
	slices.Reverse(v.Steps)
	v.Features = visitorFeatures(query.Tier, query.Region, in.model.towers.Vocabulary().Find)
	return v, len(v.Steps) > 0
}

// features are those of a catalogue's item that the towers know.
func (in *installed) features(slot Slot) []int32 {
	it := in.catalog.At(slot)
	if it == nil {
		return nil
	}
	return featuresOf(it, in.model.asOf, in.model.towers.Vocabulary().Find)
}

// userVector sets query to the vector of the visitor at the time of the newest
// event; false if the model knows nothing of what the visitor did.
func (in *installed) userVector(user []float32, query *Query) bool {
	v, ok := in.visitor(query)
	if !ok {
		return false
	}
	now := int64(0)
	if !query.AsOf.IsZero() {
		now = max(query.AsOf.Unix(), v.Steps[len(v.Steps)-1].Time)
	}
	u, err := in.model.towers.UserVector(&v, now)
	if err != nil {
		return false // cannot be: the items and features are the model's own
	}
	copy(user, u)
	return true
}

// Vectors says what the item vectors are: of two towers, or factors and why.
func (m *Model) Vectors() string {
	if m.towers != nil {
		return fmt.Sprintf("%s, %d dimensions", SourceTowers, m.vectors.dims)
	}
	return fmt.Sprintf("%d factors: %s", m.vectors.dims, cmp.Or(m.noTowersReason, "without a reason"))
}
