package redis_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
	"github.com/peakday/peakday/store/redis"
	"github.com/peakday/peakday/store/storetest/profile"
)

// dial connects to the Redis of PEAKDAY_TEST_REDIS, a redis:// URL of a server
// or of one node of a cluster.
func dial(t testing.TB) goredis.UniversalClient {
	t.Helper()
	url := os.Getenv("PEAKDAY_TEST_REDIS")
	if url == "" {
		const how = "PEAKDAY_TEST_REDIS is not set: give a redis:// URL to test the Redis driver"
		if os.Getenv("PEAKDAY_REQUIRE_SERVICES") == "1" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	options, err := goredis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	var client goredis.UniversalClient = goredis.NewClient(options)
	if info, err := client.Info(t.Context(), "cluster").Result(); err != nil {
		t.Fatalf("Redis does not answer: %v", err)
	} else if strings.Contains(info, "cluster_enabled:1") {
		_ = client.Close()
		client = goredis.NewClusterClient(&goredis.ClusterOptions{Addrs: []string{options.Addr}, Username: options.Username, Password: options.Password})
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// prefix names a test's own keys, which go with it.
func prefix(t testing.TB, client goredis.UniversalClient) string {
	t.Helper()
	p := fmt.Sprintf("peakday-test-%d-%d", os.Getpid(), time.Now().UnixNano())
	t.Cleanup(func() {
		ctx := context.Background()
		keys := client.Scan(ctx, 0, p+":*", 1000).Iterator()
		for keys.Next(ctx) {
			client.Del(ctx, keys.Val())
		}
		if err := keys.Err(); err != nil {
			t.Errorf("clean up: %v", err)
		}
	})
	return p
}

func TestProfiles(t *testing.T) {
	t.Parallel()
	client := dial(t)
	profile.Run(t, func(t *testing.T) recommend.Profiles {
		return redis.NewProfiles(client, prefix(t, client), time.Hour)
	})
}

// trips counts round trips.
type trips struct{ n atomic.Int64 }

func (*trips) DialHook(next goredis.DialHook) goredis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (r *trips) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error {
		r.n.Add(1)
		return next(ctx, cmd)
	}
}

func (r *trips) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		r.n.Add(1)
		return next(ctx, cmds)
	}
}

func visitors(n int) []events.Unit {
	out := make([]events.Unit, n)
	for i := range out {
		out[i] = events.Unit{Kind: events.User, ID: events.UnitID(fmt.Sprint("u", i))}
	}
	return out
}

func TestEachVerbIsOneRoundTrip(t *testing.T) {
	t.Parallel()
	client := dial(t)
	store := redis.NewProfiles(client, prefix(t, client), time.Hour)
	if err := client.Ping(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	count := &trips{}
	client.AddHook(count)
	var sheets []recommend.PartProfiles
	for _, v := range visitors(20) {
		sheets = append(sheets, recommend.PartProfiles{Part: events.PartOf(v.ID), To: 1, Profiles: []recommend.VisitorProfile{{Visitor: v, Profile: []byte("x")}}})
	}
	for _, verb := range []struct {
		name string
		do   func() error
	}{
		{"Load", func() error { _, err := store.Load(t.Context(), visitors(20)); return err }},
		{"Open", func() error { return store.Open(t.Context(), "log", sheets) }},
		{"Commit", func() error { return store.Commit(t.Context(), "log", sheets) }},
	} {
		if n := fewest(t, count, verb.do); n != 1 {
			t.Errorf("%s took %d round trips, want 1", verb.name, n)
		}
	}
}

// fewest tries again, because a connection made meanwhile counts, too.
func fewest(t *testing.T, count *trips, do func() error) int64 {
	t.Helper()
	least := int64(1000)
	for range 5 {
		before := count.n.Load()
		if err := do(); err != nil && !errors.Is(err, recommend.ErrStale) {
			t.Fatal(err)
		}
		least = min(least, count.n.Load()-before)
	}
	return least
}

func TestIdleProfilesExpire(t *testing.T) {
	t.Parallel()
	client := dial(t)
	p := prefix(t, client)
	store := redis.NewProfiles(client, p, 3*time.Hour)
	v := visitors(1)[0]
	sheets := []recommend.PartProfiles{{Part: events.PartOf(v.ID), To: 1, Profiles: []recommend.VisitorProfile{{Visitor: v, Profile: []byte("x")}}}}
	if err := store.Commit(t.Context(), "log", sheets); err != nil {
		t.Fatal(err)
	}
	tag := fmt.Sprintf("%s:{%d}:", p, events.PartOf(v.ID))
	if left := client.TTL(t.Context(), tag+"user:u0").Val(); left < 2*time.Hour || left > 3*time.Hour {
		t.Errorf("a profile expires in %v, want 3 h", left)
	}
	if left := client.TTL(t.Context(), tag+"at:log").Val(); left != -1 {
		t.Errorf("a position expires in %v", left)
	}
}

func TestAServerThatIsAwayIsAnError(t *testing.T) {
	t.Parallel()
	client := goredis.NewClient(&goredis.Options{Addr: "127.0.0.1:1", MaxRetries: -1})
	t.Cleanup(func() { _ = client.Close() })
	store := redis.NewProfiles(client, "p", time.Hour)
	if _, err := store.Load(t.Context(), visitors(2)); err == nil {
		t.Error("Load found no fault")
	}
	if _, err := store.Position(t.Context(), "log", 0); err == nil {
		t.Error("Position found no fault")
	}
}

func BenchmarkLoad(b *testing.B) {
	client := dial(b)
	store := redis.NewProfiles(client, prefix(b, client), time.Hour)
	ask := visitors(2)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := store.Load(b.Context(), ask); err != nil {
			b.Fatal(err)
		}
	}
}
