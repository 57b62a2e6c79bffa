package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/peakday/peakday/store/storetest/services"
)

// kills is how often the import is killed on each store.
const kills = 20

// TestKilledImportLosesAndDoublesNothing imports 5,000 lines in a process of
// its own, ends it by SIGKILL at a random moment, imports the file again, and
// compares every table with an undisturbed import: twenty times on each store.
func TestKilledImportLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	program := buildProgram(t)
	file := filepath.Join(t.TempDir(), "orders.csv")
	if err := os.WriteFile(file, orderLines(5_000), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		killed{program, file, func(t *testing.T) store { return store{data: t.TempDir()} }}.test(t)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		server := services.Postgres(t)
		killed{program, file, func(t *testing.T) store {
			return store{t.TempDir(), services.NewDatabase(t, server)}
		}}.test(t)
	})
}

// buildProgram builds peakday without the race detector: what is tested is the
// program that people run.
func buildProgram(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "peakday")
	build := exec.Command("go", "build", "-o", program, "../../cmd/peakday")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return program
}

// orderLines writes n lines with what real files have: exact repeats, returns
// that name no order, lines without a customer, SKUs with blanks.
func orderLines(n int) []byte {
	r := rand.New(rand.NewPCG(3, 3))
	var b bytes.Buffer
	b.WriteString("order_id,sku,user_id,quantity,price,time,region\n")
	at := time.Date(2026, 1, 1, 8, 0, 0, 0, time.UTC)
	for i := 0; i < n; {
		order, user := fmt.Sprintf("o%d", i), fmt.Sprintf("u%d", r.IntN(800))
		if r.IntN(4) == 0 {
			user = ""
		}
		at = at.Add(time.Duration(r.IntN(20)) * time.Minute)
		for range 1 + r.IntN(6) {
			quantity := 1 + r.IntN(9)
			if r.IntN(30) == 0 {
				quantity = -1
			}
			line := fmt.Sprintf("%s,sku %d,%s,%d,%d.%02d,%s,east\n", order, r.IntN(300), user, quantity, r.IntN(50), r.IntN(100), at.Format(time.RFC3339))
			for range 1 + r.IntN(30)/29 {
				if i < n {
					b.WriteString(line)
					i++
				}
			}
		}
	}
	return b.Bytes()
}

// store is where an import goes.
type store struct {
	data     string
	postgres string // empty: SQLite in data
}

// killed is the test on one kind of store.
type killed struct {
	program, file string
	newStore      func(*testing.T) store
}

func (k killed) test(t *testing.T) {
	whole := k.newStore(t)
	began := time.Now()
	first := k.importAll(t, whole)
	took := time.Since(began)
	if first.Accepted+first.Rejected != first.Read || first.Rejected != 0 {
		t.Fatalf("the undisturbed import counted %+v", first)
	}
	want := whole.digests(t)
	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	early := 0
	for round := range kills {
		s := k.newStore(t)
		after := time.Duration(r.Float64() * float64(took))
		if k.importAndKill(t, s, after) {
			early++
		}
		began = time.Now()
		again := k.importAll(t, s)
		// A busy machine may be idle a moment later.
		took = min(took, time.Since(began))
		if again.Accepted+again.Duplicates != first.Accepted {
			t.Errorf("killed after %s, the second import counted %+v, want %d in all", after, again, first.Accepted)
		}
		if round%5 == 0 {
			if third := k.importAll(t, s); third.Accepted != 0 || third.Duplicates != first.Accepted {
				t.Errorf("killed after %s, the third import counted %+v", after, third)
			}
		}
		for table, digest := range s.digests(t) {
			if digest != want[table] {
				t.Errorf("killed after %s, table %s differs from the undisturbed import's", after, table)
			}
		}
	}
	if early < kills/2 {
		t.Errorf("only %d of %d imports were still running when they were killed", early, kills)
	}
}

func (k killed) command(ctx context.Context, s store) *exec.Cmd {
	args := []string{"import", "orders", k.file, "--data", s.data, "--json"}
	if s.postgres != "" {
		args = append(args, "--postgres", s.postgres)
	}
	return exec.CommandContext(ctx, k.program, args...)
}

func (k killed) importAll(t *testing.T, s store) (counts importCounts) {
	t.Helper()
	c := k.command(t.Context(), s)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("import: %v\n%s", err, stderr.String())
	}
	if err := json.Unmarshal(out, &counts); err != nil {
		t.Fatalf("import --json printed %q: %v", out, err)
	}
	return counts
}

// importAndKill reports whether the import was still running when it was
// killed.
func (k killed) importAndKill(t *testing.T, s store, after time.Duration) bool {
	t.Helper()
	c := k.command(t.Context(), s)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Fatalf("the import failed by itself: %v", err)
		}
		return false
	case <-time.After(after):
	}
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-ended
	return true
}

// comparedTables hold all that follows from the events. The inbox keeps which
// position won, and cursors count what came twice: those depend on the kill.
func comparedTables() map[string]string {
	return map[string]string{
		"inbox":      "part, hi, lo",
		"facts":      "part, unit, type, at, hi, lo, kind, late, data",
		"sale_skus":  "part, sku, item",
		"sale_lines": "part, sku, order_id, hi, lo, user_id, kind, item, region, at, quantity, amount, other_currency, event",
		"sale_hours": "part, sku, start, region, quantity, revenue, other_currency, deposits",
		"models":     "version",
	}
}

// digests gives a hash of every compared table.
func (s store) digests(t *testing.T) map[string]string {
	t.Helper()
	driver, dsn := "sqlite", filepath.Join(s.data, "peakday.db")
	if s.postgres != "" {
		driver, dsn = "pgx", s.postgres
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	out := map[string]string{}
	for table, columns := range comparedTables() {
		out[table] = digest(t, db, table, columns)
	}
	return out
}

func digest(t *testing.T, db *sql.DB, table, columns string) string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT "+columns+" FROM "+table)
	if err != nil {
		t.Fatalf("read %s: %v", table, err)
	}
	defer rows.Close()
	cells := make([]any, strings.Count(columns, ",")+1)
	for i := range cells {
		cells[i] = new(sql.RawBytes)
	}
	var sum [sha256.Size]byte
	n := 0
	for rows.Next() {
		if err := rows.Scan(cells...); err != nil {
			t.Fatal(err)
		}
		h := sha256.New()
		for _, c := range cells {
			fmt.Fprintf(h, "%d:%s", len(*c.(*sql.RawBytes)), *c.(*sql.RawBytes))
		}
		for i, b := range h.Sum(nil) {
			sum[i] ^= b // the order of rows does not matter, and no row comes twice
		}
		n++
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if n == 0 {
		t.Fatalf("table %s is empty", table)
	}
	return fmt.Sprint(n, " ", hex.EncodeToString(sum[:]))
}
