package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
	"github.com/peakday/peakday/recommend"
)

const defaultRecommended = 20

// getRecommendations answers for a user, or for whoever comes.
func getRecommendations(x *exchange) error {
	limit, err := x.integer("limit", defaultRecommended, 1, recommend.MaxLimit)
	if err != nil {
		return err
	}
	explain, err := x.flag("explain")
	if err != nil {
		return err
	}
	return x.recommend(recommendationRequest{
		User: x.get("user"), Device: x.get("device"), Placement: x.get("placement"), Limit: limit,
		Category: x.get("category"), Region: x.get("region"), Exclude: x.list("exclude"), Explain: explain,
	})
}

// postRecommendations answers for what was looked at in a session, with or
// without a user.
func postRecommendations(x *exchange) error {
	body, err := x.ownedBody()
	if err != nil {
		return err
	}
	w := recommendationRequest{Limit: defaultRecommended}
	if err := decodeObject(body, &w); err != nil {
		return err
	}
	return x.recommend(w)
}

type recommendationRequest struct {
	User       string         `json:"user,omitempty"`
	Device     string         `json:"device,omitempty" doc:"the anonymous_id of a visitor"`
	Session    []string       `json:"session,omitempty" doc:"items looked at in this session, oldest first"`
	Events     []sessionEvent `json:"events,omitempty" doc:"what was done in this session, oldest first; instead of session"`
	Placement  string         `json:"placement,omitempty" doc:"where on the page"`
	Limit      int            `json:"limit,omitempty" doc:"1 to 100; 20 if left out"`
	Category   string         `json:"category,omitempty" doc:"only this one"`
	Region     string         `json:"region,omitempty" doc:"only what is sold and in stock there"`
	Exclude    []string       `json:"exclude,omitempty" doc:"items to leave out"`
	Attributes map[string]any `json:"attributes,omitempty" doc:"of the visitor, for the audiences of experiments"`
	Explain    bool           `json:"explain,omitempty" doc:"give reasons"`
}

// sessionEvent is something that was done in a session.
type sessionEvent struct {
	Type    string `json:"type" enum:"product.viewed,product.clicked,product.favorited,product.added"`
	Product string `json:"product_id"`
}

// recommend answers by the policy that the visitor's experiments choose, and
// logs the exposure before.
func (x *exchange) recommend(w recommendationRequest) error {
	q, err := w.query()
	if err != nil {
		return err
	}
	// Whoever may only evaluate may be a page in a browser: it must not learn
	// the history of the user that it asks about.
	q.NameItems = x.caller.may(Read)
	chosen, unlogged := x.arm(&w)
	q.Policy, q.Interleave, q.Seed = chosen.Policy, chosen.Interleave, rand.Uint64()
	answer, err := x.Recommender.Recommend(x.ctx(), q, x.now())
	if err != nil {
		return err
	}
	answer.Degraded = answer.Degraded || unlogged
	answer.Request = recommend.RequestID(chosen.experiment, strings.Split(answer.Policy, "+"), answer.Items, q.Seed)
	if w.Explain {
		return x.json(http.StatusOK, recommendationsOf(answer))
	}
	x.out = appendRecommendations(x.out[:0], &answer)
	return x.send(http.StatusOK, x.headers.json, x.out)
}

// arm is what the experiments on policies choose, with the exposure logged. A
// policy whose exposure cannot be logged is not used: who is not counted must
// not be treated.
func (x *exchange) arm(w *recommendationRequest) (chosen arm, unlogged bool) {
	chosen, unknown := x.choose(w)
	if unknown || chosen.exposure == nil {
		return chosen, unknown
	}
	if err := x.logExposures(*chosen.exposure); err != nil {
		x.Logger.WarnContext(x.ctx(), "the exposure to a policy could not be logged", "experiment", chosen.experiment, "error", err)
		return arm{}, true
	}
	return chosen, false
}

// choose asks the experiments on policies. A policy that is gone is not used.
func (x *exchange) choose(w *recommendationRequest) (chosen arm, unknown bool) {
	table := x.policyTables.of(x.Live.Catalog())
	if len(table.flags) == 0 || x.Policies == nil {
		return arm{}, false
	}
	if err := x.setSubject(w); err != nil {
		x.Logger.WarnContext(x.ctx(), "attributes of a visitor cannot be written", "request_id", x.id, "error", err)
		return arm{}, true
	}
	x.addComputed(table.computed)
	chosen = table.armOf(x.eval.subject, x.eval.attributes, w.Placement)
	for _, key := range chosen.keys() {
		if _, there := x.Policies.Policy(key); !there {
			x.Logger.WarnContext(x.ctx(), "an experiment names a policy that does not exist", "experiment", chosen.experiment, "policy", key)
			return arm{}, false
		}
	}
	return chosen, false
}

