package api

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/peakday/peakday/experiments"
)

// experimentHistory lists the versions of a definition, oldest first.
func experimentHistory(x *exchange) error {
	if _, err := x.experiment(); err != nil {
		return err
	}
	changes, err := x.Definitions.History(x.ctx(), experiments.ExperimentKind, x.param("key"))
	if err != nil {
		return unavailable("the history cannot be read", err)
	}
	items := make([]historyItem, len(changes))
	for i, c := range changes {
		items[i] = historyItem{c.Version, c.At, c.Author, c.Action, nil, c.Doc}
		if i > 0 {
			items[i].Differences = experiments.Differences(changes[i-1].Doc, c.Doc)
		}
	}
	list, err := paginate(x, items, func(h historyItem) string { return sortableVersion(h.Version) })
	if err != nil {
		return err
	}
	return x.json(http.StatusOK, list)
}

// sortableVersion writes n so that the texts sort as the numbers do.
func sortableVersion(n int64) string {
	s := strconv.FormatInt(n, 10)
	return string(rune('a'+len(s))) + s
}

type historyItem struct {
	Version int64     `json:"version"`
	At      time.Time `json:"at"`
	Author  string    `json:"author" doc:"the name of the access key"`
	Action  string    `json:"action" doc:"create, change, start, pause, stop, ship; stage, redraw and stop by peakday itself"`
	// Differences lists the fields that changed, in order.
	Differences []experiments.Difference `json:"differences,omitempty"`
	Definition  json.RawMessage          `json:"definition" doc:"as it was from then on"`
}
