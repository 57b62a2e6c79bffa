package api

import "github.com/danielgtaylor/huma/v2"

// fieldNote is what the document says of a field whose Go type, being a domain
// package's, does not.
type fieldNote struct {
	text    string
	example any // nil for an object or a list
}

// describeFields adds what notes know of the fields of schemas, by
// "Schema.field", else by the field's name alone. What a type says itself stays.
func describeFields(schemas map[string]*huma.Schema) {
	notes := fieldNotes()
	for name, schema := range schemas {
		for field, s := range schema.Properties {
			note, own := notes[name+"."+field]
			if !own {
				note = notes[field]
			}
			if s.Description == "" {
				s.Description = note.text
			}
			if len(s.Examples) == 0 && note.example != nil {
				s.Examples = []any{note.example}
			}
		}
	}
}

func fieldNotes() map[string]fieldNote {
	const day, moment, plan = "2026-11-11", "2026-11-11T12:00:00Z", "20261031-y6obfshour"
	return map[string]fieldNote{
		// Names and times
		"sku": {"stock keeping unit, as the shop's events name it", "snacks-03-a"}, "skus": {text: "stock keeping units"},
		"item": {"product_id of the shop's events", "snacks-03"}, "items": {text: "the entries, in the order that the operation tells"},
		"product_id": {"of the shop's catalogue", "snacks-03"}, "user": {"user_id of the shop's events", "u00042"}, "device": {"", "d-7f3a"},
		"category": {"of the item", "snacks"}, "region": {"of the sale; empty for all or none", "east"}, "placement": {"", "home"},
		"currency": {"ISO 4217", "CNY"}, "event": {"key in the calendar", "11.11"}, "name": {"for people", "Double 11"}, "key": {"of the definition", "default"},
		"from": {"first day", "2026-11-01"}, "to": {"last day", day}, "date": {"day in the shop's time zone", day}, "until": {"", day},
		"created": {"when it was made", moment}, "as_of": {"the last closed sales day that it knows", "2026-10-31"}, "taken_at": {"", moment},
		"id": {"made by peakday", plan}, "plan": {"id of the stock plan", plan}, "version": {"grows with every change; the ETag", 3},
		"author": {"who made it: by default the access key's name", "li"}, "reason": {"why, for who reads it later", "live stream with a known host"},
		"next_cursor": {"", "c25hY2tzLTAz"}, "users": {"how many", 1204}, "limit": {"", 20}, "model": {"", "20261113-ea024b38"}, "policy": {"key of the policy", "default"},
		"experiment": {"key of the experiment", "new-ranking"}, "metric": {"key of a metric", "conversion"}, "variant": {"key of a variant", "treatment"},

		// Recommendations
		"score": {"", 0.84}, "source": {"that proposed it", "transitions"}, "Recommendations.as_of": {"", moment}, "Trending.as_of": {"", moment}, "Recommendations.request": {"", "r::default:251821521cb03120"},
		"Recommended.source": {"", "transitions"}, "Effect.step": {"", "recency"}, "Effect.factor": {"", 0.9}, "note": {"why", "seen twice in the last day"},
		"Contribution.score": {"what it adds to the item's score", 0.31}, "type": {text: "of the event"}, "step": {"", "ranker"}, "done": {"", 0.4}, "started": {"when it began", moment}, "active": {text: "whether it is in use"},
		"Model.version": {"of the model", "20261113-ea024b38"}, "report": {text: "what it was trained on, and how it did offline"},
		"known": {"", 40}, "Lookalikes.users": {"", 5210}, "orders": {"", 310}, "spent": {"", "52130.00"}, "tier": {text: "by recency, frequency and money"},
		"requests": {"", 5120}, "impressions": {"", 98210}, "clicks": {"of its items", 4123}, "carts": {"additions to carts of its items", 812}, "PolicyEarnings.bought": {"", 340},
		"revenue": {"", "48120.50"}, "ctr": {"", 0.042}, "conversion": {"", 0.0035}, "Interleaving.clicks": {text: "which policy's items were clicked"}, "bought": {text: "which policy's items were bought"},
		"first": {"", 210}, "second": {"visitors who took more from the second", 260}, "tied": {"visitors who took as much from both", 31}, "preference": {"", 0.55}, "p_value": {"", 0.02},
		"Preference.low": {"", 0.51}, "Preference.high": {"upper end of the interval", 0.6},
		"hide_cart": {text: "leave out what is in the visitor's cart"}, "candidates": {"", 40}, "cap": {"", 3}, "cap_window": {"", "24h"}, "history_half_life": {"", "72h"}, "item_half_life": {"", "720h"},
		"item_floor": {"", 0.5}, "low_stock": {"", 5}, "low_stock_weight": {"", 0.8}, "presale_weight": {"", 1.2}, "diversity": {"", 0.3}, "category_cap": {"", 4}, "explore": {"", 0.05}, "new_for": {"", "336h"},
		"do": {"boost, bury or pin", "boost"}, "Rule.name": {"for people", "Clear the winter coats"}, "Rule.factor": {"that scores are multiplied by: above 1 to boost, below 1 to bury", 1.5},
		"Rule.from": {"from when on it holds; at once if left out", moment}, "Rule.until": {"until when; for good if left out", "2026-11-12T00:00:00Z"}, "position": {"place of a pinned item, from 1", 1},
		"placements": {text: "where it holds; everywhere if left out"}, "where": {text: "the items that it is about"},
		"brands": {text: "any of them"}, "categories": {text: "any of them"}, "Where.items": {text: "any of them, by product_id"}, "tags": {text: "any of them"}, "Rules.items": {text: "the rules, in the order in which they apply"},
		"StockPlan.categories": {text: "the plan by category"}, "location": {"that stock events name", "warehouse-1"}, "locations": {text: "what is left at each"}, "remaining": {"pieces; null while no level has been reported", 12},

		// Forecasts
		"mean": {"expected pieces", 47.5}, "quantiles": {text: "pieces that demand stays below, by the chance of it: 0.025, 0.1, 0.5, 0.9, 0.975"}, "demand": {text: "over the days together, in pieces"},
		"points": {text: "day by day"}, "members": {text: "weights of the models that were combined"}, "Forecast.model": {"the members that have most weight", "ets+theta"},
		"components": {text: "what the mean is made of; they add up to it"}, "level": {"of an average day, in pieces", 31.2}, "trend": {"how the level moves until then, in pieces", 0.4},
		"weekday": {"more or less than on an average day, in pieces", 2.1}, "Components.event": {"what the calendar's events add, in pieces", 12.7}, "promotion": {"what a price or a promotion adds, in pieces", 0.0},
		"presale": {"what deposits, balances and today's sales change, in pieces", 1.3}, "override": {"what a planner's override changes, in pieces", 0.0}, "hierarchy": {"what the reconciliation with category, region and shop changes, in pieces", -0.2},
		"Event.presale": {text: "what to believe of its presales until the shop has seen some"}, "disabled": {text: "its days are ordinary ones in this shop"}, "occurrences": {text: "one a year"},
		"year": {"of the occurrence", 2026}, "phases": {text: "in order; they may overlap those of other events"}, "phase": {"such as presale, deposit, balance, warmup, day, returns", "day"}, "uplift": {"times ordinary demand, until the shop has seen one", 3.5},
		"paid": {"share of the deposits whose balance is paid; 0.8 if left out", 0.9}, "pieces": {"how many pieces of experience this is worth; 50 if left out", 50.0},
		"returned": {"share of what is paid that comes back; 0.05 if left out", 0.1}, "share": {"of presale in the demand of the days when balances are paid; 0.25 if left out", 0.4},
		"hour": {"when it began; absent for whole days", moment}, "quantity": {"pieces", 24}, "deposits": {"presale deposits paid, in pieces", 3},
		"open": {"share of the day's usual demand that there was stock for", 0.6}, "sold": {"pieces", 31.0}, "lost": {"pieces that could not be sold, estimated", 7.4}, "worth": {"", "584.60"}, "LostRow.demand": {"sold and lost, in pieces", 38.4},

		// Supply and plans
		"cost": {"", "12.50"}, "price": {"", "19.90"}, "lead_time_days": {"", 5.0}, "lead_time_sd": {"", 1.2}, "pack": {"", 12}, "min_order": {"the fewest pieces that can be ordered", 24}, "on_order": {"pieces that were ordered and have not come", 48},
		"Supply.on_order": {}, "SupplyRequest.on_order": {}, "StockPlanItem.on_order": {"pieces that arrive by the last day", 48}, "budget": {"", "250000.00"}, "StockPlan.spent": {"", "241542.60"}, "service_level": {"chance that all demand is met", 0.95}, "leftover_loss": {"", 0.25}, "review_days": {"", 7.0},
		"transfers": {text: "between regions, before anything is ordered"}, "Transfer.from": {"region that gives", "north"}, "Transfer.to": {"region that gets", "east"}, "StockPlan.items": {text: "the SKUs, ordered"},
		"demand_before": {"expected pieces until the plan's days begin", 12.3}, "on_hand": {"pieces", 14}, "on_hand_is_known": {text: "a level has been reported; otherwise on_hand is 0 for want of knowledge"}, "need": {"pieces that are missing to the target", 44},
		"target": {"pieces that meet, with the service level, the demand from tomorrow to the last day", 58}, "order": {"need in packs and at least the minimum; 0 if it came too late", 48}, "order_cost": {"of the order, a decimal", "2400.00"}, "order_profit": {"", "812.40"}, "order_up_to": {"level for the lead time and the review period, in pieces", 60},
		"safety_stock": {"of the target, what lies above the expected demand", 10}, "reorder_point": {"order when less than this is on hand and on order", 15}, "sellout_chance": {"chance of running out on any day, with the order", 0.18}, "sellout_chance_without_order": {"the same without it", 0.99},
		"AlertRow.sellout_chance": {"chance of running out until more comes", 0.98}, "arrives": {"when an order of today would come, on average", "2026-11-04"}, "late": {text: "it arrives after the days have begun"}, "limited": {text: "the budget allowed less"},
		"overridden_by": {"author of an override in the demand", "li"}, "days_of_cover": {"that the stock on hand lasts at the expected demand", 4.5}, "turnover": {"times a year that the stock is sold", 8.1}, "sold_today": {"pieces since the last closed day", 2},
		"cost_of_under": {"", "351.20"}, "cost_of_over": {"", "120.75"}, "PlanCategory.skus": {"how many", 12}, "StoredSupplies.skus": {"how many were stored", 12}, "PlanCategory.demand": {"expected pieces", 310.5}, "unknown": {text: "SKUs of the request that nothing is known of"},
		"AlertRow.as_of": {"time of the newest order that it knows", moment}, "AlertRow.order": {"pieces that bring the stock up to order_up_to of a plan", 12}, "sellout_date": {"on which it is likelier than not", "2026-11-13"}, "margin_at_risk": {"", "1907.29"}, "next_receipt": {text: "what is on order and comes first"},
		"AlertRow.until": {"the last day before more is there", "2026-11-19"},

		// Accuracy, overrides, what-if
		"planned": {"pieces expected by the plan", 4938.0}, "Accuracy.skus": {"how many", 132}, "stocking_accuracy": {"1 − WAPE of planned against wanted pieces, by SKU", 0.775}, "last_year_accuracy": {"the same of last year × growth", 0.344},
		"wape": {"sum of absolute errors over the sum of what was wanted", 0.225}, "bias": {"sum of errors over the sum of what was wanted; below 0: too little was planned", -0.114}, "coverage_80": {"share of SKUs within the 80 % interval", 0.826}, "coverage_95": {"share of SKUs within the 95 % interval", 0.95},
		"enough": {"share of SKUs whose target met the demand", 0.606}, "met": {"pieces sold in fact", 31.0}, "Accuracy.sold": {"pieces wanted: sold, and lost for want of stock", 5574.0}, "AccuracyItem.sold": {"pieces wanted: sold, and lost for want of stock", 38.0},
		"low": {"lower end of the interval", 21.0}, "high": {"upper end of the interval", 56.0}, "last_year": {"last year × growth, in pieces", 30.5},
		"received": {"pieces that came in by stock events", 120}, "taken": {"pieces that left by stock events", 96}, "difference": {"taken less sold", 2},
		"expires": {"from when on it does not hold any more", "2026-11-12T00:00:00Z"}, "factor": {"times the forecast of each day", 1.2}, "made": {"when it was made or ended", moment}, "revoked": {text: "it was ended"},
		"model_quantity": {"pieces by the model over the days, when it was made", 41.0}, "overridden_quantity": {"pieces with the override", 60.0},
		"estimate": {"relative: 0.12 is twelve per cent more", 0.12}, "Uplift.low": {"lower end of the interval", 0.05}, "Uplift.high": {"upper end", 0.2}, "Uplift.level": {"of the interval", 0.95}, "Uplift.source": {"the experiment, metric and variant that measured it", "banner/conversion/treatment"},
		"ApiUplift.low": {"lower end of the interval", 0.05}, "ApiUplift.high": {"upper end", 0.2}, "ApiUplift.level": {"", 0.95},
		"discount": {"", 0.15}, "new_price": {"in the scenario, a decimal", "67.15"}, "elasticity": {"per cent of demand for a per cent of price", -1.8}, "elasticity_sd": {"its standard deviation", 0.98},
		"extrapolated": {text: "the SKU has never sold at such a price: the interval is the wider for it"}, "baseline": {text: "demand as the forecast is"}, "scenario": {text: "demand in the scenario"},
		"stock": {"", 825}, "margin": {"", "12971.03"}, "WhatIfRequest.promotion": {text: "that would run on these days"},
		"units": {"visitors who reached the step", 912}, "onward": {"share of those of the step before", 0.31}, "FunnelStep.share": {"of those of the first step", 0.12}, "FunnelStep.step": {"name of the step", "ordered"}, "median_hours": {"from entering until the step; null if nobody reached it", 1.4},
		"FunnelStep.event": {"type of the event", "order.placed"}, "FunnelStep.within": {"", "24h"},

		// Problems
		"status": {"of HTTP", 422}, "title": {"", "Something in the request is not as it must be"}, "detail": {"", "horizon must be a whole number from 1 to 366"}, "code": {"", "invalid"}, "field": {"", "horizon"}, "request_id": {"", "bf6f00dbb8539783"}, "Problem.type": {"", "/docs#invalid"},
	}
}

// pathNote says what a parameter of a path is.
func pathNote(name string) fieldNote {
	switch name {
	case "sku":
		return fieldNote{"stock keeping unit, percent-encoded", "snacks-03-a"}
	case "item":
		return fieldNote{"product_id, percent-encoded", "snacks-03"}
	case "event":
		return fieldNote{"key in the calendar", "11.11"}
	case "version":
		return fieldNote{"of the model", "20261113-ea024b38"}
	case "id":
		return fieldNote{text: "as an earlier answer gave it"}
	}
	return fieldNote{"of the definition: letters, digits, dot, underscore and hyphen, at most 64", "new-ranking"}
}
