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

// Patience reads profiles for answers that must not wait: a read that takes
// longer than Wait, whether or not the store minds its context, ends in
// ErrAway, with what the visitors' profiles were when they were last read, as
// far as that is remembered. While too many reads hang, no more are begun.
//
// It stands for the Load of a store that is out of this process; folding goes
// to the store itself.
type Patience struct {
	Profiles
	wait    time.Duration
	hanging chan struct{}
	shards  [patientShards]remembered
}

const (
	patientShards = 64
	mostHanging   = 512
	mostKnown     = 50_000 // profiles remembered, about 1 KB each
)

// remembered are profiles of some visitors. When it is full, it forgets the
// half that was not read lately.
type remembered struct {
	mu          sync.Mutex
	young, aged map[events.Unit][]byte
}

// NewPatience reads from store and waits no longer than wait.
func NewPatience(store Profiles, wait time.Duration) *Patience {
	return &Patience{Profiles: store, wait: wait, hanging: make(chan struct{}, mostHanging)}
}

// Load is that of the store, if it answers in time. Along with an error it
// returns remembered profiles, nil for whom none is remembered.
func (p *Patience) Load(ctx context.Context, visitors []events.Unit) ([][]byte, error) {
	select {
	case p.hanging <- struct{}{}:
	default:
		return p.recall(visitors), ErrAway
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
		<-p.hanging
	}()
	select {
	case a := <-answered:
		if a.err != nil {
			return p.recall(visitors), a.err
		}
		p.remember(visitors, a.profiles)
		return a.profiles, nil
	case <-limited.Done():
		return p.recall(visitors), ErrAway
	}
}

func (p *Patience) shard(v events.Unit) *remembered {
	return &p.shards[murmur3.Sum64([]byte(v.ID))%patientShards]
}

func (p *Patience) remember(visitors []events.Unit, profiles [][]byte) {
	for i, v := range visitors {
		s := p.shard(v)
		s.mu.Lock()
		if s.young == nil || len(s.young) >= mostKnown/patientShards/2 {
			s.aged, s.young = s.young, map[events.Unit][]byte{}
		}
		s.young[v] = profiles[i]
		s.mu.Unlock()
	}
}

func (p *Patience) recall(visitors []events.Unit) [][]byte {
	out := make([][]byte, len(visitors))
	for i, v := range visitors {
		s := p.shard(v)
		s.mu.Lock()
		known, ok := s.young[v]
		if !ok {
			known = s.aged[v]
		}
		out[i] = known
		s.mu.Unlock()
	}
	return out
}

// Forget forgets what is remembered of a visitor, too.
func (p *Patience) Forget(ctx context.Context, visitor events.Unit) error {
	s := p.shard(visitor)
	s.mu.Lock()
	delete(s.young, visitor)
	delete(s.aged, visitor)
	s.mu.Unlock()
	return p.Profiles.Forget(ctx, visitor)
}
