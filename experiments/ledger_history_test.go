package experiments

import (
	"fmt"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/peakday/peakday/events"
)

// history draws what happened to a few users and devices, some of which have
// the same ids: exposures, behaviour, orders that are paid twice, presold,
// cancelled, refunded by line; some of it imported, some too late, much of it
// in the same minute. behind are the exposures to the experiment that is added
// while the rest arrives: nobody can have met it before.
func history(t *rapid.T) (before, behind []events.Delivery) {
	for i := range rapid.IntRange(1, 50).Draw(t, "events") {
		typ, data := anyEvent(t)
		at := moment(t)
		late := time.Duration(rapid.SampledFrom([]int{0, 0, 1, 71, 72, 73}).Draw(t, "hours late")) * time.Hour
		ds := told(t, fmt.Sprint("e", i), typ, data, at, late)
		if rapid.IntRange(0, 9).Draw(t, "imported") == 0 {
			for k := range ds {
				ds[k].Record.Imported, ds[k].Fact.Imported = true, true
			}
		}
		if strings.Contains(data, `"experiment":"late"`) {
			behind = append(behind, ds...)
		} else {
			before = append(before, ds...)
		}
	}
	return before, behind
}

// moment draws a time: half of them from a coarse grid, on which facts meet
// each other, and the edges of windows and days.
func moment(t *rapid.T) time.Time {
	if rapid.Bool().Draw(t, "coarse") {
		return opening.Add(time.Duration(rapid.IntRange(-6, 16).Draw(t, "half days")) * 12 * time.Hour)
	}
	return opening.Add(time.Duration(rapid.IntRange(-11*24*60, 12*24*60).Draw(t, "minute")) * time.Minute)
}

func pick(t *rapid.T, what string, from ...string) string {
	return rapid.SampledFrom(from).Draw(t, what)
}

// someone is the visitor of an event, as the members of its JSON.
func someone(t *rapid.T) string {
	user, device := pick(t, "user", "u1", "u1", "u1", "u2", "u3", "u0"), pick(t, "device", "u1", "u2", "d1")
	switch rapid.IntRange(0, 3).Draw(t, "who") {
	case 0:
		return fmt.Sprintf(`"anonymous_id":%q`, device)
	case 1:
		return fmt.Sprintf(`"user_id":%q,"anonymous_id":%q`, user, device)
	}
	return fmt.Sprintf(`"user_id":%q`, user)
}

func fen(t *rapid.T, what string) string {
	n := rapid.IntRange(0, 500).Draw(t, what)
	return fmt.Sprintf("%d.%02d", n/100, n%100)
}

func anyEvent(t *rapid.T) (events.Type, string) {
	switch rapid.IntRange(0, 15).Draw(t, "event") {
	case 0, 1, 2, 3:
		return events.ExperimentExposed, fmt.Sprintf(`{"experiment":%q,"variant":%q,"unit":%q,"attributes":{"tier":%q}}`,
			pick(t, "experiment", "checkout", "checkout", "app", "late"), pick(t, "variant", "control", "control", "b", "c", "nonsense"),
			pick(t, "unit", "u0", "u1", "u1", "u2", "u3", "d1"), pick(t, "tier", "gold", "iron"))
	case 4:
		return events.ProductViewed, fmt.Sprintf(`{%s,"product_id":"p","placement":%q}`, someone(t), pick(t, "placement", "red", "blue"))
	case 5:
		unit := pick(t, "unit", `"unit":"u1"`, `"unit":"u2"`, `"units":{"user":"u1"}`, `"units":{"device":"u1","user":"u2"}`, `"unit":"u3","units":{"device":"d1"}`)
		return events.MetricObserved, fmt.Sprintf(`{%s,"metric":%q,"value":%d.25}`, unit,
			pick(t, "observed", "latency", "rating", "other"), rapid.IntRange(0, 500).Draw(t, "value"))
	case 6:
		return events.CouponRedeemed, fmt.Sprintf(`{"user_id":%q,"coupon":"c","value":%q}`, pick(t, "user", "u1", "u2"), fen(t, "value"))
	case 7, 8:
		return presale(t)
	}
	return order(t)
}

func presale(t *rapid.T) (events.Type, string) {
	typ := events.DepositPaid
	if rapid.Bool().Draw(t, "balance") {
		typ = events.BalancePaid
	}
	return typ, fmt.Sprintf(`{"order_id":%q,"user_id":%q,"event":"d11","sku":%q,"quantity":%d,"total":%q}`,
		pick(t, "order", "o1", "o1", "o2"), pick(t, "user", "u1", "u1", "u2"), pick(t, "sku", "a", "b"), rapid.IntRange(1, 3).Draw(t, "pieces"), fen(t, "total"))
}

func order(t *rapid.T) (events.Type, string) {
	typ := rapid.SampledFrom([]events.Type{
		events.OrderPaid, events.OrderPaid, events.OrderPaid, events.OrderCompleted, events.OrderPlaced,
		events.OrderRefunded, events.OrderRefunded, events.OrderCancelled, events.OrderReturned,
	}).Draw(t, "type")
	sale := typ == events.OrderCompleted || typ == events.OrderPlaced || typ == events.OrderReturned
	members := []string{someone(t), fmt.Sprintf(`"order_id":%q`, pick(t, "order", "o1", "o1", "o2")), fmt.Sprintf(`"region":%q`, pick(t, "region", "north", "south"))}
	decimals := true
	if rapid.IntRange(0, 9).Draw(t, "foreign") == 0 {
		members, decimals = append(members, `"currency":"JPY"`), false
	}
	amount := func(what string) string {
		s := fen(t, what)
		if !decimals {
			s, _, _ = strings.Cut(s, ".")
		}
		return s
	}
	var lines []string
	for i := range rapid.IntRange(0, 2).Draw(t, "lines") {
		line := fmt.Sprintf(`{"sku":%q,"quantity":%d`, []string{"a", "b"}[i], rapid.IntRange(1, 3).Draw(t, "pieces"))
		if sale || rapid.Bool().Draw(t, "priced") {
			line += fmt.Sprintf(`,"price":%q`, amount("price"))
		}
		lines = append(lines, line+"}")
	}
	if sale && len(lines) == 0 {
		lines = []string{fmt.Sprintf(`{"sku":"a","quantity":1,"price":%q}`, amount("price"))}
	}
	if len(lines) > 0 {
		members = append(members, `"products":[`+strings.Join(lines, ",")+`]`)
	}
	if rapid.Bool().Draw(t, "with a total") {
		members = append(members, fmt.Sprintf(`"total":%q`, amount("total")))
	}
	return typ, "{" + strings.Join(members, ",") + "}"
}
