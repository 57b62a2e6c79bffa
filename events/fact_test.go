package events

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// declaredTypes reads the constants of Type from the source, so that no table
// below can miss one.
func declaredTypes(t testing.TB) (all []Type) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "fact.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); !ok || name.Name != "Type" {
			return true
		}
		s, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, Type(s))
		return true
	})
	return all
}

// The types of the contract and which of them browsers may send.
func TestTypes(t *testing.T) {
	t.Parallel()
	trusted := map[Type]bool{
		"experiment.exposed": false,
		"product.viewed":     false, "product.clicked": false, "product.favorited": false,
		"product.added": false, "product.removed": false, "recommendation.shown": false,
		"order.placed": true, "order.paid": true, "order.completed": true, "order.payment_failed": true,
		"order.cancelled": true, "order.refunded": true, "order.returned": true,
		"presale.deposit_paid": true, "presale.balance_paid": true,
		"stock.level": true, "stock.adjusted": true,
		"coupon.issued": true, "coupon.redeemed": true,
		"product.changed": true, "user.changed": true, "user.identified": true, "metric.observed": true,
	}
	declared := declaredTypes(t)
	if len(declared) != len(trusted) {
		t.Errorf("%d types are declared, the table has %d", len(declared), len(trusted))
	}
	for _, typ := range declared {
		want, listed := trusted[typ]
		if !listed || !typ.Known() || typ.Trusted() != want {
			t.Errorf("%s: listed %v, known %v, trusted %v", typ, listed, typ.Known(), typ.Trusted())
		}
	}
	for _, typ := range []Type{"", "product", "product.", "Product.Viewed", "shop.opened"} {
		if typ.Known() || !typ.Trusted() {
			t.Errorf("%q: known %v, trusted %v; want an unknown type to need trust", typ, typ.Known(), typ.Trusted())
		}
	}
}

// reading is a type with data and what Parse makes of it, for a shop in CNY.
type reading struct {
	name  string
	types []Type // all of them give want
	data  string
	want  Data
	units string // kind:id, space between
}

func ptr[T any](v T) *T { return &v }

