package imports_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/internal/imports"
)

// shop is the settings of the tests' shop, whose clock is in 2026.
func shop(t testing.TB) imports.Settings {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return imports.Settings{Zone: zone, Currency: "CNY", Now: time.Date(2026, 11, 12, 0, 0, 0, 0, time.UTC)}
}

// outcome is what became of a row: an event or a problem.
type outcome struct {
	event events.Event
	err   error
}

// String writes an event as "type time data", and a problem as users see it.
func (o outcome) String() string {
	if o.err != nil {
		return o.err.Error()
	}
	return o.event.Type + " " + o.event.Time.Format(time.RFC3339Nano) + " " + string(o.event.Data)
}

// read reads a whole file of a kind. It ends the test when the file as such
// cannot be read, and when an event is not one that the intake takes.
func read(t testing.TB, kind imports.Kind, file string, o imports.Options) []outcome {
	t.Helper()
	out, err := readAll(kind, file, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range out {
		if r.err == nil {
			checkEvent(t, r.event)
		}
	}
	return out
}

func readAll(kind imports.Kind, file string, o imports.Options) (out []outcome, err error) {
	o.Known, o.Required = kind.Fields()
	rows, err := imports.NewRows("f.csv", strings.NewReader(file), o)
	if err != nil {
		return nil, err
	}
	for row, err := range rows.All() {
		var problem *imports.Problem
		if err != nil && !errors.As(err, &problem) {
			return out, err
		}
		var e events.Event
		if err == nil {
			e, err = kind.Event(row)
		}
		out = append(out, outcome{e, err})
	}
	return out, nil
}

// checkEvent holds what a kind made to what the intake wants of it.
func checkEvent(t testing.TB, e events.Event) {
	t.Helper()
	if e.Source != imports.Source || len(e.ID) != 32 {
		t.Errorf("source %q, id %q", e.Source, e.ID)
	}
	f, err := events.Parse(e, "CNY")
	if err != nil {
		t.Errorf("%s %s is no event: %v", e.Type, e.Data, err)
		return
	}
	if !f.Type.Known() {
		t.Errorf("the type %s is not known", e.Type)
	}
	if _, err := events.Route(e, f); err != nil {
		t.Errorf("%s %s: %v", e.Type, e.Data, err)
	}
	if y := e.Time.Year(); y < 1970 || y > 2200 || e.Time.Location() != time.UTC || e.Time.Nanosecond()%1000 != 0 {
		t.Errorf("time %v", e.Time)
	}
}

// row is a row under its header, and what must become of it.
type row struct{ name, text, want string }

// becomes reads each row alone, as the second line of f.csv.
func becomes(t *testing.T, kind func(imports.Settings) imports.Kind, header string, rows []row) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			got := read(t, kind(shop(t)), header+"\n"+r.text+"\n", imports.Options{})
			if len(got) != 1 || got[0].String() != r.want {
				t.Errorf("%s\n got %v\nwant [%s]", r.text, got, r.want)
			}
		})
	}
}

