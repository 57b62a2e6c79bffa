package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/peakday/peakday/api/ui"
	"github.com/peakday/peakday/events"
)

// modelsPage lists the models, how they did offline, and the training that is
// running.
func modelsPage(x *exchange) error { return x.showModels(http.StatusOK, "") }

func (x *exchange) showModels(status int, problem string) error {
	if x.Models == nil {
		return errNoModels
	}
	all, err := x.Models.Models(x.ctx())
	if err != nil {
		return unavailable("the models cannot be read", err)
	}
	v := ui.Models{Error: problem}
	for _, m := range all {
		v.Rows = append(v.Rows, x.modelRow(m))
	}
	if t := x.Models.Training(); t != nil {
		v.Training = &ui.Training{Since: x.formatTime(t.Started), Step: t.Step, Done: t.Done}
		x.Header().Set("Refresh", "3")
	}
	return x.renderPage(status, "models", "Models of the recommender", v)
}

// trainedReport is what the page shows of a model's report; the report may hold
// more.
type trainedReport struct {
	Items        int       `json:"items"`
	Interactions int       `json:"interactions"`
	AsOf         time.Time `json:"as_of"`
	Seconds      float64   `json:"seconds"`
	Vectors      string    `json:"vectors"`
	Ranking      string    `json:"ranking"`
	HeldOut      *struct {
		Visitors   int            `json:"visitors"`
		Model      offlineScores  `json:"model"`
		Popularity offlineScores  `json:"popularity"`
		Active     *offlineScores `json:"active"`
		Worse      bool           `json:"worse"`
	} `json:"held_out"`
	Towers *struct {
		Towers  offlineScores `json:"two_tower"`
		Factors offlineScores `json:"factors"`
	} `json:"two_tower_tried"`
	Ranker *struct {
		Learned offlineScores `json:"learned"`
		Weights offlineScores `json:"weights"`
	} `json:"ranker_tried"`
}

type offlineScores struct {
	Version string  `json:"version"`
	Recall  float64 `json:"recall@20"`
	NDCG    float64 `json:"ndcg@10"`
}

func (s offlineScores) row(name string) ui.OfflineScore {
	return ui.OfflineScore{Name: name, Recall: s.Recall, NDCG: s.NDCG}
}

func (x *exchange) modelRow(m Model) ui.ModelRow {
	row := ui.ModelRow{Version: m.Version, Created: x.formatTime(m.Created), Active: m.Active}
	var r trainedReport
	if json.Unmarshal(m.Report, &r) != nil {
		return row // a report of another version of peakday
	}
	row.Items, row.Interactions, row.Seconds, row.AsOf = r.Items, r.Interactions, r.Seconds, x.formatTime(r.AsOf)
	row.Notes = strings.TrimSpace(sentence(r.Vectors) + " " + sentence(r.Ranking))
	if h := r.HeldOut; h != nil {
		row.Visitors, row.Worse = h.Visitors, h.Worse
		row.Scores = append(row.Scores, h.Model.row("this model"), h.Popularity.row("popularity"))
		if h.Active != nil {
			row.Scores = append(row.Scores, h.Active.row(cmp.Or(h.Active.Version, "the model before")+", then active"))
		}
	}
	if t := r.Towers; t != nil {
		row.Parts = append(row.Parts, t.Towers.row("vectors of two towers"), t.Factors.row("vectors of factors"))
	}
	if t := r.Ranker; t != nil {
		row.Parts = append(row.Parts, t.Learned.row("learned ranker"), t.Weights.row("weighted sources"))
	}
	return row
}

// trainingGrace is how long the page waits for a training to end by itself
// before it shows how far it is.
const trainingGrace = time.Second

// trainPage begins a training.
func trainPage(x *exchange) error {
	if _, err := x.checkedForm(); err != nil {
		return err
	}
	if x.Models == nil {
		return errNoModels
	}
	ctx, cancel := context.WithTimeout(x.ctx(), trainingGrace)
	defer cancel()
	switch m, err := x.Models.Train(ctx); {
	case errors.Is(err, context.DeadlineExceeded): // it runs on
	case err != nil:
		return err
	case m.Version == "":
		return x.showModels(http.StatusConflict, sentence(nothingToLearn))
	}
	x.redirect("/models")
	return nil
}

// activateModelPage puts a model in use, a newer or an older one.
func activateModelPage(x *exchange) error {
	if _, err := x.checkedForm(); err != nil {
		return err
	}
	version := x.param("version")
	found, err := x.activate(version)
	var invalid *events.Invalid
	switch {
	case errors.As(err, &invalid):
		return x.showModels(http.StatusUnprocessableEntity, sentence(invalid.Error()))
	case err != nil:
		return err
	case !found:
		return errorf("not_found", "there is no model %q", events.Clip(version))
	}
	x.redirect("/models")
	return nil
}