func readings() []reading {
	behaviour := []Type{ProductViewed, ProductClicked, ProductFavorited, ProductAdded, ProductRemoved}
	orders := []Type{OrderPlaced, OrderPaid, OrderCompleted, OrderPaymentFailed, OrderCancelled, OrderRefunded, OrderReturned}
	back := []Type{OrderPaid, OrderPaymentFailed, OrderCancelled, OrderRefunded}
	payments := []Type{DepositPaid, BalancePaid}
	coupons := []Type{CouponIssued, CouponRedeemed}
	shirt := Line{Item: "p1", SKU: "p1-red", Quantity: 2, Price: 9950}
	return []reading{
		{"exposure", []Type{ExperimentExposed}, `{"experiment":"checkout","variant":"b","unit":"u1","version":3,"attributes":{"tier":"gold","age":31}}`,
			&Exposure{"checkout", "b", "u1", 3, map[string]any{"tier": "gold", "age": 31.0}}, "unit:u1"},
		{"least exposure", []Type{ExperimentExposed}, `{"experiment":"checkout","variant":"b","unit":"u1"}`,
			&Exposure{Experiment: "checkout", Variant: "b", Unit: "u1"}, "unit:u1"},

		{"behaviour", behaviour, `{"user_id":"u1","anonymous_id":"d1","session_id":"s1","product_id":"p1","sku":"p1-red","quantity":2,"price":"99.50","placement":"home","request":"r1","units":{"team":"t1"}}`,
			&Behaviour{Who{"u1", "d1", []Unit{{Team, "t1"}}}, "s1", "p1", "p1-red", 2, 9950, "home", "r1"}, "user:u1 device:d1 team:t1"},
		{"least behaviour", behaviour, `{"anonymous_id":"d1","product_id":"p1"}`,
			&Behaviour{Who: Who{Device: "d1"}, Item: "p1", Quantity: 1}, "device:d1"},
		{"fields that nobody knows", behaviour, `{"user_id":"u1","product_id":"p1","url":"https://shop.example/p1","position":3}`,
			&Behaviour{Who: Who{User: "u1"}, Item: "p1", Quantity: 1}, "user:u1"},
		{"names in any case, as Go reads them", behaviour, `{"User_ID":"u1","PRODUCT_ID":"p1"}`,
			&Behaviour{Who: Who{User: "u1"}, Item: "p1", Quantity: 1}, "user:u1"},

		{"shown", []Type{Recommended}, `{"user_id":"u1","request":"r1","placement":"home","product_ids":["p1","p2"]}`,
			&Shown{Who{User: "u1"}, "r1", "home", []ItemID{"p1", "p2"}}, "user:u1"},

		{"order", orders, `{"order_id":"o1","user_id":"u1","currency":"CNY","region":"east","total":209,"coupon":"c1","products":[{"product_id":"p1","sku":"p1-red","title":"T-shirt","quantity":2,"price":99.5,"request":"r1"}],"reason":"late","presale":{"event":"double11","deposit":20},"units":{"shop":"s9"}}`,
			&Order{Who{User: "u1", Others: []Unit{{Shop, "s9"}}}, "o1", "CNY", "east", 20900, "c1",
				[]Line{{"p1", "p1-red", "T-shirt", 2, 9950, "r1"}}, "late", &Presale{"double11", 2000}}, "user:u1 shop:s9"},
		{"order without a total: the lines'", orders, `{"order_id":"o1","products":[{"product_id":"p1","sku":"p1-red","quantity":2,"price":99.5},{"product_id":"p2","quantity":1,"price":0}]}`,
			&Order{Order: "o1", Currency: "CNY", Total: 19900, Lines: []Line{shirt, {"p2", "p2", "", 1, 0, ""}}}, ""},
		{"order in another currency", orders, `{"order_id":"o1","currency":"JPY","total":"1990","products":[{"sku":"p1","quantity":1,"price":"1990"}]}`,
			&Order{Order: "o1", Currency: "JPY", Total: 1990, Lines: []Line{{"p1", "p1", "", 1, 1990, ""}}}, ""},
		{"order in dinars", orders, `{"order_id":"o1","currency":"KWD","products":[{"sku":"p1","quantity":3,"price":1.125}]}`,
			&Order{Order: "o1", Currency: "KWD", Total: 3375, Lines: []Line{{"p1", "p1", "", 3, 1125, ""}}}, ""},
		{"the same SKU on two lines", orders, `{"order_id":"o1","products":[{"sku":"a","quantity":1,"price":2},{"sku":"a","quantity":1,"price":1}]}`,
			&Order{Order: "o1", Currency: "CNY", Total: 300, Lines: []Line{{"a", "a", "", 1, 200, ""}, {"a", "a", "", 1, 100, ""}}}, ""},
		{"a whole order taken back", back, `{"order_id":"o1"}`, &Order{Order: "o1", Currency: "CNY"}, ""},
		{"no products is none", back, `{"order_id":"o1","products":null,"total":5}`, &Order{Order: "o1", Currency: "CNY", Total: 500}, ""},
		{"a line taken back without its price", back, `{"order_id":"o1","products":[{"sku":"a","quantity":1}]}`,
			&Order{Order: "o1", Currency: "CNY", Lines: []Line{{"a", "a", "", 1, 0, ""}}}, ""},

		{"payment", payments, `{"order_id":"o1","user_id":"u1","event":"double11","sku":"a","quantity":2,"total":"40.00"}`,
			&Payment{Who{User: "u1"}, "o1", "double11", "a", 2, 4000}, "user:u1"},

		{"level by version", []Type{StockLevelled}, `{"sku":"a","location_id":"w1","region":"east","available":10,"version":7,"reason":"count"}`,
			&Stock{"a", "w1", "east", 10, 7, "count"}, ""},
		{"level by time", []Type{StockLevelled}, `{"sku":"a","available":0,"updated_at":"2026-11-11T00:00:00.000001+08:00"}`,
			&Stock{"a", "default", "default", 0, 1794326400_000001, ""}, ""},
		{"change", []Type{StockAdjusted}, `{"sku":"a","location_id":"w1","delta":-3,"version":0}`,
			&Stock{"a", "w1", "w1", -3, 0, ""}, ""},

		{"coupon", coupons, `{"user_id":"u1","coupon":"11.11-50","value":50}`, &Coupon{"u1", "11.11-50", 5000}, "user:u1"},
		{"coupon without a value", coupons, `{"user_id":"u1","coupon":"c"}`, &Coupon{"u1", "c", 0}, "user:u1"},

		{"product", []Type{ProductChanged}, `{"product_id":"p1","title":"T-shirt","category":"tops","brand":"B","price":99.5,"attributes":{"fit":"slim"},"regions":["east"],"published":false}`,
			&Product{"p1", "", ptr("T-shirt"), ptr("tops"), ptr("B"), ptr(Money(9950)), map[string]any{"fit": "slim"}, []string{"east"}, ptr(false)}, ""},
		{"one field of a SKU", []Type{ProductChanged}, `{"product_id":"p1","sku":"p1-red","price":"0"}`,
			&Product{Item: "p1", SKU: "p1-red", Price: ptr(Money(0))}, ""},

		{"traits", []Type{UserChanged}, `{"user_id":"u1","attributes":{"tier":"gold"}}`,
			&Traits{"u1", map[string]any{"tier": "gold"}}, "user:u1"},
		{"identity", []Type{UserIdentified}, `{"anonymous_id":"d1","user_id":"u1"}`, &Identity{"d1", "u1"}, "user:u1 device:d1"},

		{"observation of a bare unit", []Type{MetricObserved}, `{"unit":"u1","metric":"latency_ms","value":12.75}`,
			&Observation{[]Unit{{AnyUnit, "u1"}}, "latency_ms", 12.75}, "unit:u1"},
		{"observation of units", []Type{MetricObserved}, `{"units":{"team":"t1","user":"u1"},"metric":"rating","value":-1e12}`,
			&Observation{[]Unit{{User, "u1"}, {Team, "t1"}}, "rating", -1e12}, "user:u1 team:t1"},

		{"a type that nobody knows", []Type{"shop.opened"}, `{"user_id":"u1","when":"never"}`, &Unknown{}, ""},
		{"a type that nobody knows, with data that says nothing", []Type{"shop.opened"}, ``, &Unknown{}, ""},
	}
}