func TestOrders(t *testing.T) {
	t.Parallel()
	const at = "2026-11-11 20:00:00"
	becomes(t, imports.Orders, "order_id,user_id,anonymous_id,product_id,sku,title,quantity,price,time,region,currency,coupon", []row{
		{"whole line", `o1,u1,d1,p1,s1,"Kettle, red",2,19.90,` + at + `,east,CNY,c1`,
			`order.completed 2026-11-11T12:00:00Z {"order_id":"o1","user_id":"u1","anonymous_id":"d1","region":"east","coupon":"c1","products":[{"product_id":"p1","sku":"s1","title":"Kettle, red","quantity":2,"price":"19.90"}]}`},
		{"nobody's order", `o1,,,p1,s1,,1,5,` + at + `,,,`,
			`order.completed 2026-11-11T12:00:00Z {"order_id":"o1","products":[{"product_id":"p1","sku":"s1","quantity":1,"price":"5.00"}]}`},
		{"product without SKU", `o1,u1,,p1,,,1,5,` + at + `,,,`,
			`order.completed 2026-11-11T12:00:00Z {"order_id":"o1","user_id":"u1","products":[{"product_id":"p1","sku":"p1","quantity":1,"price":"5.00"}]}`},
		{"SKU without product", `o1,u1,,,s1,,1,5,` + at + `,,,`,
			`order.completed 2026-11-11T12:00:00Z {"order_id":"o1","user_id":"u1","products":[{"product_id":"s1","sku":"s1","quantity":1,"price":"5.00"}]}`},
		{"SKU with blanks", `o1,u1,,," 15056 BL ",,1,5,` + at + `,,,`,
			`order.completed 2026-11-11T12:00:00Z {"order_id":"o1","user_id":"u1","products":[{"product_id":"15056 BL","sku":"15056 BL","quantity":1,"price":"5.00"}]}`},
		{"quantity and price as programs write them", `o1,u1,,p1,,,6.0,2.5500,` + at + `,,,`,
			`order.completed 2026-11-11T12:00:00Z {"order_id":"o1","user_id":"u1","products":[{"product_id":"p1","sku":"p1","quantity":6,"price":"2.55"}]}`},
		{"gift", `o1,u1,,p1,,,1,0,` + at + `,,,`,
			`order.completed 2026-11-11T12:00:00Z {"order_id":"o1","user_id":"u1","products":[{"product_id":"p1","sku":"p1","quantity":1,"price":"0.00"}]}`},
		{"return", `C1,u1,,p1,s1,,-3,4.25,` + at + `,,,`,
			`order.returned 2026-11-11T12:00:00Z {"order_id":"C1","user_id":"u1","products":[{"product_id":"p1","sku":"s1","quantity":3,"price":"4.25"}]}`},
		{"correction", `o9,,,p1,s1,damaged,-7,0.00,` + at + `,east,,`,
			`stock.adjusted 2026-11-11T12:00:00Z {"sku":"s1","delta":-7,"version":1794398400000000,"reason":"correction o9"}`},
		{"another currency", `o1,u1,,p1,,,1,1200,` + at + `,,JPY,`,
			`order.completed 2026-11-11T12:00:00Z {"order_id":"o1","user_id":"u1","currency":"JPY","products":[{"product_id":"p1","sku":"p1","quantity":1,"price":"1200"}]}`},

		{"no order", `,u1,,p1,,,1,5,` + at + `,,,`, `f.csv:2: column order_id is required`},
		{"neither product nor SKU", `o1,u1,,,,,1,5,` + at + `,,,`, `f.csv:2: column product_id or sku is required`},
		{"quantity 0", `o1,u1,,p1,,,0,5,` + at + `,,,`, `f.csv:2: column quantity must not be 0`},
		{"quantity that is none", `o1,u1,,p1,,,two,5,` + at + `,,,`, `f.csv:2: column quantity must be a whole number, got "two"`},
		{"half a piece", `o1,u1,,p1,,,1.5,5,` + at + `,,,`, `f.csv:2: column quantity must be a whole number, got "1.5"`},
		{"quantity beyond all stores", `o1,u1,,p1,,,2000000000,5,` + at + `,,,`, `f.csv:2: column quantity must be within ±1000000000, got 2000000000`},
		{"amount beyond all sums", `o1,u1,,p1,,,1000000000,100.01,` + at + `,,,`, `f.csv:2: column price is too large for a quantity of 1000000000`},
		{"price beyond all sums", `o1,u1,,p1,,,1,100000000000.01,` + at + `,,,`, `f.csv:2: column price is too large for a quantity of 1`},
		{"negative price", `A1,,,B,,,1,-11062.06,` + at + `,,,`, `f.csv:2: column price must not be negative, got -11062.06`},
		{"no price", `o1,u1,,p1,,,1,,` + at + `,,,`, `f.csv:2: column price must be a decimal number, got ""`},
		{"too many decimals", `o1,u1,,p1,,,1,0.001,` + at + `,,,`, `f.csv:2: column price must have at most 2 decimals in CNY, got 3`},
		{"decimals of the other currency", `o1,u1,,p1,,,1,0.5,` + at + `,,JPY,`, `f.csv:2: column price must have at most 0 decimals in JPY, got 1`},
		{"no currency", `o1,u1,,p1,,,1,5,` + at + `,,yuan,`, `f.csv:2: column currency must be an ISO 4217 code such as CNY, got "yuan"`},
		{"no time", `o1,u1,,p1,,,1,5,,,,`, `f.csv:2: column time must be a time such as 2026-11-11T20:00:00+08:00, 2026-11-11 20:00:00 or Unix seconds, got ""`},
		{"id with a control character", "o1,u\t1,,p1,,,1,5," + at + `,,,`, `f.csv:2: column user_id must not contain control characters, got '\t'`},
		{"id that is too long", strings.Repeat("o", 257) + `,u1,,p1,,,1,5,` + at + `,,,`, `f.csv:2: column order_id must be at most 256 bytes, got 257`},
		{"title in another encoding", "o1,u1,,p1,,caf\xe9,1,5," + at + `,,,`, `f.csv:2: column title must be UTF-8, got "caf\xe9"`},
		{"title with a zero byte", "o1,u1,,p1,,a\x00b,1,5," + at + `,,,`, `f.csv:2: column title must not contain the character U+0000`},
		{"short row", `o1,u1`, `f.csv:2: column time must be a time such as 2026-11-11T20:00:00+08:00, 2026-11-11 20:00:00 or Unix seconds, got ""`},
		{"comma without quotes", `o1,u1,,p1,,Kettle, red,1,5,` + at + `,,,c1`, `f.csv:2: has 13 fields and the header 12: a field with a comma in it must stand in quotes`},
		{"commas behind the end", `o1,,,p1,,,1,5,` + at + `,,,,,,`,
			`order.completed 2026-11-11T12:00:00Z {"order_id":"o1","products":[{"product_id":"p1","sku":"p1","quantity":1,"price":"5.00"}]}`},
	})
}

