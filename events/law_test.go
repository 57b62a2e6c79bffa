package events

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// life is a random history of a shop's consumer: what is sent and when, and
// what goes wrong. It is drawn before it is played, since a bubble of virtual
// time cannot draw.
type life struct {
	partitions int
	days       []day // between two of them the process is killed
}

type day struct {
	sent     [][]int // numbers of the records of each append; repeats are duplicates
	commits  map[int]outcome
	kill     int     // the commit after which the process is killed; -1: none, it ends at rest
	killed   outcome // what became of that commit: commits or fails
	snapshot bool    // the follower's state of this evening survives
	failing  bool    // the follower is away all day
	rival    bool    // another process takes over at noon
}

// Of the records some are poison to the fold, some come from the future, and
// some are no records at all.
const (
	lawRecords = 40
	poisonous  = 7  // every number divisible by it
	fromFuture = 11 // likewise
	garbage    = 13
)

func anyLife(t *rapid.T) life {
	return life{
		partitions: rapid.SampledFrom([]int{1, 2, 4}).Draw(t, "partitions"),
		days:       rapid.SliceOfN(rapid.Custom(anyDay), 1, 5).Draw(t, "days"),
	}
}

func anyDay(t *rapid.T) day {
	append := rapid.SliceOfN(rapid.IntRange(1, lawRecords), 1, 12)
	return day{
		sent:     rapid.SliceOfN(append, 0, 6).Draw(t, "sent"),
		commits:  rapid.MapOfN(rapid.IntRange(0, 12), rapid.SampledFrom([]outcome{retries, fails, lost}), 0, 3).Draw(t, "commits"),
		kill:     rapid.IntRange(-1, 12).Draw(t, "kill"),
		killed:   rapid.SampledFrom([]outcome{lost, fails}).Draw(t, "killed"),
		snapshot: rapid.Bool().Draw(t, "snapshot"),
		failing:  rapid.IntRange(0, 3).Draw(t, "failing") == 0,
		rival:    rapid.IntRange(0, 3).Draw(t, "rival") == 0,
	}
}

// Whatever is sent twice, whatever fails and whenever the process is killed:
// in the end each good record has been applied once, each bad one is among the
// dead letters, and the follower holds what the folds hold.
func TestEachRecordCountsOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		l := anyLife(rt)
		var fault string
		synctest.Test(t, func(t *testing.T) { fault = l.play(t) })
		if fault != "" {
			rt.Fatal(fault)
		}
	})
}

func lawEntry(n int) Entry {
	r := Record{
		Source: "shop", ID: fmt.Sprint(n), Kind: Kind(User), Key: fmt.Sprint("u", n%17), Type: ProductViewed, Time: noon,
		Data: []byte(`{"user_id":"u","product_id":"p1"}`),
	}
	if n%fromFuture == 0 {
		r.Time = noon.Add(24 * time.Hour)
	}
	e := r.entry()
	if n%garbage == 0 {
		e.Data = []byte("?")
	}
	return e
}

// play gives what is wrong in the end, if anything.
func (l life) play(t *testing.T) string {
	p := newPlant(l.partitions)
	p.keeper.refuse = func(d Delivery) error {
		var n int
		if _, err := fmt.Sscan(d.ID, &n); err != nil || n%poisonous == 0 {
			return &Invalid{Problem: "is divisible by seven"}
		}
		return nil
	}
	follower := &shadow{}
	for _, d := range l.days {
		evening := follower.copy()
		d.play(t, p, evening)
		if len(evening.faults) > 0 {
			return fmt.Sprint(evening.faults)
		}
		if d.snapshot {
			follower = evening.copy()
		}
	}
	last := day{kill: -1}
	last.play(t, p, follower)
	fresh := &shadow{}
	last.play(t, p, fresh)
	return l.judge(p, follower, fresh)
}

// play lives through one day with this follower.
func (d day) play(t *testing.T, p *plant, f *shadow) {
	ctx, kill := context.WithCancel(t.Context())
	defer kill()
	n := -1
	p.store.commit = func(int) outcome {
		n++
		switch {
		case ctx.Err() != nil:
			return fails // the dead do not commit
		case n == d.kill:
			kill()
			f.mend(context.Canceled) // nor do they hand over
			return d.killed
		}
		return d.commits[n]
	}
	if d.failing {
		f.mend(errDatabase)
	}
	done := make(chan error, 2)
	run := func() { done <- p.consumer(f).Run(ctx) }
	running := 1
	go run()
	for i, numbers := range d.sent {
		var entries []Entry
		for _, n := range numbers {
			entries = append(entries, lawEntry(n))
		}
		p.append(t, entries...)
		if d.rival && i == len(d.sent)/2 {
			go run()
			running++
		}
		pass(20 * time.Millisecond)
	}
	pass(5 * time.Second) // longer than three pauses, and than a follower waits
	kill()
	for range running {
		<-done
	}
}

func (l life) judge(p *plant, followers ...*shadow) string {
	sent := map[int]int{}
	for _, d := range l.days {
		for _, numbers := range d.sent {
			for _, n := range numbers {
				sent[n]++
			}
		}
	}
	var want []string
	var dead, duplicates int64
	for n, times := range sent {
		if n%poisonous == 0 || n%fromFuture == 0 || n%garbage == 0 {
			dead += int64(times)
			continue
		}
		want = append(want, fmt.Sprint(n))
		duplicates += int64(times - 1)
	}
	s := p.store.now()
	got := ids(s.applied)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		return fmt.Sprintf("applied %v, want %v", got, want)
	}
	sum := s.total()
	if sum.Applied != int64(len(want)) || sum.Duplicates != duplicates || sum.Dead != dead || int64(len(s.dead)) != dead {
		return fmt.Sprintf("counted %+v and %d dead letters; want %d applied, %d duplicates, %d dead", sum, len(s.dead), len(want), duplicates, dead)
	}
	for _, f := range followers {
		if w, g := fmt.Sprint(byPartition(s.applied)), fmt.Sprint(byPartition(f.given)); w != g || len(f.faults) > 0 {
			return fmt.Sprintf("the follower holds %s, the folds %s; %v", g, w, f.faults)
		}
	}
	return ""
}
