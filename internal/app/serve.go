package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/peakday/peakday/api"
	"github.com/peakday/peakday/experiments"
	"github.com/peakday/peakday/store/sqldb"
)

// server is the HTTP side of an App.
type server struct {
	*App
	listener net.Listener
	http     *http.Server
	keyring  *api.Keyring
	waiting  atomic.Pointer[string] // what the service still waits for; nil when it is ready
	stopping chan struct{}          // closed when it begins to stop
}

// newServer listens at the configured address. What is accepted before the
// service is ready is answered by /readyz with the reason.
func (a *App) newServer(ctx context.Context) (*server, error) {
	s := &server{App: a, stopping: make(chan struct{})}
	s.keyring = api.NewKeyring(a.readKeys)
	if err := s.keyring.Refresh(ctx); err != nil {
		return nil, err
	}
	if err := a.checkAccess(ctx); err != nil {
		return nil, err
	}
	s.wait("the service is starting")
	handler, err := s.handler()
	if err != nil {
		return nil, err
	}
	switch s.listener, err = net.Listen("tcp", a.cfg.Addr); {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("cannot listen on %s: another program does; stop it, or name another address with --addr", a.cfg.Addr)
	case err != nil:
		return nil, fmt.Errorf("listen: %w", err)
	}
	s.http = &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(a.logger.Handler(), slog.LevelWarn),
	}
	// Shutdown waits for every request, and a stream does not end by itself.
	s.http.RegisterOnShutdown(func() { close(s.stopping) })
	return s, nil
}

// checkAccess refuses to open the service to the network without keys.
func (a *App) checkAccess(ctx context.Context) error {
	if loopback(a.cfg.Addr) {
		return nil
	}
	keys, err := a.db.Keys(ctx)
	if err != nil {
		return fmt.Errorf("read the access keys: %w", err)
	}
	if len(keys) == 0 {
		return usage("--addr %s can be reached from other machines, and there are no access keys: make one with peakday keys create, or listen on 127.0.0.1", a.cfg.Addr)
	}
	return nil
}

func (s *server) handler() (http.Handler, error) {
	store := sqldb.Experiments{DB: s.db, Sums: sqldb.NewSumCache()}
	return api.New(api.Services{
		Desk: experiments.NewEditor(store, s.currency), Definitions: store, Live: s.definitions, Archive: store,
		Intake: s.intake, Log: s.log,
		Recommender: s.recommender, Items: s.followers.catalog, Models: &modelService{trainer: s.trainer, app: s.App},
		Policies: s.book, Credits: sqldb.Recommendations{DB: s.db}, Audiences: s.audiences,
		UserAttributes: knowledge{s.followers.reading, s.db, s.clock},
		Forecasts:      s.sales, Plans: s.db, Consumers: s.db,
		Keys: s.keyring, Ready: s.ready, Stopping: s.stopping, Metrics: s.registry, Logger: s.logger,
		Clock: s.clock, Shop: s.currency, Zone: s.zone, Version: thisBuild().Version,
	})
}

func (s *server) wait(reason string) { s.waiting.Store(&reason) }

// ready implements api.Ready.
func (s *server) ready(ctx context.Context) []string {
	if reason := s.waiting.Load(); reason != nil {
		return []string{*reason}
	}
	if err := s.db.Ping(ctx); err != nil {
		return []string{"the database does not answer"}
	}
	if s.log.Broken() != nil {
		return []string{"the event log could not be written (is the disk full?) and takes no more events until the service is started again"}
	}
	return nil
}

// url is where the service can be reached from this machine.
func (s *server) url() string { return "http://" + s.listener.Addr().String() }

// keysEvery is how soon a new or revoked key is known.
const keysEvery = time.Second

// begin starts the App and serves. failed gets the reason why serving ended by
// itself.
func (s *server) begin(ctx context.Context) (failed <-chan error, err error) {
	if err := s.Start(ctx); err != nil {
		return nil, err
	}
	s.background("keys", s.every(keysEvery, s.keyring.Refresh))
	ended := make(chan error, 2)
	go func() { ended <- s.http.Serve(s.listener) }()
	go func() {
		<-s.work.Done()
		ended <- context.Cause(s.work)
	}()
	return ended, nil
}

// shutdownTimeout is how long requests may take to end.
const shutdownTimeout = 15 * time.Second

// end answers the requests that are being served, and closes everything. What
// was accepted is in the log already: it is applied at the next start.
func (s *server) end() error {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	return errors.Join(s.http.Shutdown(ctx), s.Close())
}

// serveUntilDone serves until ctx is done. It takes the App over.
func (a *App) serveUntilDone(ctx context.Context, announce func(url string)) error {
	s, err := a.newServer(ctx)
	if err != nil {
		return errors.Join(err, a.Close())
	}
	failed, err := s.begin(ctx)
	if err != nil {
		return errors.Join(err, s.listener.Close(), a.Close())
	}
	announce(s.url())
	s.background("start", func(work context.Context) error {
		s.wait("events that were accepted earlier are being applied")
		if err := s.CaughtUp(work); err != nil {
			return err
		}
		s.waiting.Store(nil)
		s.logger.Info("ready", "url", s.url())
		return nil
	})
	select {
	case <-ctx.Done():
		s.logger.Info("stopping")
		return s.end()
	case err := <-failed:
		return errors.Join(err, s.end())
	}
}