func TestTimesOfRows(t *testing.T) {
	t.Parallel()
	bad := func(text string) string {
		return `f.csv:2: column time must be a time such as 2026-11-11T20:00:00+08:00, 2026-11-11 20:00:00 or Unix seconds, got "` + text + `"`
	}
	for _, c := range []struct{ text, want string }{
		{"2026-11-11T20:00:00+08:00", "2026-11-11T12:00:00Z"},
		{"2026-11-11T12:00:00Z", "2026-11-11T12:00:00Z"},
		{"2026-11-11T12:00:00.1234567Z", "2026-11-11T12:00:00.123456Z"},
		{"2026-11-11 20:00:00", "2026-11-11T12:00:00Z"},
		{"2026-11-11 20:00:00.1234567", "2026-11-11T12:00:00.123456Z"},
		{"2026-11-11T20:00:00", "2026-11-11T12:00:00Z"},
		{"2026-11-11 20:00", "2026-11-11T12:00:00Z"},
		{"2026-11-11", "2026-11-10T16:00:00Z"},
		{"2019-10-01 00:00:00 UTC", "2019-10-01T00:00:00Z"},
		{"1794398400", "2026-11-11T12:00:00Z"},
		{"1396437466.94", "2014-04-02T11:17:46.94Z"},
		{"1762862400.123457", "2025-11-11T12:00:00.123457Z"},
		{"1", "1970-01-01T00:00:01Z"},
		{" 2026-11-11 20:00:00 ", "2026-11-11T12:00:00Z"},
		{"2026-11-12 09:00:00", "2026-11-12T01:00:00Z"}, // an hour ahead of the import

		{"2026-11-12 09:00:01", `f.csv:2: column time must not lie in the future, got "2026-11-12 09:00:01"`},
		{"1969-12-31T23:59:59Z", `f.csv:2: column time must be between 1970 and 2200, got "1969-12-31T23:59:59Z"`},
		{"1969-07-20 20:17:00", `f.csv:2: column time must be between 1970 and 2200, got "1969-07-20 20:17:00"`},
		{"2201-01-01T00:00:00Z", `f.csv:2: column time must be between 1970 and 2200, got "2201-01-01T00:00:00Z"`},
		{"2026-13-01 00:00:00", bad("2026-13-01 00:00:00")},
		{"11/11/2026", bad("11/11/2026")},
		{"1762862400123", bad("1762862400123")}, // milliseconds
		{"-1", bad("-1")},
		{"NaN", bad("NaN")},
		{"soon", bad("soon")},
	} {
		got := read(t, imports.Behaviour(shop(t)), "user_id,type,product_id,time\nu1,view,p1,"+c.text+"\n", imports.Options{})
		if len(got) != 1 {
			t.Fatalf("%q gave %v", c.text, got)
		}
		text := got[0].event.Time.Format(time.RFC3339Nano)
		if got[0].err != nil {
			text = got[0].err.Error()
		}
		if text != c.want {
			t.Errorf("%q gave %s, want %s", c.text, text, c.want)
		}
	}
}

