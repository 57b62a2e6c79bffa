package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/peakday/peakday/store/sqlite"
	dbtest "github.com/peakday/peakday/store/storetest/db"
)

// TestConformance also looks at the plan of every statement that the suite runs.
func TestConformance(t *testing.T) {
	t.Parallel()
	db := openRaw(t)
	dbtest.RunPlans(t, open, func(t *testing.T, text string, args []any) []string {
		return scans(t, db, text, args)
	})
}

// scans reads the tables out of lines such as "SCAN t" and "SCAN k"; t is the
// alias that our statements give to the table behind FROM k CROSS JOIN. All
// lines of a part or of a SKU are as bad as the table: a sale's favourite has
// most of them.
func scans(t *testing.T, db *sql.DB, text string, args []any) (tables []string) {
	t.Helper()
	switch strings.ToUpper(strings.Fields(text)[0]) {
	case "BEGIN", "COMMIT", "ROLLBACK":
		return nil
	}
	rows, err := db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+text, args...)
	if err != nil {
		t.Fatalf("explain %s: %v", text, err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		if words := strings.Fields(detail); words[0] == "SCAN" || words[0] == "SEARCH" {
			table := tableOf(text, words[1])
			broad := strings.HasSuffix(detail, "(part=?)") || strings.HasSuffix(detail, "(part=? AND sku=?)")
			if words[0] == "SCAN" || table == "sale_lines" && broad {
				tables = append(tables, table)
			}
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return tables
}

// tableOf gives the table that a statement calls by an alias.
func tableOf(text, alias string) string {
	words := strings.Fields(strings.NewReplacer(",", " ", "(", " ", ")", " ").Replace(text))
	for i := 1; i < len(words); i++ {
		if words[i] == alias && words[i-1] != "SCAN" {
			return words[i-1]
		}
	}
	return alias
}

func TestPlansFindAScan(t *testing.T) {
	t.Parallel()
	db := openRaw(t)
	got := scans(t, db, "SELECT t.data FROM facts t WHERE t.type = $1", []any{"order.paid"})
	if len(got) != 1 || got[0] != "facts" {
		t.Errorf("a scan of facts was seen as %q", got)
	}
	if got := scans(t, db, "SELECT t.data FROM facts t WHERE t.part = $1 AND t.unit = $2", []any{1, "u"}); len(got) != 0 {
		t.Errorf("a search was seen as a scan of %q", got)
	}
}

func openRaw(t *testing.T) *sql.DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "raw.db")
	schema, err := sqlite.Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = schema.Close() })
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
