// Package services finds the real servers that driver tests need. Their URLs
// stand in PEAKDAY_TEST_POSTGRES and PEAKDAY_TEST_REDIS (`make test` sets
// them). Without one, its tests are left out with a sentence; where
// PEAKDAY_REQUIRE_SERVICES is 1, as in CI, they fail instead.
package services

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Postgres is the URL of a PostgreSQL server on which databases may be made.
func Postgres(t testing.TB) string { return need(t, "PEAKDAY_TEST_POSTGRES", "PostgreSQL") }

// Redis is the URL of a Redis server that may be emptied.
func Redis(t testing.TB) string { return need(t, "PEAKDAY_TEST_REDIS", "Redis") }

func need(t testing.TB, name, what string) string {
	t.Helper()
	server := os.Getenv(name)
	if server != "" {
		return server
	}
	if os.Getenv("PEAKDAY_REQUIRE_SERVICES") == "1" {
		t.Fatalf("%s is not set, and this run must not leave %s out", name, what)
	}
	t.Skipf("%s is not set: the tests against a real %s are left out ('make test' runs them)", name, what)
	return ""
}

// NewDatabase makes an empty database on server, drops it when the test ends,
// and returns its URL.
func NewDatabase(t testing.TB, server string) string {
	t.Helper()
	name := fmt.Sprintf("peakday_%d_%d", os.Getpid(), time.Now().UnixNano())
	admin(t, server, "CREATE DATABASE "+name)
	t.Cleanup(func() { admin(t, server, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

func admin(t testing.TB, server, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatalf("connect to the PostgreSQL of PEAKDAY_TEST_POSTGRES: %v", err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}
