package app

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/peakday/peakday/api"
	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/store/storetest/services"
)

func TestWrongUsage(t *testing.T) {
	t.Parallel()
	const somewhere = "PEAKDAY_DATA"
	file := write(t, "orders.csv", "order_id,sku,quantity,price,time\n")
	for _, c := range []struct {
		name string
		args string
		says []string // what the message must hold
	}{
		{"unknown command", "sell", []string{`unknown command "sell"`, "peakday --help"}},
		{"unknown command below another", "keys borrow", []string{`unknown command "borrow"`, "peakday keys --help"}},
		{"unknown command two levels below", "events dead-letters bury", []string{`unknown command "bury"`, "dead-letters --help"}},
		{"unknown flag", "serve --colour", []string{"unknown flag: --colour", "peakday serve --help"}},
		{"flag without its value", "serve --addr", []string{"needs an argument: --addr", "peakday serve --help"}},
		{"number that is none", "events dead-letters list --limit many", []string{`--limit must be a whole number, got "many"`, "list --help"}},
		{"number too small", "events dead-letters list --limit 0", []string{"--limit must be at least 1, got 0"}},
		{"argument too many", "serve now", []string{`"now"`, "peakday serve --help"}},
		{"argument missing", "analyze --variant g", []string{"the form is peakday analyze FILE", "peakday analyze --help"}},

		{"import of nothing", "import", []string{"2 arg", "peakday import --help"}},
		{"import without file", "import orders", []string{"2 arg", "peakday import --help"}},
		{"unknown kind", "import receipts FILE", []string{`no kind of file "receipts"`, "orders, behaviour, catalog, stock, exposures or supply"}},
		{"unknown field", "import orders FILE --map colour=C", []string{`no field "colour" of orders`, "order_id, user_id"}},
		{"field of another kind", "import supply FILE --map order_id=C", []string{`no field "order_id" of supply`, "lead_time_days"}},
		{"map without a column", "import orders FILE --map sku", []string{`--map must be field=column, got "sku"`}},
		{"map to nothing", "import orders FILE --map sku=", []string{`--map must be field=column, got "sku="`}},
		{"map of nothing", "import orders FILE --map =Code", []string{`--map must be field=column, got "=Code"`}},
		{"field mapped twice", "import orders FILE --map sku=A --map sku=B", []string{`--map names the field "sku" twice`}},
		{"names without a header", "import orders FILE --no-header --map sku=Code", []string{`--map sku=… must give the number of a column from 1, got "Code"`}},
		{"column 0", "import orders FILE --no-header --map sku=0", []string{`--map sku=… must give the number of a column from 1, got "0"`}},
		{"no header and no numbers", "import orders FILE --no-header", []string{"--map order_id=… must give the number of its column"}},
		{"two stores", "import orders FILE --url http://127.0.0.1:1 --data DIR", []string{"--data and --postgres are that service's"}},
		{"two stores, the other", "import orders FILE --url http://127.0.0.1:1 --postgres postgres://x", []string{"--data and --postgres are that service's"}},
		{"address for a URL", "import orders FILE --url 127.0.0.1:8080", []string{"--url must have the form http://HOST:PORT", `"127.0.0.1:8080"`}},

		{"analyze without a file", "analyze", []string{"1 arg", "peakday analyze --help"}},
		{"analyze without a variant", "analyze FILE --control a --metric v=v", []string{"--variant is required"}},
		{"analyze without a control", "analyze FILE --variant g --metric v=v", []string{"--control is required"}},
		{"analyze without a metric", "analyze FILE --variant g --control a", []string{"--metric is required: NAME=COLUMN"}},
		{"analyze a kind that is none", "analyze FILE --variant g --control a --metric v=v:median", []string{"--metric must be of kind", `"median"`}},
		{"cap of no metric", "analyze FILE --variant g --control a --metric v=v --cap w=0.9", []string{`--cap names the metric "w"`}},
		{"cap that is no quantile", "analyze FILE --variant g --control a --metric v=v --cap v=99", []string{"--cap v=… must be a quantile", `"99"`}},
		{"weight that is none", "analyze FILE --variant g --control a --metric v=v --weights a=x", []string{"--weights must give numbers above 0", `"a=x"`}},
		{"unknown correction", "analyze FILE --variant g --control a --metric v=v --correction sidak", []string{"--correction must be holm, bh or none", `"sidak"`}},

		{"unknown time zone", "serve --timezone Mars/Olympus", []string{"--timezone must be an IANA name such as Asia/Shanghai", `"Mars/Olympus"`}},
		{"unknown currency", "migrate --currency yuan", []string{"--currency must be an ISO 4217 code such as CNY", `"yuan"`}},
		{"currency that nobody pays with", "migrate --currency XYZ", []string{"--currency XYZ is no currency of ISO 4217"}},
		{"unknown log level", "migrate --log-level loud", []string{"--log-level must be debug, info, warn or error", `"loud"`}},
		{"several things", "migrate --currency yuan --timezone Mars", []string{"--currency", "--timezone"}},
		{"no data directory", "migrate --data=", []string{"--data must name a directory"}},
		{"port for an address", "serve --addr 8080", []string{"--addr must have the form HOST:PORT", `"8080"`}},
		{"open to the network without keys", "serve --addr 0.0.0.0:0", []string{"peakday keys create", "127.0.0.1"}},
		{"open to all interfaces without keys", "serve --addr :0", []string{"peakday keys create"}},
		{"PostgreSQL by name", "serve --postgres localhost", []string{"--postgres must be a URL of the form postgres://"}},
		{"Redis by name", "serve --redis localhost:6379", []string{"--redis must be a URL of the form redis://"}},

		{"key without a name", "keys create --scopes read", []string{"1 arg", "peakday keys create --help"}},
		{"key for nothing", "keys create shop", []string{"--scopes is required", "events:trusted"}},
		{"key for what does not exist", "keys create shop --scopes fly", []string{`no scope "fly"`, "evaluate"}},
		{"origin without a scheme", "keys create shop --scopes read --origins shop.example", []string{"--origins must have the form https://shop.example", `"shop.example"`}},
		{"origin with a path", "keys create shop --scopes read --origins https://shop.example/", []string{`"https://shop.example/"`}},
		{"revoking nothing", "keys revoke", []string{"1 arg", "peakday keys revoke --help"}},

		{"demo on a database", "demo --postgres postgres://x", []string{"unknown flag: --postgres"}},
		{"demo for nobody", "demo --once --addr 127.0.0.1:0 --users -3", []string{"--users must be 100 to 1000000, got -3"}},
		{"demo where data are", "demo --once --addr 127.0.0.1:0 --data USED", []string{"is not empty", "peakday serve --data"}},
		{"demo for the network", "demo --once --addr 0.0.0.0:0", []string{"listen on 127.0.0.1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			args := strings.Fields(c.args)
			for i, a := range args {
				switch a {
				case "FILE":
					args[i] = file
				case "USED":
					args[i] = filepath.Dir(file)
				case "DIR":
					args[i] = t.TempDir()
				}
			}
			got := peakday(t, []string{somewhere, filepath.Join(t.TempDir(), "data")}, args...)
			checkFailure(t, got, 2, c.says)
		})
	}
}

