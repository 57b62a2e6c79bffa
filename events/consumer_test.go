package events

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// keeper is a fold whose state is the list of what it was given.
type keeper struct {
	refuse func(Delivery) error // asked for each record; nil: takes all
}

func (*keeper) Name() string { return "keeper" }

func (k *keeper) Apply(_ context.Context, tx *memoryTx, batch []Delivery) error {
	for _, d := range batch {
		// Before asking: what a refused transaction did must be undone.
		tx.state.applied = append(tx.state.applied, d)
		if k.refuse != nil {
			if err := k.refuse(d); err != nil {
				return err
			}
		}
	}
	return nil
}

func everything(Kind, Type) bool { return true }

// plant is a log, a store and a consumer between them. It must be made inside
// a synctest bubble.
type plant struct {
	*Consumer[*memoryTx]
	log    *memoryLog
	store  *memoryStore
	keeper *keeper
}

func newPlant(partitions int, followers ...Follower) *plant {
	p := &plant{log: newMemoryLog(partitions), store: newMemoryStore(), keeper: &keeper{}}
	p.Consumer = p.consumer(followers...)
	return p
}

// consumer makes another consumer of the same log and store.
func (p *plant) consumer(followers ...Follower) *Consumer[*memoryTx] {
	return &Consumer[*memoryTx]{
		Log: p.log, Store: p.store, Shop: "CNY", Logger: slog.New(slog.DiscardHandler), Followers: followers,
		Flows: []Flow[*memoryTx]{{Fold: p.keeper, Wants: everything}},
	}
}

// start runs c; stop ends it and gives what Run returned.
func start(t *testing.T, c *Consumer[*memoryTx]) (stop func() error) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	return func() error {
		cancel()
		return <-done
	}
}

// play runs c until nothing more happens by itself, and stops it.
func play(t *testing.T, c *Consumer[*memoryTx]) {
	t.Helper()
	stop := start(t, c)
	synctest.Wait()
	if err := stop(); err != nil {
		t.Fatalf("Run: %v", err)
	}
}

// pass lets time pass, and all that is to happen by then happen.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// entry is the record of a view by this user.
func entry(id, user string) Entry {
	r := Record{
		Source: "shop", ID: id, Kind: Kind(User), Key: user, Type: ProductViewed, Time: noon,
		Data: []byte(`{"user_id":"` + user + `","product_id":"p1"}`),
	}
	return r.entry()
}

func (r *Record) entry() Entry { return Entry{r.Part(), r.Encode(nil)} }

func (p *plant) append(t *testing.T, entries ...Entry) {
	t.Helper()
	if err := p.log.Append(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
}

// ids lists what the fold was given, in its order.
func ids(ds []Delivery) (out []string) {
	for _, d := range ds {
		out = append(out, d.ID)
	}
	return out
}

func wantIDs(t *testing.T, got []Delivery, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, ids(got)); diff != "" {
		t.Errorf("applied: %s", diff)
	}
}

func wantTotal(t *testing.T, s memoryState, applied, duplicates, dead int64) {
	t.Helper()
	if got := s.total(); got.Applied != applied || got.Duplicates != duplicates || got.Dead != dead {
		t.Errorf("%d applied, %d duplicates, %d dead; want %d, %d, %d", got.Applied, got.Duplicates, got.Dead, applied, duplicates, dead)
	}
}

func TestConsumerKeepsTheOrderOfAPartition(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const partitions, n = 2, 10_000 // more than one batch in each partition
		p := newPlant(partitions)
		var before, behind []Entry
		for i := range n {
			e := entry(fmt.Sprint(i), fmt.Sprint("u", i%97))
			if i < n-20 {
				before = append(before, e)
			} else {
				behind = append(behind, e)
			}
		}
		p.append(t, before...)
		stop := start(t, p.Consumer)
		synctest.Wait()
		for _, e := range behind {
			p.append(t, e) // one by one, live
		}
		synctest.Wait()
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		at := map[int]Position{}
		for _, d := range p.store.now().applied {
			if d.Position <= at[d.Partition] || d.Part().In(partitions) != d.Partition {
				t.Fatalf("%s at %d of partition %d after %d", d.ID, d.Position, d.Partition, at[d.Partition])
			}
			at[d.Partition] = d.Position
			if d.Fact.ID != d.ID || !d.Fact.Appended.Equal(noon) || d.Fact.Data.(*Behaviour).Item != "p1" {
				t.Fatalf("delivery %+v", d)
			}
		}
		wantTotal(t, p.store.now(), n, 0, 0)
		for i, c := range p.store.now().cursors {
			if end, _ := p.log.End(t.Context(), i); c.Position != end {
				t.Errorf("the cursor of partition %d stands at %d of %d", i, c.Position, end)
			}
		}
	})
}

func TestConsumerAppliesOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlant(1)
		a, b, c, d := entry("a", "u1"), entry("b", "u2"), entry("c", "u1"), entry("d", "u3")
		p.append(t, a, b, a, b, c) // twice in one batch
		play(t, p.Consumer)
		p.append(t, b, d, a) // and in later ones
		play(t, p.Consumer)
		p.append(t, c)
		play(t, p.consumer()) // and after a restart
		wantIDs(t, p.store.now().applied, "a", "b", "c", "d")
		wantTotal(t, p.store.now(), 4, 5, 0)
	})
}

func TestConsumerCountsUnknownTypesAndTheNewest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlant(1)
		record := func(id string, typ Type, at time.Time) Entry {
			r := Record{Source: "shop", ID: id, Kind: ForNoKey, Key: id, Type: typ, Time: at, Data: []byte(`{"user_id":"u","product_id":"p"}`)}
			return r.entry()
		}
		newest := noon.Add(time.Hour) // as far ahead as is allowed
		p.append(t, record("1", "shop.opened", noon), record("2", ProductViewed, newest), record("1", "shop.opened", noon))
		play(t, p.Consumer)
		p.append(t, record("3", "shop.closed", noon.Add(-time.Hour)))
		play(t, p.Consumer)
		if got := p.store.now().total(); got.Unknown != 2 || got.Applied != 3 || got.Newest != Micros(newest) {
			t.Errorf("%d unknown of %d applied, newest %v", got.Unknown, got.Applied, FromMicros(got.Newest))
		}
	})
}

func TestConsumerGivesEachFoldWhatItWants(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlant(1)
		users, skus, none := &listener{}, &listener{}, &listener{}
		p.Flows = []Flow[*memoryTx]{
			{users, func(k Kind, t Type) bool { return k == Kind(User) }},
			{skus, func(k Kind, t Type) bool { return k == ForSKU && t == OrderPlaced }},
			{none, func(Kind, Type) bool { return false }},
		}
		for _, r := range route(t, order("o1")) {
			p.append(t, r.entry())
		}
		for _, r := range route(t, event(StockLevelled, `{"sku":"a","available":1,"version":1}`)) {
			p.append(t, r.entry())
		}
		play(t, p.Consumer)
		if got := keysOf(users.given); got != "user=u1" {
			t.Errorf("users: %s", got)
		}
		if got := keysOf(skus.given); got != "sku=a sku=b" {
			t.Errorf("skus: %s", got)
		}
		if none.calls != 0 {
			t.Errorf("a fold that wants nothing was called %d times", none.calls)
		}
	})
}

// listener is a fold that remembers what it was given, outside of the store.
type listener struct {
	given []Delivery
	calls int
	then  func() error
}

func (*listener) Name() string { return "listener" }

func (l *listener) Apply(_ context.Context, _ *memoryTx, batch []Delivery) error {
	l.given, l.calls = append(l.given, batch...), l.calls+1
	if l.then != nil {
		return l.then()
	}
	return nil
}

func keysOf(ds []Delivery) string {
	var out []string
	for _, d := range ds {
		out = append(out, string(d.Kind)+"="+d.Key)
	}
	return strings.Join(out, " ")
}

func TestConsumerIsFencedByTheNextOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlant(2)
		stopFirst := start(t, p.Consumer)
		p.append(t, entry("a", "u1"), entry("b", "u2"))
		synctest.Wait()
		stopSecond := start(t, p.consumer())
		synctest.Wait()
		p.append(t, entry("c", "u1"), entry("d", "u2"), entry("a", "u1"))
		synctest.Wait()
		if err := stopFirst(); !errors.Is(err, ErrFenced) || !strings.Contains(err.Error(), "partition ") {
			t.Errorf("the first returned %v, want ErrFenced and the partition", err)
		}
		if err := stopSecond(); err != nil {
			t.Errorf("the second returned %v", err)
		}
		got := ids(p.store.now().applied)
		if slices.Sort(got); !slices.Equal(got, []string{"a", "b", "c", "d"}) {
			t.Errorf("applied %v", got)
		}
		wantTotal(t, p.store.now(), 4, 1, 0)
	})
}

