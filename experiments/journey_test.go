package experiments

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peakday/peakday/events"
)

// visitor is a unit's facts as "type@hours" after the opening.
func visitor(unit string, at ...any) (out []UnitFact) {
	for i := 0; i < len(at); i += 3 {
		data := fmt.Sprintf(`{"user_id":%q,"product_id":%q}`, unit, at[i+2])
		typ := at[i].(events.Type)
		switch typ {
		case events.OrderPlaced, events.OrderPaid, events.OrderCompleted:
			data = fmt.Sprintf(`{"user_id":%q,"order_id":"o-%s-%s","products":[{"product_id":%q,"sku":"k","quantity":1,"price":"9"}]}`, unit, unit, at[i+2], at[i+2])
		case events.DepositPaid, events.BalancePaid:
			data = fmt.Sprintf(`{"user_id":%q,"order_id":"o-%s-%s","event":"11.11","sku":"k","quantity":1,"total":"9"}`, unit, unit, at[i+2])
		}
		out = append(out, UnitFact{
			Unit: events.Unit{Kind: events.User, ID: events.UnitID(unit)}, ID: events.RecordID{Hi: int64(i)}, Type: typ,
			At: opening.Add(time.Duration(at[i+1].(float64) * float64(time.Hour))), Raw: []byte(data),
		})
	}
	return out
}

func shopOfVisitors() archive {
	const viewed, added, placed, paid = events.ProductViewed, events.ProductAdded, events.OrderPlaced, events.OrderPaid
	var a archive
	for _, v := range [][]UnitFact{
		visitor("all the way", viewed, 1., "p", added, 2., "p", placed, 5., "p", paid, 6., "p"),
		visitor("too slow", viewed, 1., "p", added, 26., "p", placed, 27., "p"),
		visitor("looked again in time", viewed, 1., "p", viewed, 25., "p", added, 26., "p"),
		visitor("out of order", added, 1., "p", viewed, 2., "p"),
		visitor("presale", viewed, 3., "q", added, 3.5, "q", placed, 4., "q", events.DepositPaid, 4.1, "q", events.BalancePaid, 200., "q"),
		visitor("ordered one, paid another", viewed, 1., "p", added, 2., "p", placed, 3., "p", events.BalancePaid, 4., "q"),
		visitor("an old shop's", viewed, 30., "p", added, 31., "p", events.OrderCompleted, 32., "p"),
		visitor("before", viewed, -5., "p", added, 1., "p"),
		visitor("later", viewed, 49., "p"),
	} {
		a.facts = append(a.facts, v...)
	}
	return a
}

func twoDays() JourneyQuery {
	return JourneyQuery{From: opening, To: opening.Add(48 * time.Hour), Zone: time.UTC, Shop: "CNY"}
}

func TestJourneys(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		ask  func(*JourneyQuery)
		want []int64
	}{
		{"all", func(*JourneyQuery) {}, []int64{7, 5, 4, 4}},
		{"one product", func(q *JourneyQuery) { q.Item = "p" }, []int64{6, 4, 3, 2}},
		{"the other", func(q *JourneyQuery) { q.Item = "q" }, []int64{1, 1, 1, 1}},
		{"by day", func(q *JourneyQuery) {
			q.ByDay, q.Zone = true, time.FixedZone("opening", -int(opening.Sub(opening.Truncate(24*time.Hour)).Seconds()))
		}, []int64{6, 4, 3, 3, 1, 1, 1, 1}},
		{"devices", func(q *JourneyQuery) { q.Unit = events.Device }, []int64{0, 0, 0, 0}},
		{"a balance takes too long", func(q *JourneyQuery) {
			q.Steps = ShopSteps()
			q.Steps[3].Within = Hours(24 * time.Hour)
		}, []int64{7, 5, 4, 3}},
	} {
		q := twoDays()
		c.ask(&q)
		got, err := Journeys(t.Context(), shopOfVisitors(), q)
		mustDo(t, err)
		var units []int64
		for _, s := range got {
			units = append(units, s.Units)
		}
		if diff := cmp.Diff(c.want, units); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestJourneyShares(t *testing.T) {
	t.Parallel()
	got, err := Journeys(t.Context(), shopOfVisitors(), twoDays())
	mustDo(t, err)
	half := func(h float64) *float64 { return &h }
	want := []JourneyStep{
		{"", "viewed", events.ProductViewed, 0, 7, 1, 1, half(0)},
		{"", "added", events.ProductAdded, Hours(24 * time.Hour), 5, 5. / 7, 5. / 7, half(1)},
		{"", "ordered", events.OrderPlaced, Hours(72 * time.Hour), 4, 4. / 7, 4. / 5, half(2)},
		{"", "paid", events.OrderPaid, Hours(360 * time.Hour), 4, 4. / 7, 1, half(4)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestJourneyQueriesThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		field string
		ask   func(*JourneyQuery)
	}{
		"backwards":       {"to", func(q *JourneyQuery) { q.To = q.From.Add(-time.Hour) }},
		"a year":          {"to", func(q *JourneyQuery) { q.To = q.From.Add(366 * 24 * time.Hour) }},
		"one step":        {"steps", func(q *JourneyQuery) { q.Steps = ShopSteps()[:1] }},
		"no limit":        {"within", func(q *JourneyQuery) { q.Steps = ShopSteps(); q.Steps[2].Within = 0 }},
		"not of a unit":   {"steps[0].event", func(q *JourneyQuery) { q.Steps = ShopSteps(); q.Steps[0].Event = events.StockLevelled }},
		"no unit's kind":  {"identity", func(q *JourneyQuery) { q.Unit = "cat" }},
		"longer than all": {"window", func(q *JourneyQuery) { q.Steps = ShopSteps(); q.Steps[1].Within = 2 * longest }},
	} {
		q := twoDays()
		c.ask(&q)
		_, err := Journeys(t.Context(), archive{}, q)
		var invalid *events.Invalid
		if !errors.As(err, &invalid) || invalid.Field != c.field {
			t.Errorf("%s: %v", name, err)
		}
	}
}
