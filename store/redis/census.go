package redis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/peakday/peakday/events"
)

// scanned is how many keys one SCAN looks at.
const scanned = 1000

// EachUser implements recommend.Census by SCAN, on every master of a cluster.
func (p *Profiles) EachUser(ctx context.Context, yield func(events.UserID, []byte) error) error {
	cluster, many := p.client.(*redis.ClusterClient)
	if !many {
		return p.scanUsers(ctx, p.client, yield)
	}
	var one sync.Mutex // masters are visited side by side
	return cluster.ForEachMaster(ctx, func(ctx context.Context, c *redis.Client) error {
		return p.scanUsers(ctx, c, func(u events.UserID, profile []byte) error {
			one.Lock()
			defer one.Unlock()
			return yield(u, profile)
		})
	})
}

func (p *Profiles) scanUsers(ctx context.Context, c redis.Cmdable, yield func(events.UserID, []byte) error) error {
	cursor := uint64(0)
	for {
		keys, next, err := c.Scan(ctx, cursor, p.prefix+":{*}:"+string(events.User)+":*", scanned).Result()
		if err != nil {
			return fmt.Errorf("scan the profiles: %w", err)
		}
		if err := p.readUsers(ctx, c, keys, yield); err != nil {
			return err
		}
		if cursor = next; cursor == 0 {
			return nil
		}
	}
}

func (p *Profiles) readUsers(ctx context.Context, c redis.Cmdable, keys []string, yield func(events.UserID, []byte) error) error {
	if len(keys) == 0 {
		return nil
	}
	pipe := c.Pipeline()
	gets := make([]*redis.StringCmd, len(keys))
	for i, key := range keys {
		gets[i] = pipe.Get(ctx, key)
	}
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return fmt.Errorf("read %d profiles: %w", len(keys), err)
	}
	for i, get := range gets {
		b, err := get.Bytes()
		if errors.Is(err, redis.Nil) {
			continue // it expired meanwhile
		}
		if err != nil {
			return fmt.Errorf("read a profile: %w", err)
		}
		_, user, _ := strings.Cut(keys[i], "}:"+string(events.User)+":")
		if err := yield(events.UserID(user), b); err != nil {
			return err
		}
	}
	return nil
}
