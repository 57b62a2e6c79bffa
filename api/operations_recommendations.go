package api

func recommendationOperations() map[string]operation {
	category := param{name: "category", text: "only this one"}
	region := param{name: "region", text: "only what is sold and in stock there"}
	return map[string]operation{
		"GET /v1/recommendations": {
			id: "getRecommendations", tag: "Recommendations", summary: "Recommend items to a visitor",
			text: "Sold-out items are left out in the second in which their stock event arrives. Reasons name items of the user's history only to keys with the scope read.",
			query: []param{
				{name: "user", text: "a user_id"}, {name: "device", text: "an anonymous_id"}, {name: "placement", text: "where on the page"},
				limitParam(defaultRecommended, 100), category, region,
				{name: "exclude", text: "items to leave out, with commas between them or several times", list: true},
				switched("explain", "give reasons"),
			},
			answers: ok(recommendations{}, "The items, the best first."),
		},
		"POST /v1/recommendations": {
			id: "recommendForSession", tag: "Recommendations", summary: "Recommend items for a session",
			body: &body{like: recommendationRequest{}}, answers: ok(recommendations{}, "The items, the best first."),
		},
		"GET /v1/items/{item}/similar": {
			id: "similarItems", tag: "Recommendations", summary: "List items like an item",
			query:   []param{limitParam(defaultRecommended, 100), category, region},
			answers: ok(itemScores{}, "The items, the most alike first."),
		},
		"GET /v1/trending": {
			id: "trendingItems", tag: "Recommendations", summary: "List what is wanted now", text: "Relative to the newest event consumed.",
			query: []param{
				limitParam(defaultRecommended, 100), category, region,
				words("window", "in which an action loses half its weight; day if left out", "hour", "day", "week"),
			},
			answers: ok(trending{}, "The items, the most wanted first."),
		},
		"GET /v1/stock/{sku}": {
			id: "getStock", tag: "Recommendations", summary: "Say what is left of a SKU",
			query:   []param{{name: "region", text: "only the locations of this region"}},
			answers: ok(stock{}, "As of the newest stock event."),
		},
		"GET /v1/models": {
			id: "listModels", tag: "Recommendations", summary: "List trained models", answers: ok(listing[Model]{}, "The newest first."),
		},
		"POST /v1/models": {
			id: "trainModel", tag: "Recommendations", summary: "Train a model", text: "Answers when it is trained; it is not in use before it is activated.",
			answers: []reply{{status: 201, like: Model{}, text: "The model."}},
		},
		"POST /v1/models/{version}/activate": {
			id: "activateModel", tag: "Recommendations", summary: "Use a model", text: "Also to go back to an older one.",
			answers: ok(listing[Model]{}, "All models."),
		},
	}
}
