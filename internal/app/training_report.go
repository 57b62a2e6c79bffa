package app

import (
	"time"

	"github.com/peakday/peakday/recommend"
)

// modelReport is what is kept of a training.
type modelReport struct {
	Items        int            `json:"items"`
	Interactions int            `json:"interactions"`
	AsOf         time.Time      `json:"as_of"`
	Seconds      float64        `json:"seconds"`
	Vectors      string         `json:"vectors"`           // of two towers, or factors and why
	Ranking      string         `json:"ranking"`           // learned, or weights and why
	Sources      []sourceReport `json:"sources,omitempty"` // of the ranker
	Held         *offlineReport `json:"held_out,omitempty"`

	trials
}

// sourceReport says how much NDCG@10 the ranker loses without a source. One that
// is not asked contributed nothing.
type sourceReport struct {
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
	Towers  metrics `json:"two_tower"`
	Factors metrics `json:"factors"`
}

// triedRanker: the ranker serves if it is not worse.
type triedRanker struct {
	Learned  metrics `json:"learned"`
	Weighted metrics `json:"weights"`
}

// decideBy gives the decisions about a model with and without a part of it: by
// the metrics on the test set, which are noted.
func (t *trials) decideBy(test *recommend.TestSet) (prefer, accept func(a, b *recommend.Model) bool) {
	prefer = func(towers, factors *recommend.Model) bool {
		a, b := test.Evaluate(towers), test.Evaluate(factors)
		t.Towers = &triedTowers{metricsOf("", a), metricsOf("", b)}
		return b.WorseThan(a)
	}
	accept = func(learned, weighted *recommend.Model) bool {
		a, b := test.Evaluate(learned), test.Evaluate(weighted)
		t.Ranker = &triedRanker{metricsOf("", a), metricsOf("", b)}
		return a.Cases > 0 && a.NDCG >= b.NDCG
	}
	return prefer, accept
}

func metricsOf(version string, m recommend.Metrics) metrics {
	return metrics{version, m.Recall, m.NDCG}
}

// offlineReport is how models did on what some visitors did at last.
type offlineReport struct {
	Visitors   int      `json:"visitors"`
	Model      metrics  `json:"model"`
	Popularity metrics  `json:"popularity"`
	Active     *metrics `json:"active,omitempty"`
	Worse      bool     `json:"worse"`
}

type metrics struct {
	Version string  `json:"version,omitempty"`
	Recall  float64 `json:"recall@20"`
	NDCG    float64 `json:"ndcg@10"`
}

func (t *trainer) report(m *recommend.Model, test *recommend.TestSet) (about modelReport, worse bool) {
	about = modelReport{Items: m.Items(), Interactions: m.Interactions(), AsOf: m.AsOf(), Vectors: m.Vectors(), Ranking: m.Ranking()}
	for _, w := range m.Ablations() {
		about.Sources = append(about.Sources, sourceReport{w.Source, w.Used, w.Lost})
	}
	if test == nil {
		return about, false
	}
	own, popular := test.Evaluate(m), test.EvaluatePopularity(m)
	about.Held = &offlineReport{
		Visitors: own.Cases, Model: metricsOf(m.Version(), own), Popularity: metricsOf("", popular),
	}
	if current := t.recommender.Model(); current != nil && current.Version() != m.Version() {
		active := test.Evaluate(current)
		worse = own.WorseThan(active)
		about.Held.Active, about.Held.Worse = new(metricsOf(current.Version(), active)), worse
	}
	return about, worse
}
