package recommend

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/peakday/peakday/events"
)

// Recommender answers what to show. It may be used from any goroutine.
type Recommender struct {
	catalog  *Catalog
	trends   *Trends
	profiles Profiles
	policy   Policy // of lists and measurements, and the fallback where none is defined
	policies *Policies
	more     []Source

	model      atomic.Pointer[installed]
	others     sync.Map // version → *installed, of models that policies name
	workspaces sync.Pool
}

// New returns a recommender without a model: it answers from trends and the
// catalogue until Install. Sources beside the built-in ones take part if the
// policy gives them weight and is not Learned: no ranker knows them.
func New(catalog *Catalog, trends *Trends, profiles Profiles, policy Policy, more ...Source) *Recommender {
	r := &Recommender{catalog: catalog, trends: trends, profiles: profiles, policy: policy, more: more}
	named := policy
	named.Name = DefaultKey
	r.policies = NewPolicies(noDefinitions{}, named)
	r.workspaces.New = func() any { return &workspace{} }
	return r
}

// UsePolicies makes the policies and rules of p those of all requests. Call it
// before the first request.
func (r *Recommender) UsePolicies(b *Policies) { r.policies = b }

// Install makes m the model of all requests whose policy names no other.
func (r *Recommender) Install(m *Model) { r.model.Store(r.install(m)) }

// Keep makes m known for policies that name its version.
func (r *Recommender) Keep(m *Model) { r.others.Store(m.version, r.install(m)) }

// Drop forgets the models of Keep that are not among versions.
func (r *Recommender) Drop(versions []string) {
	r.others.Range(func(version, _ any) bool {
		if !slices.Contains(versions, version.(string)) {
			r.others.Delete(version)
		}
		return true
	})
}

// Kept reports whether Keep has been given the version.
func (r *Recommender) Kept(version string) bool {
	_, ok := r.others.Load(version)
	return ok
}

// Model is the model in use, or nil.
func (r *Recommender) Model() *Model {
	if in := r.model.Load(); in != nil {
		return in.model
	}
	return nil
}

// AsOf is the time of the newest event consumed, zero before the first.
func (r *Recommender) AsOf() time.Time { return r.trends.AsOf() }

// installed is the model that a policy asks for, the active one if that is not
// here; nil without any.
func (r *Recommender) installed(p *Policy) *installed {
	if p.Model != "" {
		if in, ok := r.others.Load(p.Model); ok {
			return in.(*installed)
		}
	}
	return r.model.Load()
}

// Recommend answers with up to q.Limit items, fewer only if no more are
// allowed. now is the service clock's time. When the profile cannot be read,
// it answers without, marked as degraded; so give ctx a deadline that leaves
// time for that. The error is an *events.Invalid, ErrNoPolicy, or that of a ctx
// that the caller cancelled.
func (r *Recommender) Recommend(ctx context.Context, q Request, now time.Time) (Response, error) {
	if err := checkLimit(q.Limit); err != nil {
		return Response{}, err
	}
	policies, err := r.policiesOf(&q)
	if err != nil {
		return Response{}, err
	}
	profile, err := r.profile(ctx, q)
	if err != nil && errors.Is(ctx.Err(), context.Canceled) {
		return Response{}, fmt.Errorf("recommend: %w", ctx.Err())
	}
	answer := Response{Request: q.ID, Policy: policies[0].Name, AsOf: r.trends.AsOf(), Degraded: err != nil}
	if in := r.installed(&policies[0]); in != nil {
		answer.Model = in.model.version
	}
	answer.Items = r.arrange(&q, &policies[0], &profile, now)
	if len(policies) == 2 {
		answer.Policy += "+" + policies[1].Name
		other := r.arrange(&q, &policies[1], &profile, now)
		answer.Items = interleave(answer.Items, other, q.Limit, q.Seed)
	}
	return answer, nil
}

// policiesOf are those of a request, one or two.
func (r *Recommender) policiesOf(q *Request) ([]Policy, error) {
	keys := q.Interleave
	if len(keys) == 0 {
		keys = []string{q.Policy}
	}
	if len(keys) > 2 {
		return nil, &events.Invalid{Field: "interleave", Problem: fmt.Sprintf("must name two policies, got %d", len(keys))}
	}
	out := make([]Policy, len(keys))
	for i, key := range keys {
		p, ok := r.policies.Policy(key)
		if !ok {
			return nil, fmt.Errorf("%q: %w", key, ErrNoPolicy)
		}
		out[i] = p
	}
	return out, nil
}

