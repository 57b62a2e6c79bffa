package recommend_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
)

// stuck is a store that, once it hangs, does not even mind its context.
type stuck struct {
	recommend.Profiles
	hangs chan struct{}
	stuck bool
}

func (s *stuck) Load(ctx context.Context, visitors []events.Unit) ([][]byte, error) {
	if s.stuck {
		<-s.hangs
	}
	return s.Profiles.Load(ctx, visitors)
}

// TestAStoreThatHangsCostsNoPage asks for a known visitor and an anonymous visitor while
// the store hangs: both get answers in time, the known one without what lies in
// the cart and what is sold out by now.
func TestAStoreThatHangsCostsNoPage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cart := events.Fact{Type: events.ProductAdded, Time: noon, Data: &events.Behaviour{Who: who(ann), Item: "b"}}
		l := small(t, recommend.DefaultPolicy(), cart)
		store := &stuck{Profiles: l.profiles, hangs: make(chan struct{})}
		patient := recommend.NewFallbackProfiles(store, 50*time.Millisecond)
		l.Recommender = recommend.New(l.catalog, l.trends, patient, recommend.DefaultPolicy())
		if a := ask(t, l, recommend.Request{User: "ann"}, noon); a.Degraded || listed(a.Items) != "a c d e" {
			t.Fatalf("while all is well: %+v", a)
		}
		store.stuck = true
		l.happened(t, stocked("a", "r", 0, 1))
		began := time.Now()
		a := ask(t, l, recommend.Request{User: "ann"}, noon)
		if took := time.Since(began); took != 50*time.Millisecond {
			t.Errorf("it took %v", took)
		}
		if !a.Degraded || listed(a.Items) != "c d e" {
			t.Errorf("a known visitor: degraded %v, %s", a.Degraded, listed(a.Items))
		}
		if a := ask(t, l, recommend.Request{User: "bob"}, noon); !a.Degraded || len(a.Items) != 4 {
			t.Errorf("an anonymous visitor: degraded %v, %s", a.Degraded, listed(a.Items))
		}
		// When hundreds of reads hang, the next does not wait at all.
		for range 600 {
			go l.Recommend(context.Background(), recommend.Request{User: "ann", Limit: 1}, noon)
		}
		synctest.Wait()
		began = time.Now()
		if a := ask(t, l, recommend.Request{User: "ann"}, noon); !a.Degraded || time.Since(began) != 0 {
			t.Errorf("degraded %v after %v", a.Degraded, time.Since(began))
		}
		store.stuck = false
		close(store.hangs)
		synctest.Wait()
		if a := ask(t, l, recommend.Request{User: "ann"}, noon); a.Degraded {
			t.Error("the store is back, and the answer degraded")
		}
		if err := patient.Forget(t.Context(), ann); err != nil {
			t.Fatal(err)
		}
		store.Profiles = away{l.profiles}
		if _, err := patient.Load(t.Context(), []events.Unit{ann}); !errors.Is(err, errAway) {
			t.Errorf("error %v", err)
		}
		if a := ask(t, l, recommend.Request{User: "ann"}, noon); !a.Degraded || listed(a.Items) == "c d e" {
			t.Errorf("a forgotten visitor: %s", listed(a.Items))
		}
	})
}
