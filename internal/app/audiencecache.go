package app

import (
	"context"
	"sync"
	"time"

	"github.com/peakday/peakday/recommend"
)

// audienceCache keeps the newest survey of all users, which takes seconds to make.
type audienceCache struct {
	recommender *recommend.Recommender
	census      recommend.UserProfiles
	clock       func() time.Time

	mu     sync.Mutex // one survey at a time
	newest *recommend.Audience
}

// audienceTTL is how long a survey is good for.
const audienceTTL = 5 * time.Minute

// Audience implements api.Audiences.
func (s *audienceCache) Audience(ctx context.Context) (*recommend.Audience, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	model := ""
	if m := s.recommender.Model(); m != nil {
		model = m.Version()
	}
	now := s.clock()
	if s.newest != nil && s.newest.Model() == model && now.Sub(s.newest.TakenAt()) < audienceTTL {
		return s.newest, nil
	}
	a, err := s.recommender.BuildAudience(ctx, s.census, now)
	if err == nil {
		s.newest = a
	}
	return a, err
}
