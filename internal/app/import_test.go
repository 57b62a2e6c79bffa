package app

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peakday/peakday/events"
)

// skus is how many SKUs the shop sells.
const skus = 24

// shopRows draws the lines of a shop's orders of 40 days: several lines an
// order, exact repeats, returns, corrections, lines of nobody, SKUs with blanks.
func shopRows(n int) (header []string, rows [][]string) {
	r := rand.New(rand.NewPCG(7, 7))
	for len(rows) < n {
		order, user := fmt.Sprintf("o%d", len(rows)), fmt.Sprintf("u%d", r.IntN(12))
		if r.IntN(5) == 0 {
			user = ""
		}
		at := time.Date(2026, 1, 1+len(rows)*40/n, r.IntN(24), r.IntN(60), 0, 0, time.UTC)
		for range 1 + r.IntN(4) {
			quantity, price := 1+r.IntN(5), fmt.Sprintf("%d.%02d", 1+r.IntN(20), r.IntN(100))
			switch r.IntN(25) {
			case 0:
				quantity = -1
			case 1:
				quantity, price = -2, "0"
			}
			row := []string{order, fmt.Sprintf("sku %d", r.IntN(skus)), user, fmt.Sprint(quantity), price, at.Format(time.DateTime), "east"}
			rows = append(rows, row)
			if r.IntN(15) == 0 {
				rows = append(rows, row)
			}
		}
	}
	return []string{"order_id", "sku", "user_id", "quantity", "price", "time", "region"}, rows[:n]
}

