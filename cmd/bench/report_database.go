package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"
)

// ownDatabase makes an empty database on a PostgreSQL server. drop removes it.
// The errors do not repeat the URL: it may hold a password.
func ownDatabase(ctx context.Context, server string) (address string, drop func(), err error) {
	u, err := url.Parse(server)
	if err != nil {
		return "", nil, errors.New("the PostgreSQL URL must have the form postgres://user:password@host:5432/database")
	}
	name := fmt.Sprint("peakday_bench_", time.Now().UnixNano())
	if err := inPostgres(ctx, server, "CREATE DATABASE "+name); err != nil {
		return "", nil, fmt.Errorf("create a database: %w", err)
	}
	u.Path = "/" + name
	return u.String(), func() {
		// What is left behind after a failure is an empty database of that name.
		_ = inPostgres(context.WithoutCancel(ctx), server, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
	}, nil
}

func inPostgres(ctx context.Context, server, statement string) error {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return errors.New("the server does not answer")
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	return err
}