// A transaction may be run again by the store: nothing may count twice.
func TestConsumerCountsARepeatedTransactionOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &shadow{}
		p := newPlant(1, f)
		p.store.commit = func(n int) outcome {
			if n%3 != 0 { // each transaction runs three times
				return retries
			}
			return commits
		}
		future := Record{Source: "shop", ID: "future", Kind: Kind(User), Key: "u1", Type: ProductViewed, Time: noon.Add(2 * time.Hour), Data: []byte(`{"user_id":"u1","product_id":"p"}`)}
		unknown := Record{Source: "shop", ID: "x", Kind: ForNoKey, Key: "x", Type: "shop.opened", Time: noon}
		p.append(t, entry("a", "u1"), entry("b", "u1"), entry("a", "u1"), future.entry(), unknown.entry())
		play(t, p.Consumer)
		p.append(t, entry("c", "u1"), entry("b", "u1"))
		play(t, p.Consumer)
		wantIDs(t, p.store.now().applied, "a", "b", "x", "c")
		wantIDs(t, f.given, "a", "b", "x", "c")
		wantTotal(t, p.store.now(), 4, 2, 1)
		if n := p.store.now().total().Unknown; n != 1 {
			t.Errorf("%d of an unknown type", n)
		}
		if n := len(p.store.now().dead); n != 1 {
			t.Errorf("%d dead letters", n)
		}
	})
}

// Errors that are nobody's fault are tried again, later and later.
func TestConsumerTriesAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlant(1)
		var tried []time.Duration
		began := time.Now()
		p.keeper.refuse = func(d Delivery) error {
			tried = append(tried, time.Since(began))
			if len(tried)%11 != 0 {
				return fmt.Errorf("busy: %w", errDatabase)
			}
			return nil
		}
		stop := start(t, p.Consumer)
		want := []time.Duration{0, 50, 150, 350, 750, 1550, 3150, 6350, 11350, 16350, 21350} // ms; 5 s is the longest pause
		for range 2 {
			tried, began = nil, time.Now()
			p.append(t, entry(fmt.Sprint(began), "u1"))
			pass(time.Minute)
			for i := range want {
				if i >= len(tried) || tried[i] != want[i]*time.Millisecond {
					t.Fatalf("tried after %v, want %v ms", tried, want)
				}
			}
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		wantTotal(t, p.store.now(), 2, 0, 0)
	})
}

// A store that fails to commit loses nothing; one that commits but whose
// answer is lost does not stop the consumer, nor count anything twice.
func TestConsumerSurvivesItsStore(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		plan  map[int]outcome // what becomes of the n-th commit
		taken int             // how often Take fails
	}{
		{"commits fail", map[int]outcome{1: fails, 2: fails, 4: fails}, 0},
		{"answers are lost", map[int]outcome{1: lost, 3: lost}, 0},
		{"the answer is lost, then the database is away", map[int]outcome{1: lost, 2: fails, 3: fails}, 0},
		{"the answer to each commit is lost", map[int]outcome{1: lost, 2: lost, 3: lost, 4: lost}, 0},
		{"the cursor cannot be taken at first", nil, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := &shadow{}
				p := newPlant(1, f)
				p.store.commit = func(n int) outcome { return c.plan[n] }
				p.store.taken = func() error {
					if c.taken--; c.taken >= 0 {
						return errDatabase
					}
					return nil
				}
				stop := start(t, p.Consumer)
				for _, id := range []string{"a", "b", "c"} {
					p.append(t, entry(id, "u1"), entry("a", "u1"))
					pass(10 * time.Second)
				}
				if err := stop(); err != nil {
					t.Errorf("Run: %v", err)
				}
				wantIDs(t, p.store.now().applied, "a", "b", "c")
				wantIDs(t, f.given, "a", "b", "c")
				wantTotal(t, p.store.now(), 3, 3, 0)
			})
		})
	}
}

// A commit whose answer was lost is told from a takeover by the epoch alone.
func TestConsumerIsFencedAfterALostAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlant(1)
		p.store.commit = func(n int) outcome {
			if n == 1 {
				return lost
			}
			return commits
		}
		stop := start(t, p.Consumer)
		p.append(t, entry("a", "u1"))
		synctest.Wait() // the first now waits to try again
		second := start(t, p.consumer())
		pass(time.Second)
		p.append(t, entry("b", "u1"))
		pass(time.Second)
		if err := stop(); !errors.Is(err, ErrFenced) {
			t.Errorf("the first returned %v", err)
		}
		if err := second(); err != nil {
			t.Errorf("the second returned %v", err)
		}
		wantIDs(t, p.store.now().applied, "a", "b")
	})
}

