package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
	"github.com/peakday/peakday/store/memory"
	redisstore "github.com/peakday/peakday/store/redis"
)

// followers are the online states of the process.
type followers struct {
	catalog  *recommend.Catalog
	trends   *recommend.Trends
	profiles recommend.Profiles
	reading  recommend.Profiles // profiles, for answers that must not wait
	census   recommend.UserProfiles
	all      []events.Follower
	kept     []snapshotter // those that live in this process only
	close    func() error  // of the profile store; nil if it needs none
	sweep    func() int    // drops idle profiles; nil if the store does it itself
}

// snapshotter is a state that can be written to a file and read back.
type snapshotter interface {
	Name() string
	Snapshot(w io.Writer) error
	Restore(r io.Reader) error
}

// idleProfiles is how long a profile is kept after its visitor's last fact.
const idleProfiles = 400 * 24 * time.Hour

// profileTimeout is how long an answer waits for a visitor's profile: a page
// that comes late is worse than one for everybody.
const profileTimeout = 50 * time.Millisecond

// openState restores the online states from their snapshots and prepares what
// answers from them. What a snapshot lacks comes out of the log.
func (a *App) openState(ctx context.Context) error {
	register := recommend.NewInterner()
	f := followers{
		catalog: recommend.NewCatalog(register, a.log.ID(), a.currency),
		trends:  recommend.NewTrends(register, a.log.ID()),
	}
	f.kept = []snapshotter{f.catalog, f.trends}
	if a.cfg.Redis == "" {
		inProcess := memory.NewProfiles(idleProfiles, a.clock)
		f.profiles, f.reading, f.census, f.sweep = inProcess, inProcess, inProcess, inProcess.Sweep
		f.kept = append(f.kept, inProcess)
	} else {
		client, err := dialRedis(ctx, a.cfg.Redis)
		if err != nil {
			return err
		}
		shared := redisstore.NewProfiles(client, "peakday", idleProfiles)
		f.profiles, f.census, f.close = shared, shared, client.Close
		f.reading = recommend.NewFallbackProfiles(shared, profileTimeout)
	}
	f.all = []events.Follower{recommend.NewProfiler(f.profiles, a.log.ID()).In(a.currency), f.catalog, f.trends}
	a.followers = f
	for _, s := range f.kept {
		if err := a.restore(s); err != nil {
			return err
		}
	}
	a.assemble()
	return nil
}

// dialRedis connects to Redis. Its errors do not repeat the URL, which may
// hold a password.
func dialRedis(ctx context.Context, url string) (redis.UniversalClient, error) {
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, usage("--redis must be a URL of the form redis://user:password@host:6379/0")
	}
	client := redis.NewClient(options)
	if err := client.Ping(ctx).Err(); err != nil {
		return nil, errors.Join(fmt.Errorf("redis at %s does not answer: %w", options.Addr, err), client.Close())
	}
	return client, nil
}

func (a *App) snapshotPath(s snapshotter) string {
	return filepath.Join(a.cfg.Data, "state", s.Name()+".snapshot")
}

// restore reads a snapshot. Without one the state begins empty and is rebuilt
// from the log, as it is from one that is damaged.
func (a *App) restore(s snapshotter) error {
	file, err := os.Open(a.snapshotPath(s))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open the snapshot of %s: %w", s.Name(), err)
	}
	defer file.Close()
	if err := s.Restore(file); err != nil {
		a.logger.Warn("a snapshot cannot be used, the state is rebuilt from the log", "state", s.Name(), "error", err)
	}
	return nil
}

// snapshotAll writes every state that lives in this process only.
func (a *App) snapshotAll() error {
	var errs []error
	for _, s := range a.followers.kept {
		if err := a.snapshot(s); err != nil {
			errs = append(errs, fmt.Errorf("snapshot of %s: %w", s.Name(), err))
		}
	}
	return errors.Join(errs...)
}

// snapshot replaces a state's file in one step: a crash leaves the old one.
func (a *App) snapshot(s snapshotter) (err error) {
	path := a.snapshotPath(s)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), s.Name()+".*.part")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	if err := s.Snapshot(file); err != nil {
		return errors.Join(err, file.Close())
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