// arrange makes the answer of one policy, step by step.
func (r *Recommender) arrange(q *Request, policy *Policy, profile *Profile, now time.Time) []Recommended {
	d := r.workspaces.Get().(*workspace)
	defer r.workspaces.Put(d)
	d.begin(r.catalog, q.Region, q.Category, q.Exclude)
	d.filter.denyKnown(profile, q.Session, policy, now)
	d.history = history(d.history, r.catalog.interner, profile, q.Session, policy.HistoryHalfLife)
	in := r.installed(policy)
	query := Query{
		History: d.history, RecentActions: recentActions(profile, q.Session), Region: q.Region,
		AsOf: r.trends.AsOf(), NewFor: policy.NewFor, cachedAffinity: &d.affinity,
	}
	if in != nil && in.model.towers != nil {
		query.Tier = profile.RFM(now).Tier()
	}
	mix := r.mix(in, policy)
	sources := mix.sources
	var rules []*Rule
	if !policy.IgnoreRules {
		all := r.policies.Rules()
		rules = all.inForce(q.Placement, now)
	}

	d.blend(&query, mix, max(policy.Candidates, q.Limit))
	w := &adjustments{r.catalog, policy, rules, q.Region, query.AsOf}
	d.rank(w, rerankDepth(q.Limit, policy))
	d.diversify(q.Limit, policy, in)
	d.explore(&query, &fresh{r.catalog, in}, w, q.Limit, q.Seed)
	d.fill(q.Limit, "")
	d.pin(rules, q.Limit)
	d.levelScores()
	d.attribute(mix)

	items := d.answer(sources)
	if q.Explain {
		e := explanation{catalog: r.catalog, ask: &query, sources: sources, rules: rules, name: q.NameItems}
		for i := range items {
			e.explain(&items[i], d, int(d.order[i]), i)
		}
	}
	return items
}

// profile reads what is known of the visitor, in one round trip.
func (r *Recommender) profile(ctx context.Context, q Request) (Profile, error) {
	var visitors []events.Unit
	if q.User != "" {
		visitors = append(visitors, events.Unit{Kind: events.User, ID: events.UnitID(q.User)})
	}
	if q.Device != "" {
		visitors = append(visitors, events.Unit{Kind: events.Device, ID: q.Device})
	}
	if len(visitors) == 0 {
		return Profile{}, nil
	}
	read, err := r.profiles.Load(ctx, visitors)
	if err != nil {
		err = fmt.Errorf("read the profile: %w", err)
	}
	// Along with an error there may be what the store said last.
	var whole Profile
	for i, b := range read {
		p, broken := DecodeProfile(b)
		switch {
		case broken != nil:
			return Profile{}, fmt.Errorf("read the profile: %w", broken)
		case i == 0:
			whole = p
		default:
			whole.Merge(&p)
		}
	}
	return whole, err
}

// sources gives those that the weights name, in their order.
func (r *Recommender) sources(in *installed, weights []Weight, w Window) []weightedSource {
	all := make([]Source, 0, 16)
	if in != nil {
		all = append(all, in.sources...)
	}
	all = append(all, &trending{r.trends, w}, &attributes{r.catalog, r.trends}, &fresh{r.catalog, in}, again{})
	all = append(all, r.more...)
	out := make([]weightedSource, 0, len(all))
	for _, want := range weights {
		at := slices.IndexFunc(all, func(s Source) bool { return sameSource(s.Name(), want.Source) })
		if at >= 0 && want.Weight > 0 {
			out = append(out, weightedSource{all[at], want.Weight})
		}
	}
	return out
}

// answer lists the ranked candidates.
func (d *workspace) answer(sources []weightedSource) []Recommended {
	out := make([]Recommended, len(d.order))
	for i, at := range d.order {
		c := &d.candidates[at]
		out[i] = Recommended{Item: c.item.ID, Score: c.score, Source: SourceCatalogue}
		if c.explored {
			out[i].Source = SourceFresh
			continue
		}
		most := float32(0)
		for s, share := range d.shares[int(at)*len(sources) : (int(at)+1)*len(sources)] {
			if share > most {
				most, out[i].Source = share, sources[s].Name()
			}
		}
	}
	return out
}