// TestTheShopsClockChanges reads the hour that the night of a change of clocks
// has twice or not at all: either reading of it will do, but not an error.
func TestTheShopsClockChanges(t *testing.T) {
	t.Parallel()
	s := shop(t)
	var err error
	if s.Zone, err = time.LoadLocation("Europe/London"); err != nil {
		t.Fatal(err)
	}
	file := "user_id,type,product_id,time\nu1,view,p1,2025-10-26 01:30:00\nu1,view,p1,2025-03-30 01:30:00\n"
	got := read(t, imports.Behaviour(s), file, imports.Options{})
	for _, r := range got {
		if at := r.event.Time.Format("15:04"); r.err != nil || at != "00:30" && at != "01:30" {
			t.Errorf("%v, want 00:30 or 01:30", r)
		}
	}
}

func TestBehaviour(t *testing.T) {
	t.Parallel()
	const (
		header = "time,type,user_id,anonymous_id,session_id,product_id,sku,quantity,price,placement,request,order_id,region"
		at     = "1794398400"
		noon   = " 2026-11-11T12:00:00Z "
	)
	var rows []row
	for word, typ := range map[string]events.Type{
		"view": events.ProductViewed, "click": events.ProductClicked, "favorite": events.ProductFavorited, "favourite": events.ProductFavorited,
		"cart": events.ProductAdded, "remove": events.ProductRemoved, "View": events.ProductViewed, "CART": events.ProductAdded,
		"product.viewed": events.ProductViewed, "product.clicked": events.ProductClicked, "product.favorited": events.ProductFavorited,
		"product.added": events.ProductAdded, "product.removed": events.ProductRemoved,
	} {
		rows = append(rows, row{word, at + "," + word + ",u1,,,p1,,,,,,,", string(typ) + noon + `{"user_id":"u1","product_id":"p1"}`})
	}
	for _, word := range []string{"buy", "purchase", "Purchase", "order.completed"} {
		rows = append(rows, row{word, at + "," + word + ",u1,d1,,p1,s1,2,9.9,,,o1,east",
			"order.completed" + noon + `{"order_id":"o1","user_id":"u1","anonymous_id":"d1","region":"east","products":[{"product_id":"p1","sku":"s1","quantity":2,"price":"9.90"}]}`})
	}
	rows = append(rows, []row{
		{"whole row", at + ",cart,u1,d1,v1,p1,s1,2,9.9,home,r1,,", "product.added" + noon +
			`{"user_id":"u1","anonymous_id":"d1","session_id":"v1","product_id":"p1","sku":"s1","quantity":2,"price":"9.90","placement":"home","request":"r1"}`},
		{"a stranger", at + ",view,,d1,,p1,,,,,,,", "product.viewed" + noon + `{"anonymous_id":"d1","product_id":"p1"}`},

		{"nobody", at + ",view,,,,p1,,,,,,,", "f.csv:2: column user_id or anonymous_id is required"},
		{"no product", at + ",view,u1,,,,s1,,,,,,", "f.csv:2: column product_id is required"},
		{"no action", at + ",,u1,,,p1,,,,,,,", `f.csv:2: column type must be view, click, favorite, cart, remove, buy, purchase or an event type such as product.viewed, got ""`},
		{"strange action", at + ",stare,u1,,,p1,,,,,,,", `f.csv:2: column type must be view, click, favorite, cart, remove, buy, purchase or an event type such as product.viewed, got "stare"`},
		{"nothing bought", at + ",buy,u1,,,p1,,0,,,,,", "f.csv:2: column quantity must be at least 1, got 0"},
		{"bought back", at + ",buy,u1,,,p1,,-1,,,,,", "f.csv:2: column quantity must be at least 1, got -1"},
		{"negative price", at + ",view,u1,,,p1,,,-1,,,,", "f.csv:2: column price must not be negative, got -1"},
		{"amount beyond all sums", at + ",buy,u1,,,p1,,1000000000,100.01,,,,", "f.csv:2: column price is too large for a quantity of 1000000000"},
	}...)
	becomes(t, imports.Behaviour, header, rows)
}

