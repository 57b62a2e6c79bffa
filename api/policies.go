package api

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
)

var errNoPolicies error = &coded{code: "unavailable", detail: "this process keeps no policies"}

// listPolicies lists what is defined, and the built-in default.
func listPolicies(x *exchange) error {
	if err := x.readPolicies(); err != nil {
		return err
	}
	list, err := paginate(x, x.Policies.All(), func(p recommend.Policy) string { return p.Name })
	if err != nil {
		return err
	}
	return x.json(http.StatusOK, list)
}

// readPolicies reads what is defined now, not what this process last followed.
func (x *exchange) readPolicies() error {
	if x.Policies == nil {
		return errNoPolicies
	}
	if err := x.Policies.Refresh(x.ctx()); err != nil {
		return unavailable("the policies cannot be read", err)
	}
	return nil
}

func getPolicy(x *exchange) error {
	p, err := x.policy()
	if err != nil {
		return err
	}
	return x.versioned(http.StatusOK, p.Version, p)
}

func (x *exchange) policy() (recommend.Policy, error) {
	if err := x.readPolicies(); err != nil {
		return recommend.Policy{}, err
	}
	p, ok := x.Policies.Policy(x.param("key"))
	if !ok {
		return p, errorf("not_found", "there is no policy %q", events.Clip(x.param("key")))
	}
	return p, nil
}

func putPolicy(x *exchange) error {
	body, err := x.ownedBody()
	if err != nil {
		return err
	}
	p, err := recommend.ParsePolicy(x.param("key"), body)
	if err != nil {
		return err
	}
	if err := x.checkModel(p.Model); err != nil {
		return err
	}
	edit, err := x.edit(func() (int64, error) {
		p, err := x.policy()
		return p.Version, err
	})
	if err != nil {
		return err
	}
	if p, err = x.Policies.PutPolicy(x.ctx(), edit, p); err != nil {
		return definitionError(err)
	}
	return x.versioned(createdOrOK(p.Version), p.Version, p)
}

// checkModel refuses a policy that names a model which is not there. It stays
// as long as a policy names it.
func (x *exchange) checkModel(version string) error {
	if version == "" || x.Models == nil {
		return nil
	}
	all, err := x.Models.Models(x.ctx())
	if err != nil {
		return unavailable("the models cannot be read", err)
	}
	if !slices.ContainsFunc(all, func(m Model) bool { return m.Version == version }) {
		return &events.Invalid{Field: "model", Problem: fmt.Sprintf("must be the version of a stored model (GET /v1/models), got %q", events.Clip(version))}
	}
	return nil
}

// edit says who changes a policy or the rules, and from which version.
func (x *exchange) edit(current func() (int64, error)) (recommend.Edit, error) {
	if x.Policies == nil {
		return recommend.Edit{}, errNoPolicies
	}
	by, err := x.by(func() (int64, error) {
		version, err := current()
		if err == nil && version == 0 {
			err = errNothingThere
		}
		return version, err
	})
	return recommend.Edit{Author: by.Author, Now: by.Now, IfVersion: by.IfVersion}, err
}

// definitionError tells what the client can mend from a store that is away.
func definitionError(err error) error {
	if errors.Is(err, recommend.ErrChanged) {
		return err
	}
	return unavailable("the definition could not be stored", err)
}

func getRules(x *exchange) error {
	if err := x.readPolicies(); err != nil {
		return err
	}
	r := x.Policies.Rules()
	return x.versioned(http.StatusOK, r.Version, r)
}

// putRules replaces all rules: what merchandisers see on their page is what is
// in force.
func putRules(x *exchange) error {
	body, err := x.ownedBody()
	if err != nil {
		return err
	}
	rules, err := recommend.ParseRules(body)
	if err != nil {
		return err
	}
	edit, err := x.edit(func() (int64, error) { return x.Policies.Rules().Version, nil })
	if err != nil {
		return err
	}
	if rules, err = x.Policies.PutRules(x.ctx(), edit, rules); err != nil {
		return definitionError(err)
	}
	return x.versioned(createdOrOK(rules.Version), rules.Version, rules)
}

// policyRequest is how a policy reads, for the document.
type policyRequest struct {
	Key             string             `json:"key,omitempty"`
	Version         int64              `json:"version,omitempty"`
	Blend           string             `json:"blend,omitempty" enum:"learned,weights" doc:"learned: the model's ranker blends the sources, where it has one, and else the weights do"`
	Sources         map[string]float64 `json:"sources,omitempty" doc:"weights, which count where they are given: again, attributes, factors, fresh, next, popularity, similar, together, transitions, trending, two-tower, visits"`
	Model           string             `json:"model,omitempty" doc:"version of the model to ask; the active one if left out"`
	Candidates      int                `json:"candidates,omitempty" doc:"that each source may propose"`
	HideBought      bool               `json:"hide_bought,omitempty" doc:"false for what is bought again and again"`
	HideCart        bool               `json:"hide_cart,omitempty"`
	Cap             int                `json:"cap,omitempty" doc:"impressions of an item within cap_window after which it rests, 0 to 10; 3 if left out"`
	CapWindow       string             `json:"cap_window,omitempty" doc:"at most 24h"`
	HistoryHalfLife string             `json:"history_half_life,omitempty" doc:"in which what the visitor did loses half its weight"`
	ItemHalfLife    string             `json:"item_half_life,omitempty" doc:"in which an item that nobody orders loses half of what it can lose"`
	ItemFloor       float64            `json:"item_floor,omitempty" doc:"what an old item's score keeps"`
	LowStock        int64              `json:"low_stock,omitempty" doc:"pieces at or below which an item counts as nearly gone"`
	LowStockWeight  float64            `json:"low_stock_weight,omitempty" doc:"what its score is multiplied by"`
	PresaleWeight   float64            `json:"presale_weight,omitempty" doc:"what the score of an item is multiplied by whose attribute presale is set"`
	Diversity       float64            `json:"diversity,omitempty" doc:"0: by score alone, 1: as unlike each other as can be"`
	CategoryCap     int                `json:"category_cap,omitempty" doc:"items of one category in an answer while there are others; 0: any number"`
	Explore         float64            `json:"explore,omitempty" doc:"share of the places for new items, 0 to 0.5"`
	NewFor          string             `json:"new_for,omitempty" doc:"how long after its launch an item is new"`
	IgnoreRules     bool               `json:"ignore_rules,omitempty" doc:"business rules do not apply"`
}
