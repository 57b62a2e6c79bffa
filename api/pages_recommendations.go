package api

import (
	"net/http"
	"strconv"

	"github.com/peakday/peakday/api/ui"
	"github.com/peakday/peakday/recommend"
)

// recommendationsPage shows what a user would see, and why. To look is no
// exposure.
func recommendationsPage(x *exchange) error {
	v := ui.Recommendations{User: x.get("user"), Placement: x.get("placement"), Category: x.get("category"), Region: x.get("region")}
	if v.User == "" {
		return x.renderPage(http.StatusOK, "recommendations", "Recommendations", v)
	}
	w := recommendationRequest{User: v.User, Placement: v.Placement, Category: v.Category, Region: v.Region, Limit: defaultRecommended, Explain: true}
	q, err := w.query()
	if err != nil {
		return err
	}
	chosen, _ := x.choose(&w)
	v.Experiment, q.Policy, q.Interleave = chosen.experiment, chosen.Policy, chosen.Interleave
	q.ID, q.NameItems = "page", true
	answer, err := x.Recommender.Recommend(x.ctx(), q, x.now())
	if err != nil {
		return err
	}
	v.Asked, v.Policy, v.Model, v.Degraded = true, answer.Policy, answer.Model, answer.Degraded
	for _, it := range answer.Items {
		v.Items = append(v.Items, x.itemRow(it))
	}
	return x.renderPage(http.StatusOK, "recommendations", "Recommendations", v)
}

// itemRow adds what the catalogue knows.
func (x *exchange) itemRow(r recommend.Recommended) ui.ItemRow {
	row := ui.ItemRow{Item: string(r.Item), Score: r.Score, Source: r.Source, Reasons: r.Reasons}
	it, ok := x.Items.Item(r.Item)
	if !ok {
		return row
	}
	row.Title, row.Category = it.Title, it.Category
	if it.Priced {
		row.Price = x.Shop.Format(it.Price) + " " + string(x.Shop)
	}
	if pieces, known := it.Stock(""); known {
		row.Stock = strconv.FormatInt(pieces, 10)
	}
	return row
}
