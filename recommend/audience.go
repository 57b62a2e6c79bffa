package recommend

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/peakday/peakday/events"
)

// Audience is all users at one moment: what each is like, and what each buys.
type Audience struct {
	model string
	taken time.Time
	dims  int
	users []events.UserID // sorted
	codes []int8          // a unit vector each, times 127; zero for whom nothing is known of
	rfm   []RFM
}

// TakenAt is when the audience was built.
func (a *Audience) TakenAt() time.Time { return a.taken }

// Users is how many there are.
func (a *Audience) Users() int { return len(a.users) }

// Model is the version of the model behind the vectors; empty without one.
func (a *Audience) Model() string { return a.model }

// BuildAudience reads the profiles of all users. It holds Dims + 40 bytes a user.
func (r *Recommender) BuildAudience(ctx context.Context, profiles UserProfiles, now time.Time) (*Audience, error) {
	in := r.model.Load()
	a := &Audience{taken: now}
	if in != nil {
		a.model, a.dims = in.model.version, in.model.vectors.dims
	}
	var past []HistoryItem
	vector := make([]float32, a.dims)
	err := profiles.EachUser(ctx, func(u events.UserID, encoded []byte) error {
		p, err := DecodeProfile(encoded)
		if err != nil {
			return nil // of an older version: it is written anew when its user comes
		}
		a.users = append(a.users, u)
		a.rfm = append(a.rfm, p.RFM(now))
		clear(vector)
		if in != nil {
			past = history(past, r.catalog.interner, &p, nil, r.policy.HistoryHalfLife)
			newNearest(in).userVector(vector, &Query{History: past, Tier: p.RFM(now).Tier()})
		}
		a.codes = appendCode(a.codes, vector)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the profiles: %w", err)
	}
	a.sort()
	return a, nil
}

// appendCode appends v at length 127, rounded.
func appendCode(codes []int8, v []float32) []int8 {
	normalise(v)
	for _, f := range v {
		codes = append(codes, int8(math.Round(float64(f)*127)))
	}
	return codes
}

// sort orders by user and drops users that came twice.
func (a *Audience) sort() {
	order := make([]int, len(a.users))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(x, y int) int { return cmp.Compare(a.users[x], a.users[y]) })
	order = slices.CompactFunc(order, func(x, y int) bool { return a.users[x] == a.users[y] })
	sorted := Audience{model: a.model, taken: a.taken, dims: a.dims}
	for _, i := range order {
		sorted.users = append(sorted.users, a.users[i])
		sorted.rfm = append(sorted.rfm, a.rfm[i])
		sorted.codes = append(sorted.codes, a.code(i)...)
	}
	*a = sorted
}

func (a *Audience) code(i int) []int8 { return a.codes[i*a.dims : (i+1)*a.dims] }

// LookalikeUser is a user and the similarity to those whom others are to be like.
type LookalikeUser struct {
	User  events.UserID
	Score float64 // cosine of the vectors, 0 to 1
}

// MaxLookalikes is the largest number of users that Lookalike gives.
const MaxLookalikes = 100_000

// Lookalike ranks the users who are most like the seeds, which are left out: by
// the cosine of a user's vector with the mean of the seeds' vectors. known is
// how many of the seeds it could rest on.
func (a *Audience) Lookalike(seeds []events.UserID, limit int) (found []LookalikeUser, known int, err error) {
	if limit < 1 || limit > MaxLookalikes {
		return nil, 0, &events.Invalid{Field: "limit", Problem: fmt.Sprintf("must be 1 to %d, got %d", MaxLookalikes, limit)}
	}
	if len(seeds) == 0 {
		return nil, 0, &events.Invalid{Field: "users", Problem: "must name one user or more"}
	}
	isSeed := make([]bool, len(a.users))
	mean := make([]float32, a.dims)
	for _, u := range seeds {
		i, ok := slices.BinarySearch(a.users, u)
		if !ok || isSeed[i] {
			continue
		}
		isSeed[i] = true
		something := false
		for d, c := range a.code(i) {
			mean[d] += float32(c)
			something = something || c != 0
		}
		if something {
			known++
		}
	}
	if !normalise(mean) {
		return nil, known, nil
	}
	top := topK{limit: limit}
	for i := range a.users {
		if isSeed[i] {
			continue
		}
		dot := float32(0)
		for d, c := range a.code(i) {
			dot += mean[d] * float32(c)
		}
		if dot > 0 {
			top.offer(int32(i), dot/127)
		}
	}
	for _, s := range top.ranked() {
		found = append(found, LookalikeUser{a.users[s.index], min(1, float64(s.score))})
	}
	return found, known, nil
}

// TierCount says how many users are of a tier, and what they are like.
type TierCount struct {
	Tier   Tier
	Users  int
	Orders int          // of all of them, in the last year
	Spent  events.Money // by all of them, in the last year
}

// CountTiers counts the users of each tier, the best tier first.
func (a *Audience) CountTiers() []TierCount {
	out := make([]TierCount, len(Tiers()))
	for i, t := range Tiers() {
		out[i].Tier = t
	}
	for _, r := range a.rfm {
		c := &out[slices.Index(Tiers(), r.Tier())]
		c.Users++
		c.Orders += r.Orders
		c.Spent += r.Spent
	}
	return out
}
