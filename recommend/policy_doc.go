package recommend

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/peakday/peakday/events"
)

// policyDoc is how a policy is written. What is left out is as in
// DefaultPolicy, but whoever names weights of sources wants them to count.
type policyDoc struct {
	Key             string             `json:"key,omitempty"`
	Version         int64              `json:"version,omitempty"`
	Blend           string             `json:"blend,omitempty"`
	Sources         map[string]float64 `json:"sources,omitempty"`
	Model           string             `json:"model,omitempty"`
	Candidates      *int               `json:"candidates,omitempty"`
	HideBought      *bool              `json:"hide_bought,omitempty"`
	HideCart        *bool              `json:"hide_cart,omitempty"`
	Cap             *int               `json:"cap,omitempty"`
	CapWindow       *span              `json:"cap_window,omitempty"`
	HistoryHalfLife *span              `json:"history_half_life,omitempty"`
	ItemHalfLife    *span              `json:"item_half_life,omitempty"`
	ItemFloor       *float64           `json:"item_floor,omitempty"`
	LowStock        *int64             `json:"low_stock,omitempty"`
	LowStockWeight  *float64           `json:"low_stock_weight,omitempty"`
	PresaleWeight   *float64           `json:"presale_weight,omitempty"`
	Diversity       *float64           `json:"diversity,omitempty"`
	CategoryCap     *int               `json:"category_cap,omitempty"`
	Explore         *float64           `json:"explore,omitempty"`
	NewFor          *span              `json:"new_for,omitempty"`
	IgnoreRules     *bool              `json:"ignore_rules,omitempty"`
}

// span is a time span, written as "24h" or "90m".
type span time.Duration

// UnmarshalJSON implements json.Unmarshaler.
func (s *span) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return &events.Invalid{Problem: `must be a time span such as "24h" or "90m"`}
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return &events.Invalid{Problem: fmt.Sprintf(`must be a time span such as "24h" or "90m", got %q`, text)}
	}
	*s = span(d)
	return nil
}

// MarshalJSON implements json.Marshaler.
func (s span) MarshalJSON() ([]byte, error) {
	text := time.Duration(s).String()
	text = strings.TrimSuffix(text, "0s")
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	if text == "" {
		text = "0s"
	}
	return json.Marshal(text)
}

// ParsePolicy reads the definition of the policy of that key. The error is an
// *events.Invalid that names the field.
func ParsePolicy(key string, body []byte) (Policy, error) {
	var w policyDoc
	if err := events.DecodeStrictly(body, &w); err != nil {
		return Policy{}, err
	}
	if w.Key != "" && w.Key != key {
		return Policy{}, &events.Invalid{Field: "key", Problem: fmt.Sprintf("must be %q as in the path, got %q", key, w.Key)}
	}
	p := w.policy(key)
	if err := events.CheckKey("key", key); err != nil {
		return p, err
	}
	if w.Blend != "" && w.Blend != blendLearned && w.Blend != blendWeights {
		return p, &events.Invalid{Field: "blend", Problem: fmt.Sprintf("must be %s or %s, got %q", blendLearned, blendWeights, w.Blend)}
	}
	if err := checkSources(w.Sources); err != nil {
		return p, err
	}
	return p, p.Check()
}

// What blends the sources: the model's ranker, or weights.
const (
	blendLearned = "learned"
	blendWeights = "weights"
)

func (w *policyDoc) policy(key string) Policy {
	p := DefaultPolicy()
	p.Name, p.Version, p.Model = key, w.Version, w.Model
	p.Learned = w.Blend == blendLearned || w.Blend == "" && w.Sources == nil
	if w.Sources != nil {
		p.Weights = p.Weights[:0]
		for name, weight := range w.Sources {
			p.Weights = append(p.Weights, Weight{name, weight})
		}
		slices.SortFunc(p.Weights, func(a, b Weight) int {
			return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Source, b.Source))
		})
	}
	set(&p.Candidates, w.Candidates)
	set(&p.HideBought, w.HideBought)
	set(&p.HideCart, w.HideCart)
	set(&p.Cap, w.Cap)
	setSpan(&p.CapWindow, w.CapWindow)
	setSpan(&p.HistoryHalfLife, w.HistoryHalfLife)
	setSpan(&p.ItemHalfLife, w.ItemHalfLife)
	set(&p.ItemFloor, w.ItemFloor)
	set(&p.LowStock, w.LowStock)
	set(&p.LowStockWeight, w.LowStockWeight)
	set(&p.PresaleWeight, w.PresaleWeight)
	set(&p.Diversity, w.Diversity)
	set(&p.CategoryCap, w.CategoryCap)
	set(&p.Explore, w.Explore)
	setSpan(&p.NewFor, w.NewFor)
	set(&p.IgnoreRules, w.IgnoreRules)
	return p
}

func set[T any](into *T, v *T) {
	if v != nil {
		*into = *v
	}
}

func setSpan(into *time.Duration, v *span) {
	if v != nil {
		*into = time.Duration(*v)
	}
}

// checkSources holds the names in a definition to the sources that there are.
func checkSources(weights map[string]float64) error {
	if weights != nil && len(weights) == 0 {
		return &events.Invalid{Field: "sources", Problem: "must name one source or more: " + strings.Join(Sources(), ", ")}
	}
	for name, w := range weights {
		if !slices.Contains(Sources(), name) {
			return &events.Invalid{Field: "sources", Problem: fmt.Sprintf("must be of %s, got %q", strings.Join(Sources(), ", "), name)}
		}
		if !(w >= 0 && w <= 1e6) {
			return &events.Invalid{Field: "sources." + name, Problem: fmt.Sprintf("must be 0 to 1000000, got %g", w)}
		}
	}
	return nil
}

// MarshalJSON writes every field, as ParsePolicy reads them.
func (p Policy) MarshalJSON() ([]byte, error) {
	sources := make(map[string]float64, len(p.Weights))
	for _, w := range p.Weights {
		sources[w.Source] = w.Weight
	}
	blend := blendWeights
	if p.Learned {
		blend = blendLearned
	}
	capWindow, history, item, newFor := span(p.CapWindow), span(p.HistoryHalfLife), span(p.ItemHalfLife), span(p.NewFor)
	return json.Marshal(policyDoc{
		Key: p.Name, Version: p.Version, Blend: blend, Sources: sources, Model: p.Model, Candidates: &p.Candidates,
		HideBought: &p.HideBought, HideCart: &p.HideCart, Cap: &p.Cap, CapWindow: &capWindow,
		HistoryHalfLife: &history, ItemHalfLife: &item, ItemFloor: &p.ItemFloor,
		LowStock: &p.LowStock, LowStockWeight: &p.LowStockWeight, PresaleWeight: &p.PresaleWeight,
		Diversity: &p.Diversity, CategoryCap: &p.CategoryCap, Explore: &p.Explore, NewFor: &newFor, IgnoreRules: &p.IgnoreRules,
	})
}