// checkFailure: the exit code, one message that begins with the program's name,
// and nothing on stdout.
func checkFailure(t *testing.T, got outcome, code int, says []string) {
	t.Helper()
	if got.code != code {
		t.Errorf("exit %d, want %d", got.code, code)
	}
	if got.stdout != "" {
		t.Errorf("stdout %q", got.stdout)
	}
	if !strings.HasPrefix(got.stderr, "peakday: ") && !strings.Contains(got.stderr, "\npeakday: ") {
		t.Errorf("stderr %q does not name the program", got.stderr)
	}
	for _, s := range says {
		if !strings.Contains(got.stderr, s) {
			t.Errorf("stderr does not say %q:\n%s", s, got.stderr)
		}
	}
	for _, trace := range []string{"goroutine ", "panic", ".go:"} {
		if strings.Contains(got.stderr, trace) {
			t.Errorf("stderr shows the inside of the program:\n%s", got.stderr)
		}
	}
}

func TestEnvironmentThatIsWrongIsNamed(t *testing.T) {
	t.Parallel()
	got := peakday(t, []string{"PEAKDAY_DATA", t.TempDir(), "PEAKDAY_LIMIT", "many"}, "events", "dead-letters", "list")
	checkFailure(t, got, 2, []string{"PEAKDAY_LIMIT", `"many"`})
	got = peakday(t, []string{"PEAKDAY_DATA", t.TempDir(), "PEAKDAY_TIMEZONE", "Mars"}, "migrate")
	checkFailure(t, got, 2, []string{"IANA", `"Mars"`})
}