func TestPurchaseWithoutOrderIsOneOfItsOwn(t *testing.T) {
	t.Parallel()
	file := "time,type,user_id,product_id\n1794398400,buy,u1,p1\n1794398400,buy,u1,p1\n"
	got := read(t, imports.Behaviour(shop(t)), file, imports.Options{})
	if len(got) != 2 {
		t.Fatal(got)
	}
	for _, r := range got {
		want := `order.completed 2026-11-11T12:00:00Z {"order_id":"import-` + r.event.ID + `","user_id":"u1","products":[{"product_id":"p1","sku":"p1","quantity":1,"price":"0"}]}`
		if r.String() != want {
			t.Errorf("got  %v\nwant %s", r, want)
		}
	}
	if got[0].event.ID == got[1].event.ID {
		t.Error("two purchases became one")
	}
}

func TestCatalog(t *testing.T) {
	t.Parallel()
	const now, header = "product.changed 2026-11-12T00:00:00Z ", "product_id,sku,title,category,brand,price,attributes,regions,published,time"
	becomes(t, imports.Catalog, header, []row{
		{"whole row", `p1,,Kettle,kitchen,Acme,19.9,"{""colour"": ""red""}",east|west,yes,2026-11-11 20:00:00`,
			`product.changed 2026-11-11T12:00:00Z {"product_id":"p1","title":"Kettle","category":"kitchen","brand":"Acme","price":"19.90","attributes":{"colour":"red"},"regions":["east","west"],"published":true}`},
		{"a SKU of it", `p1,s1,,,,5,,,,`, now + `{"product_id":"p1","sku":"s1","price":"5.00"}`},
		{"nothing but its id", `p1,,,,,,,,,`, now + `{"product_id":"p1"}`},
		{"hidden", `p1,,,,,,,,0,`, now + `{"product_id":"p1","published":false}`},
		{"shown", `p1,,,,,,,,TRUE,`, now + `{"product_id":"p1","published":true}`},
		{"free", `p1,,,,,0,,,,`, now + `{"product_id":"p1","price":"0.00"}`},
		{"regions as JSON", `p1,,,,,,,"[""east"",""west""]",,`, now + `{"product_id":"p1","regions":["east","west"]}`},
		{"regions with blanks", `p1,,,,,,, east | west ,,`, now + `{"product_id":"p1","regions":["east","west"]}`},
		{"a backslash in an attribute", `p1,,,,,,"{""path"":""C:\\u0000""}",,,`, now + `{"product_id":"p1","attributes":{"path":"C:\\u0000"}}`},

		{"no product", `,s1,Kettle,,,,,,,`, "f.csv:2: column product_id is required"},
		{"bad price", `p1,,,,,cheap,,,,`, `f.csv:2: column price must be a decimal number, got "cheap"`},
		{"an empty region", `p1,,,,,,,east||west,,`, `f.csv:2: column regions must be ids such as east|west, got "east||west": one of them is required`},
		{"attributes that are no object", `p1,,,,,,red,,,`, `f.csv:2: column attributes must be a JSON object such as {"colour":"red"}, got "red"`},
		{"attributes that are null", `p1,,,,,,null,,,`, `f.csv:2: column attributes must be a JSON object such as {"colour":"red"}, got "null"`},
		{"an attribute with a zero byte", `p1,,,,,,"{""a"":""\u0000""}",,,`, `f.csv:2: column attributes must not contain the character U+0000`},
		{"neither shown nor hidden", `p1,,,,,,,,maybe,`, `f.csv:2: column published must be true or false, got "maybe"`},
		{"category in another encoding", "p1,,,\xb3\xf8\xb7\xbf,,,,,,", `f.csv:2: column category must be UTF-8, got "\xb3\xf8\xb7\xbf"`},
	})
}

