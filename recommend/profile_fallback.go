package recommend

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/spaolacci/murmur3"

	"github.com/peakday/peakday/events"
)

// ErrAway says that the store of profiles does not answer in time.
var ErrAway = errors.New("the store of profiles does not answer in time")

// FallbackProfiles reads profiles from a store outside this process, with a
// deadline: a read that takes longer, whether or not the store heeds its context,
// ends in ErrAway, along with the profiles as they were last read, if they are
// still cached. While too many reads are in flight, no more are begun. Only Load is
// bounded; folding goes to the store itself.
type FallbackProfiles struct {
	Profiles
	wait     time.Duration
	inFlight chan struct{}
	shards   [fallbackShards]profileCache
}

const (
	fallbackShards    = 64
	maxInFlight       = 512
	maxCachedProfiles = 50_000 // profiles remembered, about 1 KB each
)

// profileCache holds profiles of some visitors, in two generations: when the young
// one is full, it becomes the old one, which is dropped.
type profileCache struct {
	mu         sync.Mutex
	young, old map[events.Unit][]byte
}

// NewFallbackProfiles reads from store and waits for at most wait.
func NewFallbackProfiles(store Profiles, wait time.Duration) *FallbackProfiles {
	return &FallbackProfiles{Profiles: store, wait: wait, inFlight: make(chan struct{}, maxInFlight)}
}

// Load is that of the store, if it answers in time. Along with an error it
// returns remembered profiles, nil for whom none is remembered.
func (p *FallbackProfiles) Load(ctx context.Context, visitors []events.Unit) ([][]byte, error) {
	select {
	case p.inFlight <- struct{}{}:
	default:
		return p.lastKnown(visitors), ErrAway
	}
	type answer struct {
		profiles [][]byte
		err      error
	}
	answered := make(chan answer, 1)
	limited, cancel := context.WithTimeout(ctx, p.wait)
	defer cancel()
	go func() {
		profiles, err := p.Profiles.Load(limited, visitors)
		answered <- answer{profiles, err}
		<-p.inFlight
	}()
	select {
	case a := <-answered:
		if a.err != nil {
			return p.lastKnown(visitors), a.err
		}
		p.remember(visitors, a.profiles)
		return a.profiles, nil
	case <-limited.Done():
		return p.lastKnown(visitors), ErrAway
	}
}

func (p *FallbackProfiles) shard(v events.Unit) *profileCache {
	return &p.shards[murmur3.Sum64([]byte(v.ID))%fallbackShards]
}

func (p *FallbackProfiles) remember(visitors []events.Unit, profiles [][]byte) {
	for i, v := range visitors {
		s := p.shard(v)
		s.mu.Lock()
		if s.young == nil || len(s.young) >= maxCachedProfiles/fallbackShards/2 {
			s.old, s.young = s.young, map[events.Unit][]byte{}
		}
		s.young[v] = profiles[i]
		s.mu.Unlock()
	}
}

func (p *FallbackProfiles) lastKnown(visitors []events.Unit) [][]byte {
	out := make([][]byte, len(visitors))
	for i, v := range visitors {
		s := p.shard(v)
		s.mu.Lock()
		known, ok := s.young[v]
		if !ok {
			known = s.old[v]
		}
		out[i] = known
		s.mu.Unlock()
	}
	return out
}

// Forget forgets what is remembered of a visitor, too.
func (p *FallbackProfiles) Forget(ctx context.Context, visitor events.Unit) error {
	s := p.shard(visitor)
	s.mu.Lock()
	delete(s.young, visitor)
	delete(s.old, visitor)
	s.mu.Unlock()
	return p.Profiles.Forget(ctx, visitor)
}
