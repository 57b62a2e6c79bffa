package api

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/peakday/peakday/events"
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
	body, err := x.text()
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
	User      string   `json:"user,omitempty"`
	Device    string   `json:"device,omitempty" doc:"the anonymous_id of a visitor"`
	Session   []string `json:"session,omitempty" doc:"items looked at in this session, oldest first"`
	Placement string   `json:"placement,omitempty" doc:"where on the page"`
	Limit     int      `json:"limit,omitempty" doc:"1 to 100; 20 if left out"`
	Category  string   `json:"category,omitempty" doc:"only this one"`
	Region    string   `json:"region,omitempty" doc:"only what is sold and in stock there"`
	Exclude   []string `json:"exclude,omitempty" doc:"items to leave out"`
	Explain   bool     `json:"explain,omitempty" doc:"give reasons"`
}

func (x *exchange) recommend(w recommendationRequest) error {
	q, err := w.query()
	if err != nil {
		return err
	}
	q.ID = fmt.Sprintf("r-%016x", rand.Uint64())
	// Whoever may only evaluate may be a page in a browser: it must not learn
	// the history of the user that it asks about.
	q.NameItems = x.who.may(Read)
	answer, err := x.Recommender.Recommend(x.ctx(), q, x.now())
	if err != nil {
		return err
	}
	return x.json(http.StatusOK, recommendationsOf(answer))
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
	q.Session, err = itemIDs("session", w.Session)
	return q, err
}

type recommendations struct {
	Request  string        `json:"request" doc:"of this answer: events that it leads to carry it"`
	Policy   string        `json:"policy"`
	Model    string        `json:"model" doc:"version; empty without one"`
	AsOf     *time.Time    `json:"as_of" doc:"of the newest event consumed; null before the first"`
	Degraded bool          `json:"degraded" doc:"the visitor's profile could not be read"`
	Items    []recommended `json:"items"`
}

type recommended struct {
	Item          events.ItemID  `json:"item"`
	Score         float64        `json:"score" doc:"0 to 1, falling"`
	Source        string         `json:"source" doc:"the one that contributes most"`
	Reasons       []string       `json:"reasons" doc:"with explain"`
	Contributions []contribution `json:"contributions,omitempty" doc:"with explain"`
}

type contribution struct {
	Source string  `json:"source"`
	Score  float64 `json:"score"`
}

func recommendationsOf(a recommend.Response) recommendations {
	out := recommendations{Request: a.Request, Policy: a.Policy, Model: a.Model, AsOf: momentOf(a.AsOf), Degraded: a.Degraded, Items: make([]recommended, len(a.Items))}
	for i, it := range a.Items {
		out.Items[i] = recommended{Item: it.Item, Score: it.Score, Source: it.Source, Reasons: it.Reasons}
		if it.Reasons == nil {
			out.Items[i].Reasons = []string{}
		}
		for _, c := range it.Contributions {
			out.Items[i].Contributions = append(out.Items[i].Contributions, contribution(c))
		}
	}
	return out
}

// momentOf is null for a moment that never was.
func momentOf(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
