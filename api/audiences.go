package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
)

// Audiences surveys all users. The answer may be some minutes old.
type Audiences interface {
	Audience(ctx context.Context) (*recommend.Audience, error)
}

var errNoAudiences error = &coded{code: "unavailable", detail: "this process keeps no audiences"}

func (x *exchange) audience() (*recommend.Audience, error) {
	if x.Audiences == nil {
		return nil, errNoAudiences
	}
	a, err := x.Audiences.Audience(x.ctx())
	if err != nil {
		return nil, unavailable("the users cannot be read", err)
	}
	return a, nil
}

const (
	defaultLookalikes = 100
	maxSeeds          = 100_000
)

// lookalike ranks the users who are like some others. It names users and what
// they have in common, so it is not for public keys.
func lookalike(x *exchange) error {
	body, err := x.ownedBody()
	if err != nil {
		return err
	}
	w := lookalikeRequest{Limit: defaultLookalikes}
	if err := decodeObject(body, &w); err != nil {
		return err
	}
	if len(w.Users) > maxSeeds {
		return &events.Invalid{Field: "users", Problem: fmt.Sprintf("must be at most %d, got %d", maxSeeds, len(w.Users))}
	}
	seeds := make([]events.UserID, len(w.Users))
	for i, u := range w.Users {
		if err := events.CheckID(fmt.Sprintf("users[%d]", i), u); err != nil {
			return err
		}
		seeds[i] = events.UserID(u)
	}
	a, err := x.audience()
	if err != nil {
		return err
	}
	found, known, err := a.Lookalike(seeds, w.Limit)
	if err != nil {
		return err
	}
	out := lookalikes{Known: known, Users: a.Users(), Model: a.Model(), TakenAt: a.TakenAt().UTC(), Items: make([]similarUser, len(found))}
	for i, f := range found {
		out.Items[i] = similarUser(f)
	}
	return x.json(http.StatusOK, out)
}

type lookalikeRequest struct {
	Users []string `json:"users" doc:"whom the others are to be like"`
	Limit int      `json:"limit,omitempty" doc:"1 to 100000; 100 if left out"`
}

type lookalikes struct {
	Items   []similarUser `json:"items"`
	Known   int           `json:"known" doc:"users of the request of whom enough is known"`
	Users   int           `json:"users" doc:"all users looked at"`
	Model   string        `json:"model" doc:"version of the model behind the likeness; empty without one, and then nobody is alike"`
	TakenAt time.Time     `json:"taken_at" doc:"when the users were read"`
}

type similarUser struct {
	User  events.UserID `json:"user"`
	Score float64       `json:"score" doc:"cosine, 0 to 1, falling"`
}

// listTiers counts the users by how recently and how often they buy.
func listTiers(x *exchange) error {
	a, err := x.audience()
	if err != nil {
		return err
	}
	out := tiers{Users: a.Users(), TakenAt: a.TakenAt().UTC()}
	for _, c := range a.CountTiers() {
		out.Items = append(out.Items, tierCount{
			Tier: string(c.Tier), Users: c.Users, Orders: c.Orders, Spent: x.Shop.Format(c.Spent), Currency: string(x.Shop),
		})
	}
	return x.json(http.StatusOK, out)
}

type tiers struct {
	Items   []tierCount `json:"items"`
	Users   int         `json:"users"`
	TakenAt time.Time   `json:"taken_at" doc:"when the users were read"`
}

type tierCount struct {
	Tier     string `json:"tier" enum:"champion,loyal,promising,first,at-risk,lapsed,none"`
	Users    int    `json:"users"`
	Orders   int    `json:"orders" doc:"of all of them, in the last year"`
	Spent    string `json:"spent" doc:"by all of them, in the last year"`
	Currency string `json:"currency"`
}