func TestFailures(t *testing.T) {
	t.Parallel()
	header := "order_id,sku,quantity,price,time\n"
	orders := write(t, "orders.csv", header+"o1,s1,1,5,2026-01-05\n")
	bad := write(t, "bad.csv", header+"o1,s1,1,free,2026-01-05\no2,s1,none,5,2026-01-05\n")
	renamed := write(t, "renamed.csv", "Invoice,Code,Qty\n1,a,1\n")
	started := t.TempDir()
	ok(t, "migrate", "--data", started, "--timezone", "Asia/Shanghai", "--currency", "JPY")
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = busy.Close() })
	for _, c := range []struct {
		name string
		args []string
		says []string
	}{
		{"missing file", []string{"import", "orders", "nowhere.csv"}, []string{"nowhere.csv", "no such file"}},
		{"directory", []string{"import", "orders", t.TempDir()}, []string{"is a directory"}},
		{"missing column", []string{"import", "orders", renamed}, []string{renamed + ":1", `no column "order_id"`, "--map order_id=COLUMN", "Invoice, Code, Qty"}},
		{"missing column of a map", []string{"import", "orders", renamed, "--map", "order_id=Number"}, []string{`no column "Number" for --map order_id=Number`, "Invoice, Code, Qty"}},
		{"empty file", []string{"import", "orders", write(t, "empty.csv", "")}, []string{"empty.csv: is empty: a header line was expected"}},
		{"another time zone", []string{"serve", "--data", started, "--timezone", "UTC"}, []string{"--timezone UTC", "started with Asia/Shanghai"}},
		{"another currency", []string{"import", "orders", orders, "--data", started, "--currency", "CNY"}, []string{"--currency CNY", "started with JPY"}},
		{"address in use", []string{"serve", "--addr", busy.Addr().String()}, []string{"cannot listen on " + busy.Addr().String(), "--addr"}},
		{"service that is not there", []string{"import", "orders", orders, "--url", "http://127.0.0.1:1"}, []string{"127.0.0.1:1", "refused"}},
		{"unknown key to revoke", []string{"keys", "revoke", "nobody"}, []string{`no key "nobody" in force`, "peakday keys list"}},
		{"PostgreSQL that is not there", []string{"migrate", "--postgres", "postgres://shop:hunter2@127.0.0.1:1/shop"}, []string{"127.0.0.1"}},
		{"Redis that is not there", []string{"migrate", "--redis", "redis://shop:hunter2@127.0.0.1:1/0"}, []string{"redis at 127.0.0.1:1 does not answer"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := peakday(t, []string{"PEAKDAY_DATA", t.TempDir()}, c.args...)
			checkFailure(t, got, 1, c.says)
			if strings.Contains(got.stderr, "hunter2") {
				t.Errorf("a password is shown: %s", got.stderr)
			}
		})
	}
	t.Run("every line rejected", func(t *testing.T) {
		t.Parallel()
		got := peakday(t, nil, "import", "orders", bad, "--data", t.TempDir(), "--json")
		if counts := objectOf[importCounts](t, got.stdout); got.code != 1 || counts.Read != 2 || counts.Rejected != 2 {
			t.Errorf("exit %d, %+v", got.code, counts)
		}
		for _, s := range []string{
			bad + `:2: column price must be a decimal number, got "free"`,
			bad + `:3: column quantity must be a whole number, got "none"`, "every line was rejected",
		} {
			if !strings.Contains(got.stderr, s) {
				t.Errorf("stderr does not say %q:\n%s", s, got.stderr)
			}
		}
	})
}

