package app

import (
	"time"

	"github.com/peakday/peakday/recommend"
)

// modelReport is what is kept of a training.
type modelReport struct {
	Items        int        `json:"items"`
	Interactions int        `json:"interactions"`
	AsOf         time.Time  `json:"as_of"`
	Seconds      float64    `json:"seconds"`
	Vectors      string     `json:"vectors"`           // of two towers, or factors and why
	Ranking      string     `json:"ranking"`           // learned, or weights and why
	Sources      []worth    `json:"sources,omitempty"` // of the ranker
	Held         *examTable `json:"held_out,omitempty"`

	trials
}

// worth is what a source is worth to the ranker: how much NDCG@10 is lost
// without it. One that is not asked was worth nothing.
type worth struct {
	Source string  `json:"source"`
	Asked  bool    `json:"asked"`
	Earned float32 `json:"earned"`
}

// trials is how a model did with and without a part of it, alike but for that,
// on what was held out.
type trials struct {
	Towers *triedTowers `json:"two_tower_tried,omitempty"`
	Ranker *triedRanker `json:"ranker_tried,omitempty"`
}

// triedTowers: the towers serve if they are better by more than chance explains.
type triedTowers struct {
	Towers  marks `json:"two_tower"`
	Factors marks `json:"factors"`
}

// triedRanker: the ranker serves if it is not worse.
type triedRanker struct {
	Learned  marks `json:"learned"`
	Weighted marks `json:"weights"`
}

// judges decide by the exam, and note what they saw.
func (t *trials) judges(exam *recommend.TestSet) (prefer, accept func(a, b *recommend.Model) bool) {
	prefer = func(towers, factors *recommend.Model) bool {
		a, b := exam.Evaluate(towers), exam.Evaluate(factors)
		t.Towers = &triedTowers{marksOf("", a), marksOf("", b)}
		return b.WorseThan(a)
	}
	accept = func(learned, weighted *recommend.Model) bool {
		a, b := exam.Evaluate(learned), exam.Evaluate(weighted)
		t.Ranker = &triedRanker{marksOf("", a), marksOf("", b)}
		return a.Cases > 0 && a.NDCG >= b.NDCG
	}
	return prefer, accept
}

func marksOf(version string, m recommend.Metrics) marks { return marks{version, m.Recall, m.NDCG} }

// examTable is how models did on what some visitors did at last.
type examTable struct {
	Visitors   int    `json:"visitors"`
	Model      marks  `json:"model"`
	Popularity marks  `json:"popularity"`
	Active     *marks `json:"active,omitempty"`
	Worse      bool   `json:"worse"`
}

type marks struct {
	Version string  `json:"version,omitempty"`
	Recall  float64 `json:"recall@20"`
	NDCG    float64 `json:"ndcg@10"`
}

func (t *trainer) report(m *recommend.Model, exam *recommend.TestSet) (about modelReport, worse bool) {
	about = modelReport{Items: m.Items(), Interactions: m.Interactions(), AsOf: m.AsOf(), Vectors: m.Vectors(), Ranking: m.Ranking()}
	for _, w := range m.Ablations() {
		about.Sources = append(about.Sources, worth{w.Source, w.Used, w.Lost})
	}
	if exam == nil {
		return about, false
	}
	own, popular := exam.Evaluate(m), exam.EvaluatePopularity(m)
	about.Held = &examTable{
		Visitors: own.Cases, Model: marksOf(m.Version(), own), Popularity: marksOf("", popular),
	}
	if current := t.recommender.Model(); current != nil && current.Version() != m.Version() {
		active := exam.Evaluate(current)
		worse = own.WorseThan(active)
		about.Held.Active, about.Held.Worse = new(marksOf(current.Version(), active)), worse
	}
	return about, worse
}
