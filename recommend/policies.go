package recommend

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/peakday/peakday/events"
)

// What Policies refuses beside an *events.Invalid.
var (
	ErrNoPolicy = errors.New("there is no such policy")
	ErrChanged  = errors.New("the definition has been changed since")
)

// Policies holds the policies and the business rules. Requests read it without a
// lock or I/O; Refresh follows what other replicas define.
type Policies struct {
	store   Definitions
	current atomic.Pointer[policySnapshot]
}

// policySnapshot are the policies and rules of one revision.
type policySnapshot struct {
	revision int64
	policies map[string]Policy
	rules    Rules
}

// NewPolicies holds only fallback until Refresh: the policy of requests while none
// of the key DefaultKey is defined.
func NewPolicies(store Definitions, fallback Policy) *Policies {
	b := &Policies{store: store}
	b.current.Store(&policySnapshot{revision: -1, policies: map[string]Policy{fallback.Name: fallback}, rules: Rules{Items: []Rule{}}})
	return b
}

// Edit says who changes a definition, when, and in place of which version; 0
// means of whatever there is.
type Edit struct {
	Author    string
	Now       time.Time
	IfVersion int64
}

// Policy gives the policy of that key.
func (b *Policies) Policy(key string) (Policy, bool) {
	p, ok := b.current.Load().policies[cmp.Or(key, DefaultKey)]
	return p, ok
}

// All lists all policies by key.
func (b *Policies) All() []Policy {
	out := make([]Policy, 0, len(b.current.Load().policies))
	for _, p := range b.current.Load().policies {
		out = append(out, p)
	}
	slices.SortFunc(out, func(x, y Policy) int { return cmp.Compare(x.Name, y.Name) })
	return out
}

// Rules gives the business rules.
func (b *Policies) Rules() Rules { return b.current.Load().rules }

// Models lists the versions of models that policies name.
func (b *Policies) Models() []string {
	var out []string
	for _, p := range b.All() {
		if p.Model != "" && !slices.Contains(out, p.Model) {
			out = append(out, p.Model)
		}
	}
	return out
}

// Refresh reads the definitions if any has changed; else it costs one row.
func (b *Policies) Refresh(ctx context.Context) error {
	revision, err := b.store.Revision(ctx)
	if err != nil {
		return fmt.Errorf("revision of the policies: %w", err)
	}
	before := b.current.Load()
	if revision == before.revision {
		return nil
	}
	docs, err := b.store.Documents(ctx, PolicyKind, RulesKind)
	if err != nil {
		return fmt.Errorf("policies: %w", err)
	}
	next := &policySnapshot{revision: revision, policies: map[string]Policy{}, rules: Rules{Items: []Rule{}}}
	for key, p := range before.policies {
		if p.Version == 0 { // the built-in one
			next.policies[key] = p
		}
	}
	for _, d := range docs {
		if err := next.read(d); err != nil {
			return fmt.Errorf("stored %s %s: %w", d.Kind, d.Key, err)
		}
	}
	b.current.Store(next)
	return nil
}

func (p *policySnapshot) read(d Document) error {
	if d.Kind == PolicyKind {
		policy, err := ParsePolicy(d.Key, d.Doc)
		policy.Version = d.Version
		p.policies[d.Key] = policy
		return err
	}
	rules, err := ParseRules(d.Doc)
	rules.Version = d.Version
	p.rules = rules
	return err
}

// PutPolicy defines a policy or changes it.
func (b *Policies) PutPolicy(ctx context.Context, by Edit, p Policy) (Policy, error) {
	if err := b.Refresh(ctx); err != nil {
		return p, err
	}
	before, _ := b.Policy(p.Name)
	p.Version = before.Version + 1
	return p, b.put(ctx, by, PolicyKind, p.Name, before.Version, p)
}

// PutRules puts all rules in place of those that were there.
func (b *Policies) PutRules(ctx context.Context, by Edit, r Rules) (Rules, error) {
	if err := b.Refresh(ctx); err != nil {
		return r, err
	}
	before := b.Rules().Version
	r.Version = before + 1
	return r, b.put(ctx, by, RulesKind, string(RulesKind), before, r)
}

func (b *Policies) put(ctx context.Context, by Edit, kind DocumentKind, key string, before int64, doc any) error {
	if by.IfVersion != 0 && by.IfVersion != before {
		return ErrChanged
	}
	text, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("write %s %s: %w", kind, key, err)
	}
	action := "change"
	if before == 0 {
		action = "create"
	}
	err = b.store.PutDocument(ctx, Document{
		Kind: kind, Key: key, Version: before + 1, At: by.Now, Author: by.Author, Action: action, Doc: text,
	})
	if err != nil {
		return err
	}
	return b.Refresh(ctx)
}

// noDefinitions is the Definitions of policies that never change.
type noDefinitions struct{}

func (noDefinitions) Revision(context.Context) (int64, error) { return -1, nil }
func (noDefinitions) Documents(context.Context, ...DocumentKind) ([]Document, error) {
	return nil, nil
}

func (noDefinitions) PutDocument(context.Context, Document) error {
	return &events.Invalid{Problem: "this process keeps no policies"}
}