// TestLockedDirectoryNamesTheWayIn: one process has the data; another is told
// how to reach it.
func TestLockedDirectoryNamesTheWayIn(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	a := opened(t, quiet(data))
	defer closed(t, a)
	orders := write(t, "orders.csv", "order_id,sku,quantity,price,time\no1,s1,1,5,2026-01-05\n")
	for _, args := range [][]string{{"import", "orders", orders}, {"serve", "--addr", "127.0.0.1:0"}, {"migrate"}, {"events", "dead-letters", "replay"}} {
		checkFailure(t, peakday(t, nil, append(args, "--data", data)...), 1, []string{"another peakday process is using " + data, "--url http://HOST:PORT"})
	}
	// What works on the database alone works beside it.
	ok(t, "keys", "list", "--data", data)
	ok(t, "events", "dead-letters", "list", "--data", data)
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	here, there := filepath.Join(t.TempDir(), "here"), filepath.Join(t.TempDir(), "there")
	env := []string{"PEAKDAY_DATA", here, "PEAKDAY_CURRENCY", "JPY", "PEAKDAY_TIMEZONE", "Asia/Tokyo", "PEAKDAY_URL", "http://127.0.0.1:1"}
	exists := func(path string) bool {
		_, err := os.Stat(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		return err == nil
	}
	if got := peakday(t, env, "migrate"); got.code != 0 || !exists(here) {
		t.Fatalf("PEAKDAY_DATA was not used: %+v", got)
	}
	checkFailure(t, peakday(t, nil, "migrate", "--data", here, "--currency", "CNY"), 1, []string{"started with JPY"})
	// A flag outdoes the environment, also when the two exclude each other.
	orders := write(t, "orders.csv", "order_id,sku,quantity,price,time\no1,s1,1,5,2026-01-05\n")
	if got := peakday(t, env, "import", "orders", orders, "--data", there); got.code != 0 || !exists(there) {
		t.Errorf("--data did not outdo PEAKDAY_DATA and PEAKDAY_URL: %+v", got)
	}
	checkFailure(t, peakday(t, env[:6], "import", "orders", orders, "--url", "http://127.0.0.1:1"), 1, []string{"refused"})
	// Without both, the variables count.
	checkFailure(t, peakday(t, env, "import", "orders", orders), 1, []string{"127.0.0.1:1", "refused"})
}

func TestHelpIsForPeople(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{}, {"--help"}, {"help", "import"}, {"import", "--help"}, {"keys"}, {"events"}, {"events", "dead-letters"}, {"keys", "create", "--help"}} {
		if out := ok(t, args...); !strings.Contains(out, "Usage:") {
			t.Errorf("peakday %v printed %q", args, out)
		}
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	if out := ok(t, "version"); !strings.HasPrefix(out, "peakday ") || strings.Count(out, "\n") != 1 {
		t.Errorf("%q", out)
	}
	if b := objectOf[build](t, ok(t, "version", "--json")); b.Version == "" || b.Go == "" || b.Platform == "" {
		t.Errorf("%+v", b)
	}
}

func TestMigrateIsForAnyTime(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "new", "data")
	for range 2 {
		if out := ok(t, "migrate", "--data", data); out != "the schema is up to date\n" {
			t.Errorf("%q", out)
		}
	}
}

func TestMigratePostgres(t *testing.T) {
	t.Parallel()
	database := services.NewDatabase(t, services.Postgres(t))
	for range 2 {
		ok(t, "migrate", "--data", t.TempDir(), "--postgres", database)
	}
	ok(t, "keys", "create", "shop", "--scopes", "read", "--postgres", database)
	if out := ok(t, "keys", "list", "--postgres", database); !strings.Contains(out, "shop") {
		t.Errorf("%q", out)
	}
}

// createdKey is what keys create --json prints.
type createdKey struct {
	ID, Name, Secret string
	Scopes, Origins  []string
}

func TestKeys(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data") // the first command there ever is
	made := objectOf[createdKey](t, ok(t, "keys", "create", "web shop", "--scopes", "evaluate,events:behaviour", "--origins", "https://shop.example", "--data", data, "--json"))
	if made.ID == "" || made.Name != "web shop" || !strings.HasPrefix(made.Secret, "pd_") || len(made.Scopes) != 2 || len(made.Origins) != 1 {
		t.Fatalf("%+v", made)
	}
	plain := ok(t, "keys", "create", "erp", "--scopes", "manage", "--data", data)
	if !strings.Contains(plain, "secret  pd_") || !strings.Contains(plain, "not shown again") {
		t.Errorf("%q", plain)
	}
	checkSecretIsNowhere(t, data, made.Secret)

	listed := ok(t, "keys", "list", "--data", data)
	if lines := strings.Count(listed, "\n"); lines != 3 || !strings.Contains(listed, "web shop") || !strings.Contains(listed, "https://shop.example") {
		t.Errorf("listed %q", listed)
	}
	for _, hidden := range []string{made.Secret, api.HashSecret(made.Secret)} {
		if strings.Contains(listed, hidden) {
			t.Errorf("the list shows the secret or its hash: %q", listed)
		}
	}

	if out := ok(t, "keys", "revoke", made.ID, "--data", data); out != "revoked "+made.ID+"\n" {
		t.Errorf("%q", out)
	}
	checkFailure(t, peakday(t, nil, "keys", "revoke", made.ID, "--data", data), 1, []string{"no key"})
	all := objectOf[struct{ Items []listedKey }](t, ok(t, "keys", "list", "--data", data, "--json"))
	if len(all.Items) != 2 || all.Items[0].ID != made.ID || all.Items[0].Revoked == "" || all.Items[1].Revoked != "" {
		t.Errorf("%+v", all)
	}
}

