package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/peakday/peakday/store/sqldb"
	"github.com/peakday/peakday/store/sqlite"
)

func open(t *testing.T, trace sqldb.Trace) *sqldb.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "a b.db"), trace)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}
