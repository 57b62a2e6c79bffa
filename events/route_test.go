package events

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func route(t testing.TB, e Event) []Record {
	t.Helper()
	f, err := Parse(e, "CNY")
	if err != nil {
		t.Fatal(err)
	}
	records, err := Route(e, f)
	if err != nil {
		t.Fatal(err)
	}
	return records
}

// keys writes records as kind[index]=key.
func keys(records []Record) string {
	var out []string
	for _, r := range records {
		out = append(out, fmt.Sprintf("%s[%d]=%s", r.Kind, r.Index, r.Key))
	}
	return strings.Join(out, " ")
}

// One record for each unit, for each line's SKU, for the item of a catalogue
// change; and one for what names nothing.
func TestRouteKeys(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		typ  Type
		data string
		want string
	}{
		{"exposure", ExperimentExposed, `{"experiment":"x","variant":"b","unit":"u1"}`, "unit[0]=u1"},
		{"view", ProductViewed, `{"user_id":"u1","product_id":"p1","sku":"a"}`, "user[0]=u1"},
		{"view of all units", ProductViewed, `{"user_id":"u1","anonymous_id":"d1","product_id":"p1","units":{"session":"v1","team":"t1","shop":"s1","region":"r1"}}`,
			"user[0]=u1 device[0]=d1 session[0]=v1 team[0]=t1 shop[0]=s1 region[0]=r1"},
		{"shown", Recommended, `{"anonymous_id":"d1","request":"r","product_ids":["p1","p2"]}`, "device[0]=d1"},
		{"order", OrderPlaced, `{"order_id":"o1","user_id":"u1","units":{"team":"t1"},"products":[{"sku":"a","quantity":1,"price":1},{"sku":"b","quantity":1,"price":1},{"sku":"a","quantity":2,"price":1}]}`,
			"user[0]=u1 team[0]=t1 sku[0]=a sku[1]=b sku[2]=a"},
		{"order of a stranger", OrderPaid, `{"order_id":"o1","products":[{"product_id":"p1","quantity":1}]}`, "sku[0]=p1"},
		{"whole order cancelled", OrderCancelled, `{"order_id":"o1","user_id":"u1"}`, "user[0]=u1"},
		{"order that names nothing", OrderCancelled, `{"order_id":"o1"}`, "none[0]=e1"},
		{"deposit", DepositPaid, `{"order_id":"o1","user_id":"u1","event":"d11","sku":"a","quantity":1,"total":1}`, "user[0]=u1 sku[0]=a"},
		{"stock", StockLevelled, `{"sku":"a","available":1,"version":1}`, "sku[0]=a"},
		{"coupon", CouponIssued, `{"user_id":"u1","coupon":"c"}`, "user[0]=u1"},
		{"product", ProductChanged, `{"product_id":"p1"}`, "item[0]=p1"},
		{"product's SKU", ProductChanged, `{"product_id":"p1","sku":"a"}`, "sku[0]=a"},
		{"traits", UserChanged, `{"user_id":"u1","attributes":{"tier":"gold"}}`, "user[0]=u1"},
		{"identity", UserIdentified, `{"user_id":"u1","anonymous_id":"d1"}`, "user[0]=u1 device[0]=d1"},
		{"observation", MetricObserved, `{"unit":"u1","units":{"shop":"s1"},"metric":"m","value":1}`, "shop[0]=s1 unit[0]=u1"},
		{"unknown type", "shop.opened", `{"user_id":"u1"}`, "none[0]=e1"},
		{"unknown type without data", "shop.opened", ``, "none[0]=e1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := keys(route(t, event(c.typ, c.data))); got != c.want {
				t.Errorf("%s\nwant %s", got, c.want)
			}
		})
	}
}

func TestRouteCarriesTheEvent(t *testing.T) {
	t.Parallel()
	e := event(ProductViewed, `{"user_id":"u1","product_id":"p1"}`)
	f, err := Parse(e, "CNY")
	if err != nil {
		t.Fatal(err)
	}
	f.Imported = true
	records, err := Route(e, f)
	if err != nil {
		t.Fatal(err)
	}
	want := []Record{{
		Source: "shop", ID: "e1", Kind: Kind(User), Key: "u1", Type: ProductViewed,
		Time: time.Date(2026, 11, 10, 16, 0, 0, 0, time.UTC), Imported: true, Data: e.Data,
	}}
	if diff := cmp.Diff(want, records); diff != "" {
		t.Error(diff)
	}
}

// A retry after a half-written batch must find the same ids.
func TestRouteAgainGivesTheSame(t *testing.T) {
	t.Parallel()
	for _, c := range readings() {
		for _, typ := range c.types {
			e := event(typ, c.data)
			first := route(t, e)
			seen := map[RecordID]bool{}
			for range 3 {
				if again := route(t, e); !reflect.DeepEqual(first, again) {
					t.Fatalf("%+v, then %+v", first, again)
				}
			}
			for _, r := range first {
				if id := r.RecordID(); seen[id] {
					t.Errorf("%s %s: two records have one id", typ, c.name)
				} else {
					seen[id] = true
				}
			}
		}
	}
}

