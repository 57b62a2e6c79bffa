// Package memory keeps state in the process: fast, and durable by snapshots and
// the log behind them.
package memory

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
)

// Profiles is a recommend.Profiles in process. Each virtual partition has a
// lock of its own.
type Profiles struct {
	idle  time.Duration
	clock func() time.Time
	parts [events.Parts]part

	mu    sync.Mutex
	whole map[cursor]events.Position
}

type cursor struct {
	log       string
	partition int
}

type part struct {
	mu       sync.RWMutex
	moment   uint64 // raised by every change; what Open's guard names
	at       map[string]events.Position
	profiles map[events.Unit]entry
}

type entry struct {
	profile []byte
	touched int64 // Unix seconds of the last commit
}

// NewProfiles returns an empty store, in which Sweep drops the profiles that
// were not changed for as long as idle.
func NewProfiles(idle time.Duration, clock func() time.Time) *Profiles {
	return &Profiles{idle: idle, clock: clock, whole: map[cursor]events.Position{}}
}

// Load implements recommend.Profiles.
func (p *Profiles) Load(_ context.Context, visitors []events.Unit) ([][]byte, error) {
	out := make([][]byte, len(visitors))
	for i, v := range visitors {
		part := &p.parts[events.PartOf(v.ID)]
		part.mu.RLock()
		out[i] = part.profiles[v].profile
		part.mu.RUnlock()
	}
	return out, nil
}

// Open implements recommend.Profiles.
func (p *Profiles) Open(_ context.Context, log string, parts []recommend.PartProfiles) error {
	for i := range parts {
		s := &parts[i]
		part := &p.parts[s.Part]
		part.mu.RLock()
		s.At, s.Guard = part.at[log], part.guard()
		for j := range s.Profiles {
			s.Profiles[j].Profile = part.profiles[s.Profiles[j].Visitor].profile
		}
		part.mu.RUnlock()
	}
	return nil
}

func (p *part) guard() string { return strconv.FormatUint(p.moment, 10) }

// Commit implements recommend.Profiles.
func (p *Profiles) Commit(_ context.Context, log string, parts []recommend.PartProfiles) error {
	now := p.clock().Unix()
	for i := range parts {
		if err := p.parts[parts[i].Part].commit(log, &parts[i], now); err != nil {
			return fmt.Errorf("part %d: %w", parts[i].Part, err)
		}
	}
	return nil
}

func (p *part) commit(log string, s *recommend.PartProfiles, now int64) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.guard() != s.Guard {
		return recommend.ErrStale
	}
	if p.at == nil {
		p.at, p.profiles = map[string]events.Position{}, map[events.Unit]entry{}
	}
	p.moment++
	p.at[log] = s.To
	for _, page := range s.Profiles {
		p.profiles[page.Visitor] = entry{page.Profile, now}
	}
	return nil
}

// Position implements recommend.Profiles.
func (p *Profiles) Position(_ context.Context, log string, partition int) (events.Position, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.whole[cursor{log, partition}], nil
}

// Advance implements recommend.Profiles.
func (p *Profiles) Advance(_ context.Context, log string, partition int, from, to events.Position) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := cursor{log, partition}
	if p.whole[c] != from || to < from {
		return fmt.Errorf("partition %d stands at %d and cannot go from %d to %d: %w", partition, p.whole[c], from, to, recommend.ErrStale)
	}
	p.whole[c] = to
	return nil
}

// Forget implements recommend.Profiles.
func (p *Profiles) Forget(_ context.Context, visitor events.Unit) error {
	part := &p.parts[events.PartOf(visitor.ID)]
	part.mu.Lock()
	defer part.mu.Unlock()
	part.moment++
	delete(part.profiles, visitor)
	return nil
}

// Sweep drops the profiles that nobody has changed for too long and returns
// how many those were.
func (p *Profiles) Sweep() int {
	before := p.clock().Add(-p.idle).Unix()
	dropped := 0
	for i := range p.parts {
		part := &p.parts[i]
		part.mu.Lock()
		for v, e := range part.profiles {
			if e.touched < before {
				delete(part.profiles, v)
				part.moment++
				dropped++
			}
		}
		part.mu.Unlock()
	}
	return dropped
}

// EachUser implements recommend.Census, part by part.
func (p *Profiles) EachUser(ctx context.Context, yield func(events.UserID, []byte) error) error {
	type named struct {
		user    events.UserID
		profile []byte
	}
	var some []named
	for i := range p.parts {
		if err := ctx.Err(); err != nil {
			return err
		}
		part, out := &p.parts[i], some[:0]
		part.mu.RLock()
		for v, e := range part.profiles {
			if v.Kind == events.User {
				out = append(out, named{events.UserID(v.ID), e.profile})
			}
		}
		part.mu.RUnlock()
		for _, n := range out {
			if err := yield(n.user, n.profile); err != nil {
				return err
			}
		}
		some = out
	}
	return nil
}
