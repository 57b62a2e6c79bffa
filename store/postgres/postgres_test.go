package postgres_test

import (
	"testing"

	"github.com/peakday/peakday/store/postgres"
	"github.com/peakday/peakday/store/sqldb"
	"github.com/peakday/peakday/store/storetest/services"
)

func open(t *testing.T, server string, trace sqldb.Trace) *sqldb.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), services.NewDatabase(t, server), trace)
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
