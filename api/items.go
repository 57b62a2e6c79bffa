package api

import (
	"net/http"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
)

// similarItems lists what is like an item.
func similarItems(x *exchange) error { return x.relatedItems(x.Recommender.Similar) }

// boughtTogether lists what is bought in one order with an item.
func boughtTogether(x *exchange) error { return x.relatedItems(x.Recommender.BoughtTogether) }

func (x *exchange) relatedItems(list func(events.ItemID, recommend.List) ([]recommend.Scored, error)) error {
	item := x.param("item")
	if err := events.CheckID("item", item); err != nil {
		return err
	}
	l, err := x.itemList()
	if err != nil {
		return err
	}
	found, err := list(events.ItemID(item), l)
	if err != nil {
		return err
	}
	return x.json(http.StatusOK, itemScores{Items: scoresOf(found)})
}

// trendingItems lists what is wanted now: as of the newest event, not of the
// clock on the wall.
func trendingItems(x *exchange) error {
	l, err := x.itemList()
	if err != nil {
		return err
	}
	window, err := x.oneOf("window", "day", "hour", "week")
	if err != nil {
		return err
	}
	switch window {
	case "hour":
		l.Window = recommend.LastHour
	case "day":
		l.Window = recommend.LastDay
	case "week":
		l.Window = recommend.LastWeek
	}
	found, err := x.Recommender.Trending(l)
	if err != nil {
		return err
	}
	asOf, err := x.asOf()
	if err != nil {
		return err
	}
	return x.json(http.StatusOK, trending{itemScores{scoresOf(found)}, timeOrNull(asOf)})
}

func (x *exchange) itemList() (l recommend.List, err error) {
	if l.Limit, err = x.integer("limit", defaultRecommended, 1, recommend.MaxLimit); err != nil {
		return l, err
	}
	l.Category, l.Region = x.get("category"), x.get("region")
	if err := checkID("category", l.Category); err != nil {
		return l, err
	}
	return l, checkID("region", l.Region)
}

type itemScores struct {
	Items []itemScore `json:"items"`
}

type trending struct {
	itemScores
	AsOf *time.Time `json:"as_of" doc:"of the newest event consumed; null before the first"`
}

type itemScore struct {
	Item  events.ItemID `json:"item"`
	Score float64       `json:"score" doc:"0 to 1, falling"`
}

func scoresOf(found []recommend.Scored) []itemScore {
	out := make([]itemScore, len(found))
	for i, s := range found {
		out[i] = itemScore(s)
	}
	return out
}
