package app

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tables is all that a database holds: table → its rows as text, sorted.
type tables map[string][]string

// dump reads every table of the store of cfg, which nobody may be writing.
// without lists what to leave out, as "table" or "table.column".
func dump(t testing.TB, cfg Config, without ...string) tables {
	t.Helper()
	driver, dsn := "sqlite", "file:"+filepath.Join(cfg.Data, "peakday.db")
	list := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
	if cfg.Postgres != "" {
		driver, dsn = "pgx", cfg.Postgres
		list = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	out := tables{}
	for _, name := range column(t, db, list) {
		if !strings.HasPrefix(name, "goose") && name != "migration_lock" && !slices.Contains(without, name) {
			out[name] = rowsOf(t, db, name, without)
		}
	}
	if len(out) < 12 {
		t.Fatalf("only %d tables were found", len(out))
	}
	return out
}

// column reads a query of one text column.
func column(t testing.TB, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// rowsOf writes each row of a table as name=value, by name.
func rowsOf(t testing.TB, db *sql.DB, table string, without []string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT * FROM "+table)
	if err != nil {
		t.Fatalf("read %s: %v", table, err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	cells := make([]any, len(names))
	for i := range cells {
		cells[i] = new(any)
	}
	var out []string
	for rows.Next() {
		if err := rows.Scan(cells...); err != nil {
			t.Fatal(err)
		}
		var row []string
		for i, name := range names {
			if slices.Contains(without, table+"."+name) {
				continue
			}
			switch v := (*cells[i].(*any)).(type) {
			case []byte:
				row = append(row, fmt.Sprintf("%s=%q", name, string(v)))
			case string:
				row = append(row, fmt.Sprintf("%s=%q", name, v))
			default:
				row = append(row, fmt.Sprintf("%s=%v", name, v))
			}
		}
		sort.Strings(row)
		if nothing(table, row) {
			continue
		}
		out = append(out, tookTime.ReplaceAllString(strings.Join(row, " "), ""))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

// tookTime is how long a model's training took: no two take equally long.
var tookTime = regexp.MustCompile(`\\"seconds\\":[^,}]*,?`)

// nothing reports whether a row says nothing: sums of nothing, which stay where
// something was added in one batch and taken back in the next, and leave no row
// where both came in one; and models that are kept only for a rollback.
func nothing(table string, row []string) bool {
	all := func(cells ...string) bool {
		return !slices.ContainsFunc(cells, func(cell string) bool { return !slices.Contains(row, cell) })
	}
	switch table {
	case "sale_hours":
		return all("quantity=0", "revenue=0", "other_currency=0", "deposits=0")
	case "presale_hours":
		return all("deposits=0", "deposit_value=0", "void=0", "paid=0", "returned=0", "balances=0")
	case "moments":
		return slices.ContainsFunc(row, func(cell string) bool {
			sums, found := strings.CutPrefix(cell, "sums=")
			return found && strings.Trim(sums, "0 \"") == ""
		})
	case "models":
		return all("active=0")
	}
	return false
}

// sameTables compares two dumps.
func sameTables(t testing.TB, got, want tables) {
	t.Helper()
	for name := range want {
		if diff := cmp.Diff(want[name], got[name]); diff != "" {
			t.Errorf("table %s differs (-want +got):\n%.3000s", name, diff)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d tables, want %d", len(got), len(want))
	}
}

// filled fails for those of the tables that are empty: a comparison of nothing
// proves nothing.
func (all tables) filled(t testing.TB, names ...string) {
	t.Helper()
	for _, name := range names {
		if len(all[name]) == 0 {
			t.Errorf("table %s is empty", name)
		}
	}
}