func TestRunReturnsNilWhenItsContextEnds(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(context.Context) (context.Context, func()){
		"cancelled": func(ctx context.Context) (context.Context, func()) {
			ctx, stop := context.WithCancel(ctx)
			return ctx, stop
		},
		"with a cause, as a signal has": func(ctx context.Context) (context.Context, func()) {
			ctx, stop := context.WithCancelCause(ctx)
			return ctx, func() { stop(errors.New("interrupt")) }
		},
		"by a deadline": func(ctx context.Context) (context.Context, func()) {
			ctx, stop := context.WithTimeout(ctx, time.Minute)
			return ctx, func() { time.Sleep(2 * time.Minute); stop() }
		},
		"while the store is away": func(ctx context.Context) (context.Context, func()) {
			ctx, stop := context.WithCancel(context.WithValue(ctx, away{}, true))
			return ctx, stop
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, stop := end(t.Context())
				p := newPlant(3)
				if ctx.Value(away{}) != nil {
					p.store.taken = func() error { return errDatabase }
				}
				done := make(chan error, 1)
				go func() { done <- p.Run(ctx) }()
				synctest.Wait()
				stop()
				if err := <-done; err != nil {
					t.Errorf("Run returned %v", err)
				}
			})
		})
	}
}

type away struct{}

// A batch whose fold is interrupted is not half applied.
func TestConsumerIsStoppedInTheMiddle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlant(1)
		ctx, cancel := context.WithCancel(t.Context())
		p.keeper.refuse = func(d Delivery) error {
			if d.ID == "b" {
				cancel()
				return ctx.Err()
			}
			return nil
		}
		p.append(t, entry("a", "u1"), entry("b", "u1"), entry("c", "u1"))
		if err := p.Run(ctx); err != nil {
			t.Errorf("Run returned %v", err)
		}
		if s := p.store.now(); len(s.applied) != 0 || len(s.inbox) != 0 || len(s.dead) != 0 || s.cursors[0].Position != 0 {
			t.Errorf("half applied: %+v", s)
		}
		p.keeper.refuse = nil
		play(t, p.consumer())
		wantIDs(t, p.store.now().applied, "a", "b", "c")
	})
}

// What trying again cannot cure ends Run, for all partitions.
func TestRunReturnsWhatCannotBeCured(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlant(3)
		u := entry("a", "u1")
		p.append(t, u, entry("b", "u1"))
		if err := p.log.Trim(t.Context(), u.Part.In(3), 3); err != nil {
			t.Fatal(err)
		}
		if err := p.Run(t.Context()); !errors.Is(err, ErrTrimmed) || !strings.Contains(err.Error(), fmt.Sprint("partition ", u.Part.In(3))) {
			t.Errorf("Run returned %v, want ErrTrimmed and the partition", err)
		}
	})
}

func TestCaughtUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := &shadow{}
		p := newPlant(1, slow)
		blocked := make(chan struct{})
		p.keeper.refuse = func(Delivery) error { <-blocked; return nil }
		p.append(t, entry("a", "u1"), entry("b", "u2"), entry("c", "u3"))

		short, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		stop := start(t, p.Consumer)
		if err := p.CaughtUp(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("caught up although a fold hangs: %v", err)
		}
		slow.mend(errors.New("not now"))
		close(blocked)
		short, cancel = context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := p.CaughtUp(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("caught up although a follower is behind: %v", err)
		}
		wantTotal(t, p.store.now(), 3, 0, 0)
		slow.mend(nil)
		if err := p.CaughtUp(t.Context()); err != nil {
			t.Error(err)
		}
		if got := len(slow.given); got != 3 {
			t.Errorf("the follower has %d records", got)
		}
		p.append(t, entry("d", "u1"))
		if err := p.CaughtUp(t.Context()); err != nil {
			t.Error(err)
		}
		if got := len(slow.given); got != 4 {
			t.Errorf("the follower has %d records", got)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestCaughtUpWithAnEmptyLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlant(8)
		stop := start(t, p.Consumer)
		if err := p.CaughtUp(t.Context()); err != nil {
			t.Error(err)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}
