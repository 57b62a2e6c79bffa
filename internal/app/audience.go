package app

import (
	"context"
	"sync"
	"time"

	"github.com/peakday/peakday/recommend"
)

// surveys keeps the newest survey of all users, which takes seconds to make.
type surveys struct {
	recommender *recommend.Recommender
	census      recommend.UserProfiles
	clock       func() time.Time

	mu     sync.Mutex // one survey at a time
	newest *recommend.Audience
}

// surveyFor is how long a survey is good for.
const surveyFor = 5 * time.Minute

// Audience implements api.Audiences.
func (s *surveys) Audience(ctx context.Context) (*recommend.Audience, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	model := ""
	if m := s.recommender.Model(); m != nil {
		model = m.Version()
	}
	now := s.clock()
	if s.newest != nil && s.newest.Model() == model && now.Sub(s.newest.TakenAt()) < surveyFor {
		return s.newest, nil
	}
	a, err := s.recommender.BuildAudience(ctx, s.census, now)
	if err == nil {
		s.newest = a
	}
	return a, err
}