func event(t Type, data string) Event {
	return Event{ID: "e1", Source: "shop", Type: string(t), Time: time.Date(2026, 11, 10, 16, 0, 0, 0, time.UTC), Data: []byte(data)}
}

func TestParse(t *testing.T) {
	t.Parallel()
	seen := map[Type]bool{}
	for _, c := range readings() {
		for _, typ := range c.types {
			seen[typ] = true
			t.Run(c.name+"/"+string(typ), func(t *testing.T) {
				t.Parallel()
				e := event(typ, c.data)
				f, err := Parse(e, "CNY")
				if err != nil {
					t.Fatal(err)
				}
				want := Fact{Source: e.Source, ID: e.ID, Type: typ, Time: e.Time, Data: c.want}
				if diff := cmp.Diff(want, f); diff != "" {
					t.Error(diff)
				}
				if got := spell(f.Units()); got != c.units {
					t.Errorf("units %q, want %q", got, c.units)
				}
			})
		}
	}
	for _, typ := range declaredTypes(t) {
		if !seen[typ] {
			t.Errorf("%s is not in the table", typ)
		}
	}
}

func spell(units []Unit) string {
	var out []string
	for _, u := range units {
		out = append(out, string(u.Kind)+":"+string(u.ID))
	}
	return strings.Join(out, " ")
}

