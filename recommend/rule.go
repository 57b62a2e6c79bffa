package recommend

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/peakday/peakday/events"
)

// Rule is what merchandisers ask for: some items stand higher, lower, or at a
// fixed place. Rules never show what may not be shown: sold out, hidden,
// capped, or bought already where the policy says so.
type Rule struct {
	Name       string     `json:"name"`
	Do         RuleAction `json:"do"`
	Factor     float64    `json:"factor,omitempty"`   // of boost, above 1; of bury, below 1
	Position   int        `json:"position,omitempty"` // of pin, from 1
	Where      Where      `json:"where"`
	Placements []string   `json:"placements,omitempty"` // empty: everywhere
	From       time.Time  `json:"from,omitzero"`
	Until      time.Time  `json:"until,omitzero"` // exclusive
}

// RuleAction is what a rule does with the items that it names.
type RuleAction string

// The actions.
const (
	Boost RuleAction = "boost" // multiplies the score, by 2 if the rule says no factor
	Bury  RuleAction = "bury"  // the same, by ½
	Pin   RuleAction = "pin"   // puts the best of them at a position, at the first if the rule says none
)

// Where names items: those that have one of the ids, one of the categories,
// one of the brands and one of the tags, each as far as it is given. Tags are
// what the attribute "tags" lists.
type Where struct {
	Items      []events.ItemID `json:"items,omitempty"`
	Categories []string        `json:"categories,omitempty"`
	Brands     []string        `json:"brands,omitempty"`
	Tags       []string        `json:"tags,omitempty"`
}

// Rules are all business rules, one definition.
type Rules struct {
	Version int64  `json:"version"`
	Items   []Rule `json:"items"`
}

// maxRules bounds what every request is held against.
const maxRules = 1000

// ParseRules reads the definition of all rules. The error is an
// *events.Invalid that names the field.
func ParseRules(body []byte) (Rules, error) {
	var r Rules
	if err := events.DecodeStrictly(body, &r); err != nil {
		return r, err
	}
	if len(r.Items) > maxRules {
		return r, &events.Invalid{Field: "items", Problem: fmt.Sprintf("must be at most %d rules, got %d", maxRules, len(r.Items))}
	}
	if r.Items == nil {
		return r, &events.Invalid{Field: "items", Problem: "is required: all rules, or [] for none"}
	}
	for i := range r.Items {
		if err := r.Items[i].check(fmt.Sprintf("items[%d].", i)); err != nil {
			return r, err
		}
	}
	return r, nil
}

func (r *Rule) check(at string) error {
	wrong := func(field, problem string, args ...any) error {
		return &events.Invalid{Field: at + field, Problem: fmt.Sprintf(problem, args...)}
	}
	if r.Name == "" || len(r.Name) > 200 {
		return wrong("name", "must be 1 to 200 bytes: explanations name the rule by it")
	}
	if err := r.checkAction(wrong); err != nil {
		return err
	}
	w := &r.Where
	if len(w.Items)+len(w.Categories)+len(w.Brands)+len(w.Tags) == 0 {
		return wrong("where", "must name items, categories, brands or tags")
	}
	for _, item := range w.Items {
		if events.CheckID("", string(item)) != nil {
			return wrong("where.items", "must be ids of items, got %q", item)
		}
	}
	if !r.From.IsZero() && !r.Until.IsZero() && !r.From.Before(r.Until) {
		return wrong("until", "must be later than from")
	}
	return nil
}

func (r *Rule) checkAction(wrong func(field, problem string, args ...any) error) error {
	switch r.Do {
	case Boost:
		if r.Factor == 0 {
			r.Factor = 2
		}
		if !(r.Factor > 1 && r.Factor <= 1000) {
			return wrong("factor", "must be above 1 and at most 1000 to boost, got %g", r.Factor)
		}
	case Bury:
		if r.Factor == 0 {
			r.Factor = 0.5
		}
		if !(r.Factor > 0 && r.Factor < 1) {
			return wrong("factor", "must be above 0 and below 1 to bury, got %g", r.Factor)
		}
	case Pin:
		if r.Position == 0 {
			r.Position = 1
		}
		if r.Position < 1 || r.Position > MaxLimit {
			return wrong("position", "must be 1 to %d, got %d", MaxLimit, r.Position)
		}
	default:
		return wrong("do", "must be boost, bury or pin, got %q", r.Do)
	}
	if r.Do == Pin && r.Factor != 0 {
		return wrong("factor", "is not for pin")
	}
	if r.Do != Pin && r.Position != 0 {
		return wrong("position", "is for pin only")
	}
	return nil
}

// inForce lists the rules of a placement at a moment.
func (r *Rules) inForce(placement string, now time.Time) []*Rule {
	var out []*Rule
	for i := range r.Items {
		rule := &r.Items[i]
		if len(rule.Placements) > 0 && !slices.Contains(rule.Placements, placement) {
			continue
		}
		if now.Before(rule.From) || !rule.Until.IsZero() && !now.Before(rule.Until) {
			continue
		}
		out = append(out, rule)
	}
	return out
}

// matches reports whether the rule is about the item.
func (w *Where) matches(it *Item) bool {
	switch {
	case len(w.Items) > 0 && !slices.Contains(w.Items, it.ID):
		return false
	case len(w.Categories) > 0 && !slices.Contains(w.Categories, it.Category):
		return false
	case len(w.Brands) > 0 && !slices.Contains(w.Brands, it.Brand):
		return false
	}
	return len(w.Tags) == 0 || slices.ContainsFunc(it.Tags(), func(tag string) bool { return slices.Contains(w.Tags, tag) })
}

// Tags are the item's attribute "tags": a list of texts, or one text with
// commas.
func (it *Item) Tags() []string {
	switch v := it.Attributes["tags"].(type) {
	case string:
		tags := strings.Split(v, ",")
		for i := range tags {
			tags[i] = strings.TrimSpace(tags[i])
		}
		return tags
	case []any:
		var tags []string
		for _, e := range v {
			if text, ok := e.(string); ok {
				tags = append(tags, text)
			}
		}
		return tags
	}
	return nil
}

// InPresale reports whether the item's attribute "presale" is set: true, or
// the key of a presale event.
func (it *Item) InPresale() bool {
	switch v := it.Attributes["presale"].(type) {
	case bool:
		return v
	case string:
		return v != "" && v != "false"
	}
	return false
}