// checkSecretIsNowhere reads the store's files: they hold the secret's hash and
// never the secret.
func checkSecretIsNowhere(t *testing.T, data, secret string) {
	t.Helper()
	hashed := false
	err := filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if strings.Contains(string(b), secret) || strings.Contains(string(b), strings.TrimPrefix(secret, "pd_")) {
			t.Errorf("%s holds the secret", path)
		}
		hashed = hashed || strings.Contains(string(b), api.HashSecret(secret))
		return err
	})
	if err != nil || !hashed {
		t.Errorf("the hash was found: %v, %v", hashed, err)
	}
}

// TestKeysOfARunningService: a key that is made or revoked beside a service
// counts there within a moment, and with the first one the doors close.
func TestKeysOfARunningService(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s, _ := serving(t, quiet(data))
	status := func(s site) int {
		code, _ := s.ask("GET", "/v1/consumers", "", "")
		return code
	}
	if got := status(s); got != 200 {
		t.Fatalf("without keys: %d", got)
	}
	made := objectOf[createdKey](t, ok(t, "keys", "create", "ops", "--scopes", "manage", "--data", data, "--json"))
	eventually(t, "the service wants a key", func() bool { return status(s) == 401 })
	s.key = made.Secret
	if got := status(s); got != 200 {
		t.Fatalf("with the key: %d", got)
	}
	ok(t, "keys", "revoke", made.ID, "--data", data)
	eventually(t, "the key is of no more use", func() bool { return status(s) == 401 })
}

func TestDeadLetters(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	// Three views that were two hours ahead of a clock that was slow, and one
	// that is ahead of ours.
	now := time.Now().UTC()
	cfg := quiet(data)
	cfg.Clock = func() time.Time { return now.Add(-3 * time.Hour) }
	a := opened(t, cfg)
	var batch []events.Decoded
	for i := range 4 {
		at := now.Add(-time.Hour)
		if i == 3 {
			at = now.Add(24 * time.Hour)
		}
		batch = append(batch, events.Decoded{Index: i, Event: events.Event{
			ID: fmt.Sprint("e", i), Source: "test", Type: "product.viewed", Time: at, Data: []byte(`{"user_id":"u1","product_id":"p1"}`),
		}})
	}
	receipt, err := a.intake.Accept(t.Context(), batch, events.Channel{})
	if err != nil || receipt.Accepted != 4 {
		t.Fatal(receipt, err)
	}
	if err := a.consumer.CaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	closed(t, a)

	list := func() []listedLetter {
		t.Helper()
		return objectOf[struct{ Items []listedLetter }](t, ok(t, "events", "dead-letters", "list", "--data", data, "--json")).Items
	}
	before := list()
	if len(before) != 4 || before[0].ID != "e0" || before[0].Type != "product.viewed" || before[0].Key != "user:u1" || !strings.Contains(before[0].Reason, "ahead of its arrival") {
		t.Fatalf("%+v", before)
	}
	if got := objectOf[struct{ Items []listedLetter }](t, ok(t, "events", "dead-letters", "list", "--data", data, "--json", "--limit", "2")).Items; len(got) != 2 {
		t.Errorf("--limit 2 gave %d", len(got))
	}
	if table := ok(t, "events", "dead-letters", "list", "--data", data); strings.Count(table, "\n") != 5 || !strings.Contains(table, "ahead of its arrival") {
		t.Errorf("%q", table)
	}

	if out := ok(t, "events", "dead-letters", "replay", "--data", data); !strings.HasPrefix(out, "replayed 4;") {
		t.Errorf("%q", out)
	}
	if after := list(); len(after) != 1 || after[0].ID != "e3" || after[0].Position == before[3].Position {
		t.Errorf("after the replay: %+v", after)
	}
	a = opened(t, quiet(data))
	defer closed(t, a)
	standing, err := a.db.Progress(t.Context(), a.log.ID())
	if err != nil {
		t.Fatal(err)
	}
	var applied, dead int64
	for _, s := range standing {
		applied, dead = applied+s.Applied, dead+s.Dead
	}
	if applied != 3 || dead != 5 {
		t.Errorf("applied %d, dead %d", applied, dead)
	}
}