// table writes rows as CSV.
func table(t testing.TB, header []string, rows [][]string) string {
	t.Helper()
	var b strings.Builder
	w := csv.NewWriter(&b)
	if err := errors.Join(w.Write(header), w.WriteAll(rows)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func gzipped(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// lines writes rows as NDJSON, numbers as numbers.
func lines(t testing.TB, header []string, rows [][]string) string {
	t.Helper()
	var b strings.Builder
	out := json.NewEncoder(&b)
	for _, r := range rows {
		object := map[string]any{}
		for i, name := range header {
			switch {
			case name == "quantity" || name == "price":
				object[name] = json.Number(r[i])
			case r[i] != "":
				object[name] = r[i]
			}
		}
		if err := out.Encode(object); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// counted imports and gives the counts, without the seconds.
func counted(t testing.TB, args ...string) importCounts {
	t.Helper()
	c := objectOf[importCounts](t, ok(t, append([]string{"import", "--json"}, args...)...))
	c.Seconds = 0
	return c
}

// ofImports are the tables and columns that depend on when and in what pieces
// events came, and not on what they say.
func ofImports() []string {
	return []string{"cursors", "dead_letters", "inbox.log", "inbox.pos", "inbox.day", "sale_marks", "moment_marks", "models.created"}
}

func TestImportingAgainAddsNothing(t *testing.T) {
	t.Parallel()
	cfg := quiet(t.TempDir())
	header, rows := shopRows(300)
	bad := append([][]string{}, rows...)
	for i, r := range [][]string{
		{"", "s", "u", "1", "5", "2026-01-05", ""}, {"x", "s", "u", "0", "5", "2026-01-05", ""}, {"x", "s", "u", "1", "five", "2026-01-05", ""},
	} {
		bad = append(bad[:100*i+50], append([][]string{r}, bad[100*i+50:]...)...)
	}
	first := counted(t, "orders", write(t, "orders.csv", table(t, header, bad)), "--data", cfg.Data)
	if want := (importCounts{Read: 303, Accepted: 300, Rejected: 3}); first != want {
		t.Fatalf("first import %+v, want %+v", first, want)
	}
	want := dump(t, cfg, ofImports()...)
	want.filled(t, "facts", "inbox", "sale_lines", "sale_hours", "stock_moves", "models")

	shuffled := append([][]string{}, rows...)
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	again := importCounts{Read: 300, Duplicates: 300}
	for _, c := range []struct{ name, file string }{
		{"the same", write(t, "orders.csv", table(t, header, rows))},
		{"sorted otherwise, another name", write(t, "other name.csv", table(t, header, shuffled))},
		{"gzipped, Windows line ends", write(t, "orders.csv.gz", gzipped(t, strings.ReplaceAll(table(t, header, rows), "\n", "\r\n")))},
		{"NDJSON", write(t, "orders.ndjson", lines(t, header, shuffled))},
	} {
		if got := counted(t, "orders", c.file, "--data", cfg.Data); got != again {
			t.Errorf("%s: %+v, want %+v", c.name, got, again)
		}
	}
	sameTables(t, dump(t, cfg, ofImports()...), want)
}

// TestCutAndRepeatedFilesAreTheWhole cuts the orders in two, imports the first
// part, both in one command, and the second part again.
func TestCutAndRepeatedFilesAreTheWhole(t *testing.T) {
	t.Parallel()
	header, rows := shopRows(200)
	cut := 100
	for rows[cut][0] == rows[cut-1][0] {
		cut++
	}
	front, back := write(t, "a.csv", table(t, header, rows[:cut])), write(t, "b.csv", table(t, header, rows[cut:]))
	whole, parts := quiet(t.TempDir()), quiet(t.TempDir())
	all := counted(t, "orders", write(t, "whole.csv", table(t, header, rows)), "--data", whole.Data)
	n, m := int64(cut), int64(200-cut)
	for i, c := range []struct {
		files []string
		want  importCounts
	}{
		{[]string{front}, importCounts{Read: n, Accepted: n}},
		{[]string{front, back}, importCounts{Read: 200, Accepted: m, Duplicates: n}},
		{[]string{back, back}, importCounts{Read: 2 * m, Duplicates: 2 * m}},
	} {
		if got := counted(t, append([]string{"orders", "--data", parts.Data}, c.files...)...); got != c.want {
			t.Errorf("import %d: %+v, want %+v", i, got, c.want)
		}
	}
	if want := (importCounts{Read: 200, Accepted: 200}); all != want {
		t.Errorf("the whole: %+v, want %+v", all, want)
	}
	sameTables(t, dump(t, parts, ofImports()...), dump(t, whole, ofImports()...))
}

func TestRejectedLinesAreShownAndCounted(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("Invoice,sku,quantity,price,time\n")
	for i := range 30 {
		fmt.Fprintf(&b, "o%d,s1,1,free,2026-01-05\n", i)
	}
	b.WriteString("o30,s1,1,5,2026-01-05\n")
	file := write(t, "orders.csv", b.String())
	got := peakday(t, nil, "import", "orders", file, "--map", "order_id=Invoice", "--data", t.TempDir())
	if got.code != 0 || !strings.Contains(got.stdout, "read        31 lines") || !strings.Contains(got.stdout, "accepted    1\n") || !strings.Contains(got.stdout, "rejected    30\n") {
		t.Errorf("exit %d, %q", got.code, got.stdout)
	}
	said := strings.Split(strings.TrimSpace(got.stderr), "\n")
	if len(said) != 21 || said[0] != file+`:2: column price must be a decimal number, got "free"` ||
		said[19] != file+`:21: column price must be a decimal number, got "free"` || said[20] != "… further rejected lines are only counted" {
		t.Errorf("%d lines: %q", len(said), got.stderr)
	}
}

// experiment is one that every visitor is in.
const experiment = `{"unit":"user","primary":"bought","variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}`

// runs defines and starts the experiment "checkout".
func (s site) runs(t testing.TB) {
	t.Helper()
	for _, c := range [][3]string{
		{http.MethodPut, "/v1/metrics/bought", `{"kind":"proportion","event":"order.paid"}`},
		{http.MethodPut, "/v1/experiments/checkout", experiment},
		{http.MethodPost, "/v1/experiments/checkout/start", ""},
	} {
		if status, body := s.ask(c[0], c[1], "application/json", c[2]); status/100 != 2 {
			t.Fatalf("%s %s: %d %s", c[0], c[1], status, body)
		}
	}
}

// kindsOfFiles gives a small file of every kind, all about one shop.
func kindsOfFiles(t testing.TB, started time.Time) []struct{ kind, file string } {
	t.Helper()
	header, rows := shopRows(250)
	catalog := "product_id,title,category,price,attributes\n"
	stock := "sku,available,time\n"
	supply := "sku,cost,lead_time_days,pack,on_order_date,on_order_quantity\n"
	for i := range skus {
		catalog += fmt.Sprintf("sku %d,Thing %d,things,%d.50,\"{\"\"size\"\":%d}\"\n", i, i, i+1, i)
		stock += fmt.Sprintf("sku %d,%d,2026-02-12\n", i, 10*i)
		supply += fmt.Sprintf("sku %d,%d,7,6,2026-03-01,12\nsku %d,%d,7,6,2026-03-05,6\n", i, i+1, i, i+1)
	}
	behaviour := "user,what,product_id,time\n"
	exposures := "experiment,variant,unit,time\n"
	for i := range 40 {
		behaviour += fmt.Sprintf("u%d,%s,sku %d,%d\n", i%12, []string{"view", "cart", "purchase"}[i%3], i%skus, started.Unix()+int64(i))
		exposures += fmt.Sprintf("checkout,%s,u%d,%d\n", []string{"control", "b"}[i%2], i, started.Unix()+1)
	}
	return []struct{ kind, file string }{
		{"orders", write(t, "orders.csv", table(t, header, rows))},
		{"catalog", write(t, "catalog.csv", catalog)},
		{"stock", write(t, "stock.csv", stock)},
		{"supply", write(t, "supply.csv", supply)},
		{"behaviour", write(t, "behaviour.csv", behaviour)},
		{"exposures", write(t, "exposures.csv", exposures)},
	}
}

// mapsOf are the columns that kindsOfFiles names otherwise.
func mapsOf(kind string) []string {
	if kind == "behaviour" {
		return []string{"--map", "user_id=user", "--map", "type=what"}
	}
	return nil
}

// TestEveryKindAnswersAfterwards imports every kind of file into the store of a
// service that is stopped, and through HTTP into one that runs. Both then give
// the same answers, from the same tables.
func TestEveryKindAnswersAfterwards(t *testing.T) {
	t.Parallel()
	local, remote := quiet(t.TempDir()), quiet(t.TempDir())
	// A forecast depends on when it is asked for.
	now := time.Now()
	local.Clock = func() time.Time { return now }
	remote.Clock = local.Clock
	s, stop := serving(t, local)
	s.runs(t)
	stop()
	far, stopFar := serving(t, remote)
	far.runs(t)

	files := kindsOfFiles(t, now)
	for _, f := range files {
		args := append([]string{f.kind, f.file}, mapsOf(f.kind)...)
		near, over := counted(t, append(args, "--data", local.Data)...), counted(t, append(args, "--url", far.url())...)
		if near != over || near.Rejected != 0 || near.Accepted != near.Read || near.Read == 0 {
			t.Errorf("%s: %+v into the store, %+v through HTTP", f.kind, near, over)
		}
	}
	for _, f := range files {
		args := append([]string{f.kind, f.file}, mapsOf(f.kind)...)
		for _, to := range [][]string{{"--data", local.Data}, {"--url", far.url()}} {
			if again := counted(t, append(args, to...)...); again.Duplicates != again.Read {
				t.Errorf("%s again into %s: %+v", f.kind, to[0], again)
			}
		}
	}

	s, stop = serving(t, local)
	// The scan of all units comes in its own time: both have it now.
	for _, one := range []site{s, far} {
		if err := (&unitScanner{App: one.App}).scan(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	compareAnswers(t, s, far)
	checkAnswers(t, s)
	stop()
	stopFar()
	// Definitions carry the moment at which they were made; supply data what
	// writing them again has counted.
	without := append(ofImports(), "definitions", "definition_changes", "supplies")
	want := dump(t, local, without...)
	want.filled(t, "facts", "exposures", "moments", "sale_hours", "stock_moves", "sale_skus", "models")
	sameTables(t, dump(t, remote, without...), want)
}

// compareAnswers asks two services the same.
func compareAnswers(t *testing.T, a, b site) {
	t.Helper()
	for _, path := range []string{
		"/v1/settings", "/v1/stock/sku%203", "/v1/items/sku%203/similar?limit=5", "/v1/trending?limit=8",
		"/v1/forecasts/sku%203?horizon=7&fresh=1", "/v1/recommendations?user=u3&limit=5", "/v1/recommendations?user=nobody&limit=5",
		"/v1/experiments/checkout/report", "/v1/supply/sku%203",
	} {
		want, got := a.get(path), b.get(path)
		for _, answer := range []any{want, got} {
			m := answer.(map[string]any)
			delete(m, "request") // the answer's own id
			delete(m, "version") // of supply data: how often they were written
			delete(m, "experiment")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s differs (-store +HTTP):\n%s", path, diff)
		}
	}
}

// checkAnswers: each surface says what the files said.
func checkAnswers(t *testing.T, s site) {
	t.Helper()
	for _, c := range []struct {
		path, where string
		want        any
	}{
		{"/v1/stock/sku%203", ".remaining", 30.0}, // the orders' corrections are older
		{"/v1/stock/sku%200", ".available", false},
		{"/v1/items/sku%203/similar?limit=5", ".items.length", 5.0},
		{"/v1/forecasts/sku%203?horizon=7", ".points.length", 7.0},
		{"/v1/recommendations?user=u3&limit=2", ".items.length", 2.0},
		{"/v1/supply/sku%203", ".lead_time_days", 7.0},
		{"/v1/supply/sku%203", ".on_order.length", 2.0},
		{"/v1/supply/sku%203", ".on_order[1].quantity", 6.0},
		{"/v1/experiments/checkout/report", ".units.control", 20.0},
		{"/v1/experiments/checkout/report", ".units.b", 20.0},
		{"/v1/consumers", ".lag", 0.0},
		{"/v1/consumers", ".dead", 0.0},
	} {
		if got := s.at(c.path, c.where); !cmp.Equal(got, c.want) {
			t.Errorf("%s %s is %v, want %v: %v", c.path, c.where, got, c.want, s.get(c.path))
		}
	}
}

func TestSupplyRows(t *testing.T) {
	t.Parallel()
	cfg := quiet(t.TempDir())
	file := write(t, "supply.csv", `Code,cost,lead_time_days,pack,on_order_date,on_order_quantity
a,5,7,1,,
b,5,soon,1,,
c,-5,7,1,,
,5,7,1,,
d,5,7,0,,
e,5,7,1,,12
f,5,7,1,11.11.2026,12
`)
	got := peakday(t, nil, "import", "supply", file, "--map", "sku=Code", "--data", cfg.Data, "--json")
	if c := objectOf[importCounts](t, got.stdout); got.code != 0 || c.Read != 7 || c.Accepted != 1 || c.Rejected != 6 {
		t.Errorf("exit %d, %+v", got.code, c)
	}
	for i, says := range []string{
		"column lead_time_days must be a number of days", "column cost must be 0 to", "column Code is required",
		"column pack must be 1 to", "column on_order_date is required", "column on_order_date must be a date",
	} {
		if want := fmt.Sprintf("%s:%d: %s", file, i+3, says); !strings.Contains(got.stderr, want) {
			t.Errorf("stderr does not say %q:\n%s", want, got.stderr)
		}
	}
	changed := write(t, "supply.csv", "sku,cost\na,6\n")
	if c := counted(t, "supply", changed, "--data", cfg.Data); c.Accepted != 1 {
		t.Errorf("a changed row: %+v", c)
	}
	if c := counted(t, "supply", changed, "--data", cfg.Data); c.Duplicates != 1 {
		t.Errorf("the same row again: %+v", c)
	}
}

// TestExposuresToNothingAreRejected into the store as through HTTP.
func TestExposuresToNothingAreRejected(t *testing.T) {
	t.Parallel()
	cfg := quiet(t.TempDir())
	s, stop := serving(t, cfg)
	s.runs(t)
	file := write(t, "exposures.csv", fmt.Sprintf("experiment,variant,unit,time\ncheckout,b,u1,%[1]d\ncheckout,z,u2,%[1]d\nnothing,b,u3,%[1]d\n", time.Now().Unix()))
	over := peakday(t, nil, "import", "exposures", file, "--url", s.url(), "--json")
	stop()
	near := peakday(t, nil, "import", "exposures", file, "--data", cfg.Data, "--json")
	for name, got := range map[string]outcome{"HTTP": over, "the store": near} {
		c := objectOf[importCounts](t, got.stdout)
		if got.code != 0 || c.Rejected != 2 || c.Accepted+c.Duplicates != 1 {
			t.Errorf("into %s: exit %d, %+v", name, got.code, c)
		}
		for _, says := range []string{":3: data.variant must be a variant of checkout", ":4: data.experiment must be an experiment that was started"} {
			if !strings.Contains(got.stderr, file+says) {
				t.Errorf("into %s: stderr does not say %q:\n%s", name, says, got.stderr)
			}
		}
	}
}

// TestImportThroughAKey needs the scope manage, and says so.
func TestImportThroughAKey(t *testing.T) {
	t.Parallel()
	cfg := quiet(t.TempDir())
	keys := map[string]string{}
	for _, scope := range []string{"manage", "events:trusted"} {
		keys[scope] = objectOf[createdKey](t, ok(t, "keys", "create", scope, "--scopes", scope, "--data", cfg.Data, "--json")).Secret
	}
	s, _ := serving(t, cfg)
	file := write(t, "orders.csv", "order_id,sku,quantity,price,time\no1,s1,1,5,2026-01-05\n")
	checkFailure(t, peakday(t, nil, "import", "orders", file, "--url", s.url()), 1, []string{"401", "access key"})
	checkFailure(t, peakday(t, nil, "import", "orders", file, "--url", s.url(), "--key", keys["events:trusted"]), 1, []string{"403", "events:trusted"})
	if c := counted(t, "orders", file, "--url", s.url(), "--key", keys["manage"]); c.Accepted != 1 {
		t.Errorf("%+v", c)
	}
	// A key need not stand on the command line, where others can read it.
	if got := peakday(t, []string{"PEAKDAY_KEY", keys["manage"]}, "import", "orders", file, "--url", s.url()+"/"); got.code != 0 {
		t.Errorf("%+v", got)
	}
}

// TestLongLinesGoThroughHTTP: a batch may hold more bytes than a request.
func TestLongLinesGoThroughHTTP(t *testing.T) {
	t.Parallel()
	s, _ := serving(t, quiet(t.TempDir()))
	var b strings.Builder
	b.WriteString("order_id,sku,quantity,price,time,title\n")
	for i := range 45 {
		fmt.Fprintf(&b, "o%d,s1,1,5,2026-01-05,%s\n", i, strings.Repeat("very long ", 20_000))
	}
	if c := counted(t, "orders", write(t, "orders.csv", b.String()), "--url", s.url()); c.Accepted != 45 {
		t.Errorf("%+v", c)
	}
}

// stopping is a store whose import is interrupted after some batches.
type stopping struct {
	localSink
	after int
	stop  func()
}

func (s *stopping) send(ctx context.Context, batch []events.Decoded) (events.Receipt, error) {
	if s.after--; s.after < 0 {
		s.stop()
	}
	return s.localSink.send(ctx, batch)
}

// TestInterruptedImportCanGoOn interrupts the import of three batches before
// each of them, and while what it has stored is still being applied.
func TestInterruptedImportCanGoOn(t *testing.T) {
	t.Parallel()
	const lines = 50 // a batch
	header, rows := shopRows(2*lines + 20)
	file := write(t, "orders.csv", table(t, header, rows))
	whole := quiet(t.TempDir())
	counted(t, "orders", file, "--data", whole.Data)
	want := dump(t, whole, ofImports()...)
	for after := range 4 {
		t.Run(fmt.Sprint("after batch ", after), func(t *testing.T) {
			t.Parallel()
			cfg := quiet(t.TempDir())
			a := opened(t, cfg)
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			im := &importing{kind: "orders", files: []string{file}, header: true, batch: lines, into: &stopping{localSink{a}, after, stop}, report: t.Output(), now: time.Now()}
			if after == 3 {
				im.into = &finishing{localSink{a}, stop}
			}
			if err := im.run(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("the interrupted import ended with %v", err)
			}
			closed(t, a)
			got := counted(t, "orders", file, "--data", cfg.Data)
			if got.Accepted+got.Duplicates != got.Read || got.Duplicates != int64(min(after*lines, len(rows))) {
				t.Errorf("the second import counted %+v", got)
			}
			sameTables(t, dump(t, cfg, ofImports()...), want)
		})
	}
}

// finishing is a store whose import is interrupted when all is stored.
type finishing struct {
	localSink
	stop func()
}

func (s *finishing) finish(ctx context.Context) error {
	s.stop()
	return s.localSink.finish(ctx)
}

// TestImportSettlesTheShop: zone and currency of the first import are the
// store's, and times are read in that zone.
func TestImportSettlesTheShop(t *testing.T) {
	t.Parallel()
	cfg := quiet(t.TempDir())
	file := write(t, "orders.csv", "order_id,sku,quantity,price,time\no1,s1,1,500,2026-01-05 00:30:00\n")
	counted(t, "orders", file, "--data", cfg.Data, "--timezone", "Asia/Tokyo", "--currency", "JPY")
	counted(t, "orders", file, "--data", cfg.Data)
	s, stop := serving(t, cfg)
	if zone, currency := s.at("/v1/settings", ".timezone"), s.at("/v1/settings", ".currency"); zone != "Asia/Tokyo" || currency != "JPY" {
		t.Errorf("settings %v %v", zone, currency)
	}
	stop()
	lines := dump(t, cfg)["sale_lines"]
	at := fmt.Sprintf("at=%d", time.Date(2026, 1, 4, 15, 30, 0, 0, time.UTC).UnixMicro())
	if len(lines) != 1 || !strings.Contains(lines[0], at) || !strings.Contains(lines[0], "amount=500 ") {
		t.Errorf("%q", lines)
	}
}