// setSubject makes evaluations and exposures about the visitor. What the client
// says under the names of attributes that peakday computes is not believed.
func (x *exchange) setSubject(w *recommendationRequest) (err error) {
	x.eval.subject = experiments.Subject{Units: map[events.UnitKind]events.UnitID{
		events.User: events.UnitID(w.User), events.Device: events.UnitID(w.Device),
	}}
	maps.DeleteFunc(w.Attributes, func(name string, _ any) bool { return experiments.IsComputed(name) })
	x.eval.attributes = w.Attributes
	if len(w.Attributes) > 0 {
		x.eval.raw, err = json.Marshal(w.Attributes)
	}
	return err
}

func (w *recommendationRequest) query() (recommend.Request, error) {
	q := recommend.Request{
		User: events.UserID(w.User), Device: events.UnitID(w.Device), Placement: w.Placement,
		Limit: w.Limit, Category: w.Category, Region: w.Region, Explain: w.Explain,
	}
	for _, f := range []struct{ field, id string }{
		{"user", w.User}, {"device", w.Device}, {"placement", w.Placement}, {"category", w.Category}, {"region", w.Region},
	} {
		if err := checkID(f.field, f.id); err != nil {
			return q, err
		}
	}
	var err error
	if q.Exclude, err = itemIDs("exclude", w.Exclude); err != nil {
		return q, err
	}
	q.Session, err = w.steps()
	return q, err
}

// steps are those of the session, in either form.
func (w *recommendationRequest) steps() ([]recommend.Step, error) {
	if len(w.Session) > 0 && len(w.Events) > 0 {
		return nil, &events.Invalid{Field: "events", Problem: "must not come together with session: it says the same and more"}
	}
	items, err := itemIDs("session", w.Session)
	if err != nil {
		return nil, err
	}
	var out []recommend.Step
	for _, item := range items {
		out = append(out, recommend.Step{Item: item})
	}
	for i, e := range w.Events {
		action, ok := recommend.ActionOf(events.Type(e.Type))
		if !ok {
			return nil, &events.Invalid{
				Field:   fmt.Sprintf("events[%d].type", i),
				Problem: fmt.Sprintf("must be product.viewed, product.clicked, product.favorited or product.added, got %q", events.Clip(e.Type)),
			}
		}
		if err := events.CheckID(fmt.Sprintf("events[%d].product_id", i), e.Product); err != nil {
			return nil, err
		}
		out = append(out, recommend.Step{Item: events.ItemID(e.Product), Action: action})
	}
	if len(out) > maxSession {
		return nil, &events.Invalid{Field: "events", Problem: fmt.Sprintf("must be at most %d, got %d", maxSession, len(out))}
	}
	return out, nil
}

// maxSession is more than any source reads.
const maxSession = 1000

type recommendations struct {
	Request  string        `json:"request" doc:"of this answer: events that it leads to carry it"`
	Policy   string        `json:"policy"`
	Model    string        `json:"model" doc:"version; empty without one"`
	AsOf     *time.Time    `json:"as_of" doc:"of the newest event consumed; null before the first"`
	Degraded bool          `json:"degraded" doc:"the visitor's profile could not be read, or only an older one; or an experiment's exposure could not be logged"`
	Items    []recommended `json:"items"`
}

type recommended struct {
	Item          events.ItemID  `json:"item"`
	Score         float64        `json:"score" doc:"0 to 1, falling"`
	Source        string         `json:"source" doc:"the one that contributes most"`
	Reasons       []string       `json:"reasons" doc:"with explain"`
	Contributions []contribution `json:"contributions,omitempty" doc:"with explain: what each source adds to the score"`
	Steps         []effect       `json:"steps,omitempty" doc:"with explain: what happened to the score, in order"`
}

type effect struct {
	Step   string  `json:"step" doc:"blend, recency, stock, rule, diversity, explore, pin or level"`
	Factor float64 `json:"factor" doc:"that the score was multiplied by; of blend the score itself"`
	Note   string  `json:"note,omitempty"`
}

type contribution struct {
	Source string  `json:"source"`
	Score  float64 `json:"score"`
}

func recommendationsOf(a recommend.Response) recommendations {
	out := recommendations{Request: a.Request, Policy: a.Policy, Model: a.Model, AsOf: timeOrNull(a.AsOf), Degraded: a.Degraded, Items: make([]recommended, len(a.Items))}
	for i, it := range a.Items {
		out.Items[i] = recommended{Item: it.Item, Score: it.Score, Source: it.Source, Reasons: it.Reasons}
		if it.Reasons == nil {
			out.Items[i].Reasons = []string{}
		}
		for _, e := range it.Steps {
			out.Items[i].Steps = append(out.Items[i].Steps, effect(e))
		}
		for _, c := range it.Contributions {
			out.Items[i].Contributions = append(out.Items[i].Contributions, contribution(c))
		}
	}
	return out
}

// momentOf is null for a moment that never was.
func timeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