func TestStock(t *testing.T) {
	t.Parallel()
	const header = "sku,location_id,region,available,delta,version,updated_at,time,reason"
	becomes(t, imports.Stock, header, []row{
		{"level", `s1,l1,east,40,,7,,2026-11-11 20:00:00,count`,
			`stock.level 2026-11-11T12:00:00Z {"sku":"s1","location_id":"l1","region":"east","available":40,"version":7,"reason":"count"}`},
		{"level now", `s1,,,40,,,,,`, `stock.level 2026-11-12T00:00:00Z {"sku":"s1","available":40,"version":1794441600000000}`},
		{"none left", `s1,,,0,,7,,,`, `stock.level 2026-11-12T00:00:00Z {"sku":"s1","available":0,"version":7}`},
		{"change", `s1,,,,-3,,,2026-11-11 20:00:00,`, `stock.adjusted 2026-11-11T12:00:00Z {"sku":"s1","delta":-3,"version":1794398400000000}`},
		{"time of the change", `s1,,,40,,,2026-11-11 20:00:00,,`, `stock.level 2026-11-11T12:00:00Z {"sku":"s1","available":40,"version":1794398400000000}`},

		{"neither", `s1,,,,,7,,,`, `f.csv:2: column available or delta is required, and only one of them`},
		{"both", `s1,,,1,1,7,,,`, `f.csv:2: column available or delta is required, and only one of them`},
		{"no SKU", `,,,1,,7,,,`, `f.csv:2: column sku is required`},
		{"negative version", `s1,,,1,,-7,,,`, `f.csv:2: column version must not be negative, got -7`},
		{"too much", `s1,,,5000000000,,7,,,`, `f.csv:2: column available must be within ±1000000000, got 5000000000`},
		{"a whole number, please", `s1,,,,few,7,,,`, `f.csv:2: column delta must be a whole number, got "few"`},
		{"a change that is yet to come", `s1,,,1,,,2027-01-01,,`, `f.csv:2: column updated_at must not lie in the future, got "2027-01-01"`},
	})
}

func TestExposures(t *testing.T) {
	t.Parallel()
	becomes(t, imports.Exposures, "experiment,variant,unit,version,attributes,time", []row{
		{"whole row", `checkout,b,u1,3,"{""tier"":""gold""}",2026-11-11 20:00:00`,
			`experiment.exposed 2026-11-11T12:00:00Z {"experiment":"checkout","variant":"b","unit":"u1","version":3,"attributes":{"tier":"gold"}}`},
		{"no more than needed", `checkout,b,u1,,,2026-11-11 20:00:00`,
			`experiment.exposed 2026-11-11T12:00:00Z {"experiment":"checkout","variant":"b","unit":"u1"}`},
		{"a key that is none", `check out,b,u1,,,2026-11-11`, `f.csv:2: column experiment must be 1 to 64 characters of A-Z a-z 0-9 . _ -, got "check out"`},
		{"no variant", `checkout,,u1,,,2026-11-11`, `f.csv:2: column variant must be 1 to 64 characters of A-Z a-z 0-9 . _ -, got ""`},
		{"no unit", `checkout,b,,,,2026-11-11`, `f.csv:2: column unit is required`},
		{"negative version", `checkout,b,u1,-1,,2026-11-11`, `f.csv:2: column version must not be negative, got -1`},
		{"attributes that are no object", `checkout,b,u1,,[1],2026-11-11`, `f.csv:2: column attributes must be a JSON object such as {"tier":"gold"}, got "[1]"`},
	})
}

// TestProblemsNameTheFilesOwnColumn maps every field to a column of another
// name.
func TestProblemsNameTheFilesOwnColumn(t *testing.T) {
	t.Parallel()
	o := imports.Options{Columns: imports.Columns{"order_id": "Invoice", "product_id": "Code", "quantity": "Qty", "price": "Unit", "time": "Date"}}
	file := "Invoice,Code,Qty,Unit,Date\n1,a,1,free,2026-11-11\n2,a,x,1,2026-11-11\n3,,1,1,2026-11-11\n"
	var got []string
	for _, r := range read(t, imports.Orders(shop(t)), file, o) {
		got = append(got, r.String())
	}
	want := []string{
		`f.csv:2: column Unit must be a decimal number, got "free"`,
		`f.csv:3: column Qty must be a whole number, got "x"`,
		`f.csv:4: column Code or sku is required`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
