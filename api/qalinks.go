package api

import (
	"crypto/rand"
	"net/http"

	"github.com/peakday/peakday/events"
)

// addQALink makes a link that forces a variant. The token is shown only once.
func addQALink(x *exchange) error {
	variant, by, err := x.variantOfExperiment()
	if err != nil {
		return err
	}
	token := rand.Text()
	e, link, err := x.Desk.AddQALink(x.ctx(), by, x.param("key"), variant, token)
	if err != nil {
		return x.afterTransition(e, err)
	}
	x.refresh()
	return x.json(http.StatusCreated, qaLink{ID: link.ID, Variant: link.Variant, Token: token, Query: qaAttribute + "=" + token})
}

// removeQALink ends a link.
func removeQALink(x *exchange) error {
	by, err := x.byExperiment()
	if err != nil {
		return err
	}
	e, err := x.Desk.RemoveQALink(x.ctx(), by, x.param("key"), x.param("id"))
	if isNotFound(err) {
		return errorf("not_found", "there is no such experiment, or no QA link %q of it", events.Clip(x.param("id")))
	}
	return x.afterTransition(e, err)
}

type qaLinkRequest struct {
	Variant string `json:"variant" doc:"that who shows the token gets"`
}

type qaLink struct {
	ID      string `json:"id" doc:"to remove it by"`
	Variant string `json:"variant"`
	Token   string `json:"token" doc:"shown this once: only a hash of it is kept"`
	Query   string `json:"query" doc:"for the address of a page, which passes it on as the attribute peakday_qa"`
}