// fault is a way in which data can be bad, and what is said of it.
type fault struct{ name, data, field, problem string }

// Every way in which data can be bad, by family of types.
func TestParseRefuses(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 257)
	who := []fault{
		{"user that is no string", `{"user_id":7,"product_id":"p1"}`, "data.user_id", "must be a string, got number"},
		{"long user", `{"user_id":"` + long + `","product_id":"p1"}`, "data.user_id", "at most 256 bytes"},
		{"device with a newline", `{"anonymous_id":"a\nb","product_id":"p1"}`, "data.anonymous_id", "control characters"},
		{"units that are no object", `{"user_id":"u1","units":["t1"]}`, "data.units", `must be an object of ids such as {"team":"t1"}`},
		{"a unit that is no string", `{"user_id":"u1","units":{"team":7}}`, "data.units", "must be an object of ids"},
		{"a unit of no kind", `{"user_id":"u1","units":{"household":"h1","zoo":"z1"}}`, "data.units", `must name user, device, session, team, shop or region, got "household"`},
		{"the kind unit", `{"user_id":"u1","units":{"unit":"h1"}}`, "data.units", `got "unit"`},
		{"a unit without an id", `{"user_id":"u1","units":{"team":""}}`, "data.units.team", "is required"},
		{"a long unit", `{"user_id":"u1","units":{"team":"` + long + `"}}`, "data.units.team", "at most 256 bytes"},
	}
	someone := append(slices.Clone(who),
		fault{"nobody", `{"product_id":"p1"}`, "data.user_id", "or anonymous_id is required"},
		fault{"only a team", `{"product_id":"p1","units":{"team":"t1"}}`, "data.user_id", "or anonymous_id is required"})
	order := append(slices.Clone(who),
		fault{"no order", `{"products":[{"sku":"a","quantity":1,"price":1}]}`, "data.order_id", "is required"},
		fault{"order with a control character", `{"order_id":"a\u0001"}`, "data.order_id", "control characters"},
		fault{"currency in small letters", `{"order_id":"o1","currency":"cny"}`, "data.currency", `must be an ISO 4217 code such as CNY, got "cny"`},
		fault{"long region", `{"order_id":"o1","region":"` + long + `"}`, "data.region", "at most 256 bytes"},
		fault{"long coupon", `{"order_id":"o1","coupon":"` + long + `"}`, "data.coupon", "at most 256 bytes"},
		fault{"products that are no list", `{"order_id":"o1","products":{"sku":"a"}}`, "data.products", "must be an array, got object"},
		fault{"a product that is no object", `{"order_id":"o1","products":[{"sku":"a","quantity":1,"price":1},7]}`, "data.products[1]", "must be an object, got number"},
		fault{"products twice", `{"order_id":"o1","products":[{"sku":"a","quantity":2,"price":1}],"Products":[{"sku":"b"}]}`, "data.products", "must be there once"},
		fault{"a product without an id", `{"order_id":"o1","products":[{"quantity":1,"price":1}]}`, "data.products[0].product_id", "is required"},
		fault{"a long SKU", `{"order_id":"o1","products":[{"product_id":"p","sku":"` + long + `","quantity":1,"price":1}]}`, "data.products[0].sku", "at most 256 bytes"},
		fault{"no quantity", `{"order_id":"o1","products":[{"sku":"a","price":1}]}`, "data.products[0].quantity", "is required"},
		fault{"quantity 0", `{"order_id":"o1","products":[{"sku":"a","quantity":0,"price":1}]}`, "data.products[0].quantity", "must be 1 to 1000000000, got 0"},
		fault{"negative quantity", `{"order_id":"o1","products":[{"sku":"z","quantity":1,"price":1},{"sku":"a","quantity":-2,"price":1}]}`, "data.products[1].quantity", "must be 1 to 1000000000, got -2"},
		fault{"huge quantity", `{"order_id":"o1","products":[{"sku":"a","quantity":1000000001,"price":1}]}`, "data.products[0].quantity", "must be 1 to 1000000000"},
		fault{"half a piece", `{"order_id":"o1","products":[{"sku":"a","quantity":1.5,"price":1}]}`, "data.products[0].quantity", "must be a whole number, got number 1.5"},
		fault{"quantity as a string", `{"order_id":"o1","products":[{"sku":"z","quantity":1,"price":1},{"sku":"a","quantity":"2","price":1}]}`, "data.products[1].quantity", "must be a whole number, got string"},
		fault{"quantity beyond 64 bits", `{"order_id":"o1","products":[{"sku":"a","quantity":99999999999999999999,"price":1}]}`, "data.products[0].quantity", "must be a whole number"},
		fault{"negative price", `{"order_id":"o1","products":[{"sku":"a","quantity":1,"price":-0.01}]}`, "data.products[0].price", "must not be negative, got -0.01"},
		fault{"too fine a price", `{"order_id":"o1","products":[{"sku":"a","quantity":1,"price":1.999}]}`, "data.products[0].price", "must have at most 2 decimals in CNY, got 3"},
		fault{"a price that is a word", `{"order_id":"o1","products":[{"sku":"z","quantity":1,"price":1},{"sku":"a","quantity":1,"price":"free"}]}`, "data.products[1].price", `must be a decimal number, got "free"`},
		fault{"cents of a yen", `{"order_id":"o1","currency":"JPY","products":[{"sku":"a","quantity":1,"price":0.5}]}`, "data.products[0].price", "must have at most 0 decimals in JPY, got 1"},
		fault{"a line beyond 64 bits", `{"order_id":"o1","products":[{"sku":"a","quantity":1000000000,"price":92233720368.55}]}`, "data.products[0].price", "times quantity is too large"},
		fault{"lines beyond 64 bits", `{"order_id":"o1","products":[{"sku":"a","quantity":1,"price":92233720368547758.07},{"sku":"b","quantity":1,"price":0.01}]}`, "data.products", "add up to more than 64 bits"},
		fault{"too many products", `{"order_id":"o1","products":[{}` + strings.Repeat(",{}", maxLines) + `]}`, "data.products", "must name 1 to 10000 products, got 10001"},
		fault{"negative total", `{"order_id":"o1","total":-1,"products":[{"sku":"a","quantity":1,"price":1}]}`, "data.total", "must not be negative, got -1.00"},
		fault{"a total that is a word", `{"order_id":"o1","total":"much","products":[{"sku":"a","quantity":1,"price":1}]}`, "data.total", "must be a decimal number"},
		fault{"presale without its event", `{"order_id":"o1","presale":{"deposit":1},"products":[{"sku":"a","quantity":1,"price":1}]}`, "data.presale.event", "must be 1 to 64 characters"},
		fault{"presale of a strange event", `{"order_id":"o1","presale":{"event":"双11"},"products":[{"sku":"a","quantity":1,"price":1}]}`, "data.presale.event", "must be 1 to 64 characters"},
		fault{"presale with a bad deposit", `{"order_id":"o1","presale":{"event":"d11","deposit":0.001},"products":[{"sku":"a","quantity":1,"price":1}]}`, "data.presale.deposit", "must have at most 2 decimals"},
		fault{"presale that is no object", `{"order_id":"o1","presale":true}`, "data.presale", "must be an object, got bool"})
	sale := append(slices.Clone(order),
		fault{"a sale of nothing", `{"order_id":"o1"}`, "data.products", "must name 1 to 10000 products, got 0"},
		fault{"a sale without a price", `{"order_id":"o1","products":[{"sku":"a","quantity":1}]}`, "data.products[0].price", "is required"})
	families := []struct {
		types  []Type
		faults []fault
	}{
		{declaredTypes(t), []fault{
			{"no data", ``, "data", "is required for"},
			{"data that is no object", `["u1"]`, "data", "must be an object, got array"},
			{"data in half", `{"user_id":`, "data", "must be JSON: unexpected end of JSON input at byte 11"},
			{"not UTF-8", "{\"user_id\":\"u1\",\"title\":\"\xb5\xc4\"}", "data", "must be UTF-8"},
			{"a NUL", `{"user_id":"u1","title":"a\\\u0000"}`, "data", "must not contain the character U+0000"},
			{"a NUL behind what only looks like one", `{"user_id":"u1","title":"\\u0000 \u0000"}`, "data", "must not contain the character U+0000"},
		}},
		{[]Type{ExperimentExposed}, []fault{
			{"no experiment", `{"variant":"b","unit":"u1"}`, "data.experiment", "must be 1 to 64 characters"},
			{"strange variant", `{"experiment":"x","variant":"b b","unit":"u1"}`, "data.variant", `got "b b"`},
			{"no unit", `{"experiment":"x","variant":"b"}`, "data.unit", "is required"},
			{"version as a string", `{"experiment":"x","variant":"b","unit":"u1","version":"1"}`, "data.version", "must be a whole number, got string"},
			{"negative version", `{"experiment":"x","variant":"b","unit":"u1","version":-1}`, "data.version", "must not be negative, got -1"},
			{"attributes in a list", `{"experiment":"x","variant":"b","unit":"u1","attributes":["gold"]}`, "data.attributes", "must be an object, got array"},
			{"a number beyond a float", `{"experiment":"x","variant":"b","unit":"u1","attributes":{"n":1e999}}`, "data.attributes", "must be a number, got number 1e999"},
		}},
		{[]Type{ProductViewed, ProductClicked, ProductFavorited, ProductAdded, ProductRemoved}, append(slices.Clone(someone),
			fault{"no product", `{"user_id":"u1"}`, "data.product_id", "is required"},
			fault{"product as a number", `{"user_id":"u1","product_id":5}`, "data.product_id", "must be a string, got number"},
			fault{"long SKU", `{"user_id":"u1","product_id":"p1","sku":"` + long + `"}`, "data.sku", "at most 256 bytes"},
			fault{"long session", `{"user_id":"u1","product_id":"p1","session_id":"` + long + `"}`, "data.session_id", "at most 256 bytes"},
			fault{"long placement", `{"user_id":"u1","product_id":"p1","placement":"` + long + `"}`, "data.placement", "at most 256 bytes"},
			fault{"long request", `{"user_id":"u1","product_id":"p1","request":"` + long + `"}`, "data.request", "at most 256 bytes"},
			fault{"quantity 0", `{"user_id":"u1","product_id":"p1","quantity":0}`, "data.quantity", "must be 1 to 1000000000, got 0"},
			fault{"half a quantity", `{"user_id":"u1","product_id":"p1","quantity":0.5}`, "data.quantity", "must be a whole number, got number 0.5"},
			fault{"negative price", `{"user_id":"u1","product_id":"p1","price":-5}`, "data.price", "must not be negative, got -5.00"},
			fault{"too fine a price", `{"user_id":"u1","product_id":"p1","price":"1.001"}`, "data.price", "must have at most 2 decimals in CNY, got 3"},
		)},
		{[]Type{Recommended}, append(slices.Clone(someone),
			fault{"no request", `{"user_id":"u1","product_ids":["p1"]}`, "data.request", "is required"},
			fault{"long placement", `{"user_id":"u1","request":"r","placement":"` + long + `","product_ids":["p1"]}`, "data.placement", "at most 256 bytes"},
			fault{"nothing shown", `{"user_id":"u1","request":"r","product_ids":[]}`, "data.product_ids", "must name 1 to 500 products, got 0"},
			fault{"too much shown", `{"user_id":"u1","request":"r","product_ids":["p"` + strings.Repeat(`,"p"`, 500) + `]}`, "data.product_ids", "must name 1 to 500 products, got 501"},
			fault{"an empty product", `{"user_id":"u1","request":"r","product_ids":["p",""]}`, "data.product_ids[1]", "is required"},
			fault{"a product as a number", `{"user_id":"u1","request":"r","product_ids":["p",5]}`, "data.product_ids", "must be a string, got number"},
		)},
		{[]Type{OrderPlaced, OrderCompleted, OrderReturned}, sale},
		{[]Type{OrderPaid, OrderPaymentFailed, OrderCancelled, OrderRefunded}, order},
		{[]Type{DepositPaid, BalancePaid}, []fault{
			{"nobody", `{"order_id":"o","event":"e","sku":"a","quantity":1,"total":1}`, "data.user_id", "is required"},
			{"a strange unit", `{"user_id":"u","units":{"x":"y"}}`, "data.units", "must name user"},
			{"no order", `{"user_id":"u","event":"e","sku":"a","quantity":1,"total":1}`, "data.order_id", "is required"},
			{"no event", `{"user_id":"u","order_id":"o","sku":"a","quantity":1,"total":1}`, "data.event", "must be 1 to 64 characters"},
			{"no SKU", `{"user_id":"u","order_id":"o","event":"e","quantity":1,"total":1}`, "data.sku", "is required"},
			{"no quantity", `{"user_id":"u","order_id":"o","event":"e","sku":"a","total":1}`, "data.quantity", "must be 1 to 1000000000, got 0"},
			{"no total", `{"user_id":"u","order_id":"o","event":"e","sku":"a","quantity":1}`, "data.total", "is required"},
			{"too fine a total", `{"user_id":"u","order_id":"o","event":"e","sku":"a","quantity":1,"total":0.125}`, "data.total", "must have at most 2 decimals"},
			{"negative total", `{"user_id":"u","order_id":"o","event":"e","sku":"a","quantity":1,"total":-1}`, "data.total", "must not be negative"},
		}},
		{[]Type{StockLevelled, StockAdjusted}, []fault{
			{"no SKU", `{"available":1,"delta":1,"version":1}`, "data.sku", "is required"},
			{"long location", `{"sku":"a","location_id":"` + long + `","version":1}`, "data.location_id", "at most 256 bytes"},
			{"long region", `{"sku":"a","region":"` + long + `","version":1}`, "data.region", "at most 256 bytes"},
			{"no version", `{"sku":"a","available":1,"delta":1}`, "data.version", "or updated_at is required"},
			{"negative version", `{"sku":"a","available":1,"delta":1,"version":-1}`, "data.version", "must not be negative, got -1"},
			{"updated_at as a number", `{"sku":"a","available":1,"delta":1,"updated_at":1794326400}`, "data.updated_at", "must be a string, got number"},
			{"updated_at without a zone", `{"sku":"a","available":1,"delta":1,"updated_at":"2026-11-11 00:00:00"}`, "data.updated_at", `must be RFC 3339 such as 2026-11-11T00:00:00+08:00, got "2026-11-11 00:00:00"`},
			{"updated_at in the year 1", `{"sku":"a","available":1,"delta":1,"updated_at":"0001-01-01T00:00:00Z"}`, "data.updated_at", "must be between 1970 and 2200, got year 1"},
			{"half a piece", `{"sku":"a","available":1.5,"delta":1.5,"version":1}`, "data.available", "must be a whole number, got number 1.5"},
		}},
		{[]Type{StockLevelled}, []fault{
			{"a change", `{"sku":"a","delta":1,"version":1}`, "data.available", "is required"},
			{"huge", `{"sku":"a","available":1000000001,"version":1}`, "data.available", "must be within ±1000000000, got 1000000001"},
		}},
		{[]Type{StockAdjusted}, []fault{
			{"a level", `{"sku":"a","available":1,"version":1}`, "data.delta", "is required"},
			{"huge", `{"sku":"a","delta":-1000000001,"version":1}`, "data.delta", "must be within ±1000000000, got -1000000001"},
		}},
		{[]Type{CouponIssued, CouponRedeemed}, []fault{
			{"nobody", `{"coupon":"c"}`, "data.user_id", "is required"},
			{"no coupon", `{"user_id":"u"}`, "data.coupon", "is required"},
			{"negative value", `{"user_id":"u","coupon":"c","value":-1}`, "data.value", "must not be negative"},
		}},
		{[]Type{ProductChanged}, []fault{
			{"no product", `{"title":"T-shirt"}`, "data.product_id", "is required"},
			{"long SKU", `{"product_id":"p","sku":"` + long + `"}`, "data.sku", "at most 256 bytes"},
			{"an empty region", `{"product_id":"p","regions":["east",""]}`, "data.regions[1]", "is required"},
			{"negative price", `{"product_id":"p","price":-1}`, "data.price", "must not be negative"},
			{"published as a word", `{"product_id":"p","published":"yes"}`, "data.published", "must be true or false, got string"},
		}},
		{[]Type{UserChanged}, []fault{
			{"nobody", `{"attributes":{"tier":"gold"}}`, "data.user_id", "is required"},
			{"no attributes", `{"user_id":"u","attributes":{}}`, "data.attributes", "is required"},
		}},
		{[]Type{UserIdentified}, []fault{
			{"no device", `{"user_id":"u"}`, "data.anonymous_id", "is required"},
			{"no user", `{"anonymous_id":"d"}`, "data.user_id", "is required"},
		}},
		{[]Type{MetricObserved}, []fault{
			{"a unit named twice", `{"metric":"m","value":1,"unit":"t1","units":{"team":"t1"}}`, "data.unit", "must not repeat an id of units"},
			{"nothing observed", `{"metric":"m","value":1}`, "data.unit", "or units is required"},
			{"a long unit", `{"unit":"` + long + `","metric":"m","value":1}`, "data.unit", "at most 256 bytes"},
			{"a strange unit", `{"units":{"x":"y"},"metric":"m","value":1}`, "data.units", "must name user"},
			{"no metric", `{"unit":"u","value":1}`, "data.metric", "must be 1 to 64 characters"},
			{"no value", `{"unit":"u","metric":"m"}`, "data.value", "is required"},
			{"value as a string", `{"unit":"u","metric":"m","value":"1"}`, "data.value", "must be a number, got string"},
			{"huge value", `{"unit":"u","metric":"m","value":-1.5e12}`, "data.value", "must be within ±1e+12, got -1.5e+12"},
			{"a value beyond a float", `{"unit":"u","metric":"m","value":1e400}`, "data.value", "must be a number, got number 1e400"},
		}},
	}
	for _, family := range families {
		for _, c := range family.faults {
			for _, typ := range family.types {
				t.Run(c.name+"/"+string(typ), func(t *testing.T) {
					t.Parallel()
					_, err := Parse(event(typ, c.data), "CNY")
					checkProblem(t, err, c.field, c.problem)
				})
			}
		}
	}
}

// JSON's null is an object without fields: each type misses one.
func TestParseRefusesNull(t *testing.T) {
	t.Parallel()
	for _, typ := range declaredTypes(t) {
		_, err := Parse(event(typ, "null"), "CNY")
		if invalid, ok := err.(*Invalid); !ok || !strings.HasPrefix(invalid.Field, "data.") {
			t.Errorf("%s: %v", typ, err)
		}
	}
}

// Of several faults the same one is named each time.
func TestParseNamesTheSameFault(t *testing.T) {
	t.Parallel()
	for range 50 {
		_, err := Parse(event(ProductViewed, `{"product_id":"p1","units":{"e":"","d":"","c":"","b":"","a":""}}`), "CNY")
		checkProblem(t, err, "data.units", `got "a"`)
	}
}
