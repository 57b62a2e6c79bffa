// Package redis keeps online state in Redis, where all replicas see it: one
// server, Sentinel or Cluster, by way of go-redis.
package redis

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
)

// Profiles is a recommend.Profiles in Redis. The keys of a virtual partition
// share the hash tag {part}, so that they lie in one slot of a cluster and
// change together:
//
//	prefix:{17}:moment         raised by every change of the part
//	prefix:{17}:at:LOG         how far LOG has been folded into the part
//	prefix:{17}:user:ID        a profile, which expires when it is idle
//	prefix:at:LOG:PARTITION    how far a log partition has been folded
type Profiles struct {
	client redis.UniversalClient
	prefix string
	idle   time.Duration
}

// NewProfiles returns a store under prefix. A profile that no fact changes for
// as long as idle expires.
func NewProfiles(client redis.UniversalClient, prefix string, idle time.Duration) *Profiles {
	return &Profiles{client, prefix, idle}
}

func (p *Profiles) tag(part events.Part) string {
	return p.prefix + ":{" + strconv.Itoa(int(part)) + "}:"
}

func (p *Profiles) momentKey(part events.Part) string { return p.tag(part) + "moment" }

func (p *Profiles) atKey(part events.Part, log string) string { return p.tag(part) + "at:" + log }

func (p *Profiles) profileKey(v events.Unit) string {
	return p.tag(events.PartOf(v.ID)) + string(v.Kind) + ":" + string(v.ID)
}

func (p *Profiles) wholeKey(log string, partition int) string {
	return p.prefix + ":at:" + log + ":" + strconv.Itoa(partition)
}

// Load implements recommend.Profiles: one pipeline.
func (p *Profiles) Load(ctx context.Context, visitors []events.Unit) ([][]byte, error) {
	if len(visitors) == 0 {
		return nil, nil
	}
	pipe := p.client.Pipeline()
	gets := make([]*redis.StringCmd, len(visitors))
	for i, v := range visitors {
		gets[i] = pipe.Get(ctx, p.profileKey(v))
	}
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return nil, fmt.Errorf("load %d profiles: %w", len(visitors), err)
	}
	out := make([][]byte, len(visitors))
	for i, get := range gets {
		b, err := get.Bytes()
		switch {
		case errors.Is(err, redis.Nil):
		case err != nil:
			return nil, fmt.Errorf("load the profile of %s %s: %w", visitors[i].Kind, visitors[i].ID, err)
		default:
			out[i] = b
		}
	}
	return out, nil
}

// Open implements recommend.Profiles: one pipeline with one MGET a part.
func (p *Profiles) Open(ctx context.Context, log string, parts []recommend.PartProfiles) error {
	pipe := p.client.Pipeline()
	gets := make([]*redis.SliceCmd, len(parts))
	for i, s := range parts {
		keys := make([]string, 0, 2+len(s.Profiles))
		keys = append(keys, p.momentKey(s.Part), p.atKey(s.Part, log))
		for _, page := range s.Profiles {
			keys = append(keys, p.profileKey(page.Visitor))
		}
		gets[i] = pipe.MGet(ctx, keys...)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("open %d parts: %w", len(parts), err)
	}
	for i := range parts {
		if err := fill(&parts[i], gets[i].Val()); err != nil {
			return fmt.Errorf("part %d of log %s: %w", parts[i].Part, log, err)
		}
	}
	return nil
}

// fill puts what MGET gave into the sheet.
func fill(s *recommend.PartProfiles, values []any) error {
	if len(values) != 2+len(s.Profiles) {
		return fmt.Errorf("%d values for %d keys", len(values), 2+len(s.Profiles))
	}
	s.Guard, _ = values[0].(string)
	at, known := values[1].(string)
	s.At = 0
	if known {
		n, err := strconv.ParseInt(at, 10, 64)
		if err != nil {
			return fmt.Errorf("its position is %q: %w", at, err)
		}
		s.At = events.Position(n)
	}
	for i := range s.Profiles {
		s.Profiles[i].Profile = nil
		if b, ok := values[2+i].(string); ok {
			s.Profiles[i].Profile = []byte(b)
		}
	}
	return nil
}

// commitPart stores one part if nobody has changed it since it was opened.
// KEYS: moment, position, profiles …; ARGV: guard, position, seconds, profiles …
const commitPart = `
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('INCR', KEYS[1])
redis.call('SET', KEYS[2], ARGV[2])
for i = 3, #KEYS do redis.call('SET', KEYS[i], ARGV[i + 1], 'EX', ARGV[3]) end
return 1`

// Commit implements recommend.Profiles: one pipeline with one script a part.
// The script is sent as text: a few hundred bytes a part, and no replica or
// failover that does not know it.
func (p *Profiles) Commit(ctx context.Context, log string, parts []recommend.PartProfiles) error {
	pipe := p.client.Pipeline()
	scripts := make([]*redis.Cmd, len(parts))
	for i, s := range parts {
		keys := append(make([]string, 0, 2+len(s.Profiles)), p.momentKey(s.Part), p.atKey(s.Part, log))
		args := append(make([]any, 0, 3+len(s.Profiles)), s.Guard, int64(s.To), max(1, int64(p.idle.Seconds())))
		for _, page := range s.Profiles {
			keys = append(keys, p.profileKey(page.Visitor))
			args = append(args, page.Profile)
		}
		scripts[i] = pipe.Eval(ctx, commitPart, keys, args...)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("commit %d parts: %w", len(parts), err)
	}
	for i, script := range scripts {
		if done, err := script.Int(); err != nil || done != 1 {
			return fmt.Errorf("part %d: %w", parts[i].Part, errors.Join(err, recommend.ErrStale))
		}
	}
	return nil
}

// Position implements recommend.Profiles.
func (p *Profiles) Position(ctx context.Context, log string, partition int) (events.Position, error) {
	at, err := p.client.Get(ctx, p.wholeKey(log, partition)).Int64()
	if errors.Is(err, redis.Nil) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("position of partition %d: %w", partition, err)
	}
	return events.Position(at), nil
}

// advanceWhole moves a partition if it stands where the caller believes.
const advanceWhole = `
if (redis.call('GET', KEYS[1]) or '0') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1`

// Advance implements recommend.Profiles.
func (p *Profiles) Advance(ctx context.Context, log string, partition int, from, to events.Position) error {
	if to < from {
		return fmt.Errorf("partition %d cannot go back from %d to %d: %w", partition, from, to, recommend.ErrStale)
	}
	done, err := p.client.Eval(ctx, advanceWhole, []string{p.wholeKey(log, partition)}, int64(from), int64(to)).Int()
	if err != nil {
		return fmt.Errorf("advance partition %d: %w", partition, err)
	}
	if done != 1 {
		return fmt.Errorf("partition %d is not at %d: %w", partition, from, recommend.ErrStale)
	}
	return nil
}

// forget removes a profile and lets no fold that has it open bring it back.
const forget = `
redis.call('INCR', KEYS[1])
return redis.call('DEL', KEYS[2])`

// Forget implements recommend.Profiles.
func (p *Profiles) Forget(ctx context.Context, visitor events.Unit) error {
	keys := []string{p.momentKey(events.PartOf(visitor.ID)), p.profileKey(visitor)}
	if err := p.client.Eval(ctx, forget, keys).Err(); err != nil {
		return fmt.Errorf("forget %s %s: %w", visitor.Kind, visitor.ID, err)
	}
	return nil
}
