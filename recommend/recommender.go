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
	policy   Policy
	more     []Source

	model atomic.Pointer[installed]
	desks sync.Pool
}

// New returns a recommender without a model: it answers from trends and the
// catalogue until Install. Sources beside the built-in ones take part if the
// policy gives them weight.
func New(catalog *Catalog, trends *Trends, profiles Profiles, policy Policy, more ...Source) *Recommender {
	r := &Recommender{catalog: catalog, trends: trends, profiles: profiles, policy: policy, more: more}
	r.desks.New = func() any { return &desk{} }
	return r
}

// Install makes m the model of all requests to come.
func (r *Recommender) Install(m *Model) { r.model.Store(install(m, r.catalog.register)) }

// Model is the model in use, or nil.
func (r *Recommender) Model() *Model {
	if in := r.model.Load(); in != nil {
		return in.model
	}
	return nil
}

// Request asks for recommendations, for a user, a device, the items of a
// session, or any of them together.
type Request struct {
	ID        string // of this request; events that it leads to carry it
	User      events.UserID
	Device    events.UnitID
	Session   []events.ItemID // looked at in this session, oldest first
	Placement string
	Limit     int    // 1 to 100
	Category  string // only this one, if set
	Region    string // only what is sold and in stock there, if set
	Exclude   []events.ItemID
	Explain   bool
	NameItems bool // explanations may name items of the visitor's history
}

// MaxLimit is the largest Limit.
const MaxLimit = 100

// Response is the answer to a Request.
type Response struct {
	Request  string
	Policy   string
	Model    string    // its version; empty without one
	AsOf     time.Time // of the newest event consumed
	Degraded bool      // the visitor's profile could not be read
	Items    []Recommended
}

// Recommended is one item of an answer.
type Recommended struct {
	Item          events.ItemID
	Score         float64        // 0 to 1, falling
	Source        string         // the one with the largest contribution
	Contributions []Contribution // largest first; with Explain
	Reasons       []string       // with Explain
}

// Contribution is what one source adds to a score.
type Contribution struct {
	Source string
	Score  float64
}

// Recommend answers with up to q.Limit items, fewer only if no more are
// allowed. now is the service clock's time. When the profile cannot be read,
// it answers without, marked as degraded; so give ctx a deadline that leaves
// time for that. The error is an *events.Invalid, or that of a ctx that the
// caller cancelled.
func (r *Recommender) Recommend(ctx context.Context, q Request, now time.Time) (Response, error) {
	if err := checkLimit(q.Limit); err != nil {
		return Response{}, err
	}
	profile, err := r.profile(ctx, q)
	if err != nil && errors.Is(ctx.Err(), context.Canceled) {
		return Response{}, fmt.Errorf("recommend: %w", ctx.Err())
	}
	d := r.desks.Get().(*desk)
	defer r.desks.Put(d)
	d.begin(r.catalog, q.Region, q.Category, q.Exclude)
	d.filter.denyKnown(&profile, &r.policy, now)
	d.tastes = history(d.tastes, r.catalog.register, &profile, q.Session, r.policy.HistoryHalfLife)
	ask := Ask{History: d.tastes, AsOf: r.trends.AsOf()}

	in := r.model.Load()
	sources := r.sources(in, r.policy.Weights, LastDay)
	d.blend(&ask, sources, &r.policy, q.Limit)
	d.fill(q.Limit, len(sources), "")

	answer := Response{Request: q.ID, Policy: r.policy.Name, AsOf: ask.AsOf, Degraded: err != nil}
	if in != nil {
		answer.Model = in.model.version
	}
	answer.Items = d.answer(sources)
	if q.Explain {
		e := explanation{catalog: r.catalog, ask: &ask, sources: sources, name: q.NameItems}
		for i := range answer.Items {
			e.explain(&answer.Items[i], d, int(d.order[i]))
		}
	}
	return answer, nil
}

func checkLimit(limit int) error {
	if limit < 1 || limit > MaxLimit {
		return &events.Invalid{Field: "limit", Problem: fmt.Sprintf("must be 1 to %d, got %d", MaxLimit, limit)}
	}
	return nil
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
		return Profile{}, fmt.Errorf("read the profile: %w", err)
	}
	var whole Profile
	for i, b := range read {
		p, err := DecodeProfile(b)
		switch {
		case err != nil:
			return Profile{}, fmt.Errorf("read the profile: %w", err)
		case i == 0:
			whole = p
		default:
			whole.Merge(&p)
		}
	}
	return whole, nil
}

// sources gives those that the weights name, in their order.
func (r *Recommender) sources(in *installed, weights []Weight, w Window) []sourced {
	all := make([]Source, 0, 8)
	if in != nil {
		all = append(all, in.sources...)
	}
	all = append(append(all, &trending{r.trends, w}), r.more...)
	out := make([]sourced, 0, len(all))
	for _, want := range weights {
		at := slices.IndexFunc(all, func(s Source) bool { return s.Name() == want.Source })
		if at >= 0 && want.Weight > 0 {
			out = append(out, sourced{all[at], want.Weight})
		}
	}
	return out
}

// answer lists the ranked candidates.
func (d *desk) answer(sources []sourced) []Recommended {
	out := make([]Recommended, len(d.order))
	for i, at := range d.order {
		c := &d.candidates[at]
		out[i] = Recommended{Item: c.item.ID, Score: c.score, Source: SourceCatalogue}
		most := float32(0)
		for s, share := range d.shares[int(at)*len(sources) : (int(at)+1)*len(sources)] {
			if share > most {
				most, out[i].Source = share, sources[s].Name()
			}
		}
	}
	return out
}