// A SKU's record holds only its own line, without the whole order's total, and
// with everything else as it was sent.
func TestRouteNarrowsOrders(t *testing.T) {
	t.Parallel()
	two := `[{"sku":"a","quantity":1,"price":1.50,"color":"red"},{"sku":"b","quantity":2,"price":2}]`
	for _, c := range []struct {
		name, data string
		want       []string // of the SKUs' records
	}{
		{"unknown fields stay, the total goes", `{"order_id":"o1","gift":{"wrap":true},"total":9.99,"products":` + two + `,"note":"<b>&"}`, []string{
			`{"order_id":"o1","gift":{"wrap":true},"products":[{"sku":"a","quantity":1,"price":1.50,"color":"red"}],"note":"<b>&"}`,
			`{"order_id":"o1","gift":{"wrap":true},"products":[{"sku":"b","quantity":2,"price":2}],"note":"<b>&"}`,
		}},
		{"products first", `{"products":` + two + `,"order_id":"o1"}`, []string{
			`{"products":[{"sku":"a","quantity":1,"price":1.50,"color":"red"}],"order_id":"o1"}`,
			`{"products":[{"sku":"b","quantity":2,"price":2}],"order_id":"o1"}`,
		}},
		{"products by an escape, braces and brackets in strings", `{"a]}\"":"[{\\","order_id":"o1","produc\u0074s":` + two + `,"b":[[],{"c":[1,{}]},"]"],"d":{}}`, []string{
			`{"a]}\"":"[{\\","order_id":"o1","produc\u0074s":[{"sku":"a","quantity":1,"price":1.50,"color":"red"}],"b":[[],{"c":[1,{}]},"]"],"d":{}}`,
			`{"a]}\"":"[{\\","order_id":"o1","produc\u0074s":[{"sku":"b","quantity":2,"price":2}],"b":[[],{"c":[1,{}]},"]"],"d":{}}`,
		}},
		{"products last, in capitals; total in capitals", `{"order_id":"o1","TOTAL":1,"Products":` + two + `}`, []string{
			`{"order_id":"o1","Products":[{"sku":"a","quantity":1,"price":1.50,"color":"red"}]}`,
			`{"order_id":"o1","Products":[{"sku":"b","quantity":2,"price":2}]}`,
		}},
		{"a total that comes twice", `{"total":1,"order_id":"o1","total":2,"products":` + two + `}`, []string{
			`{"order_id":"o1","products":[{"sku":"a","quantity":1,"price":1.50,"color":"red"}]}`,
			`{"order_id":"o1","products":[{"sku":"b","quantity":2,"price":2}]}`,
		}},
		{"the later of two currencies stays the later", `{"order_id":"o1","currency":"JPY","CURRENCY":"CNY","products":` + two + `}`, []string{
			`{"order_id":"o1","currency":"JPY","CURRENCY":"CNY","products":[{"sku":"a","quantity":1,"price":1.50,"color":"red"}]}`,
			`{"order_id":"o1","currency":"JPY","CURRENCY":"CNY","products":[{"sku":"b","quantity":2,"price":2}]}`,
		}},
		{"no products, then some", `{"products":null,"order_id":"o1","products":` + two + `}`, []string{
			`{"order_id":"o1","products":[{"sku":"a","quantity":1,"price":1.50,"color":"red"}]}`,
			`{"order_id":"o1","products":[{"sku":"b","quantity":2,"price":2}]}`,
		}},
		{"blanks", "{ \"order_id\" : \"o1\" ,\n\"products\" : " + two + " }", []string{
			`{"order_id":"o1","products":[{"sku":"a","quantity":1,"price":1.50,"color":"red"}]}`,
			`{"order_id":"o1","products":[{"sku":"b","quantity":2,"price":2}]}`,
		}},
		{"one line stays as it was sent", `{"order_id":"o1","total":9.99,"products":[{"sku":"a","quantity":1,"price":1}]}`, []string{
			`{"order_id":"o1","total":9.99,"products":[{"sku":"a","quantity":1,"price":1}]}`,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, r := range route(t, event(OrderPlaced, c.data)) {
				if !json.Valid(r.Data) {
					t.Errorf("not JSON: %s", r.Data)
				}
				got = append(got, string(r.Data))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The user's record keeps the whole order.
func TestRouteKeepsTheUsersOrderWhole(t *testing.T) {
	t.Parallel()
	e := event(OrderPaid, `{"order_id":"o1","user_id":"u1","total":9.99,"products":[{"sku":"a","quantity":1,"price":1},{"sku":"b","quantity":1,"price":1}]}`)
	if got := route(t, e)[0]; got.Kind != Kind(User) || string(got.Data) != string(e.Data) {
		t.Errorf("%+v", got)
	}
}

// Lines that each repeat a long note would be gigabytes.
func TestRouteRefusesToMultiplyWithoutEnd(t *testing.T) {
	t.Parallel()
	line := `{"sku":"a","quantity":1,"price":1}`
	data := `{"order_id":"o1","note":"` + strings.Repeat("x", 70_000) + `","products":[` + line + strings.Repeat(","+line, 999) + `]}`
	e := event(OrderPlaced, data)
	f, err := Parse(e, "CNY")
	if err != nil {
		t.Fatal(err)
	}
	_, err = Route(e, f)
	checkProblem(t, err, "data", "is too large beside its 1000 products")
}

func TestRouteRefusesAnotherEventsFact(t *testing.T) {
	t.Parallel()
	line := `{"sku":"a","quantity":1,"price":1}`
	f, err := Parse(event(OrderPlaced, `{"order_id":"o1","products":[`+line+`,`+line+`]}`), "CNY")
	if err != nil {
		t.Fatal(err)
	}
	for _, data := range []string{`{"order_id":"o1","products":[` + line + `,` + line + `,` + line + `]}`, `{"order_id":"o1"}`, `[]`, `{"order_id":`, ``} {
		if records, err := Route(event(OrderPlaced, data), f); err == nil {
			t.Errorf("%s was routed as %s", data, keys(records))
		}
	}
}
