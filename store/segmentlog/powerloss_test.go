package segmentlog

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/peakday/peakday/events"
)

// sector is what a disk writes whole.
const sector = 512

// crash is what a disk holds after the power failed inside an fsync: all that
// was synced before, and of the last write any sectors, with the file as long
// as it happened to be.
type crash struct {
	dir      string
	accepted [][]string // by partition, what was acknowledged before
}

// failingPower wraps segment files and takes the picture of a crash at each
// fsync of a group, before that is done.
type failingPower struct {
	t        *testing.T
	random   *rand.Rand
	dir      string
	mu       sync.Mutex
	accepted [][]string
	crashes  []crash
}

func (p *failingPower) wrap(path string, f file) file {
	var offset int64
	var unsynced int
	return stub{
		file: f,
		write: func(f file, b []byte, at int64) (int, error) {
			offset, unsynced = at, len(b)
			return f.WriteAt(b, at)
		},
		sync: func(f file) error {
			p.take(path, offset, unsynced)
			return f.Sync()
		},
	}
}

// take copies the log and harms what is not synced.
func (p *failingPower) take(path string, offset int64, unsynced int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := crash{dir: copyLog(p.t, p.dir)}
	for _, data := range p.accepted {
		c.accepted = append(c.accepted, slices.Clone(data))
	}
	image := filepath.Join(c.dir, filepath.Base(path))
	b := mustRead(p.t, image)
	for at := offset; at < offset+int64(unsynced); {
		next := min((at/sector+1)*sector, offset+int64(unsynced))
		if p.random.IntN(2) == 0 {
			clear(b[at:next])
		}
		at = next
	}
	b = b[:offset+p.random.Int64N(int64(unsynced)+1)]
	mustWrite(p.t, image, b)
	p.crashes = append(p.crashes, c)
}

// TestPowerLoss: whatever sectors of the last write reached the disk, what was
// accepted before is there and nothing that was never written.
func TestPowerLoss(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 7))
			power := &failingPower{t: t, random: rand.New(rand.NewPCG(seed, 8)), dir: t.TempDir(), accepted: make([][]string, 2)}
			written := appendWithCrashes(t, power, random)
			for i, c := range power.crashes {
				checkCrash(t, i, c, written)
			}
		})
	}
}

// appendWithCrashes appends random batches and returns all, by partition.
func appendWithCrashes(t *testing.T, power *failingPower, random *rand.Rand) [][]string {
	o := quiet(t)
	o.SegmentSize, o.wrap = 6000, power.wrap
	l := mustOpen(t, power.dir, o)
	written := make([][]string, 2)
	for b := range 25 {
		var batch []events.Entry
		added := make([][]string, 2)
		for i := range 1 + random.IntN(6) {
			p := random.IntN(2)
			data := fmt.Sprintf("%d.%d %0*d", b, i, random.IntN(900), 0)
			batch = append(batch, to(p, data)...)
			added[p] = append(added[p], data)
		}
		mustAppend(t, l, batch...)
		power.mu.Lock()
		for p := range added {
			written[p] = append(written[p], added[p]...)
			power.accepted[p] = append(power.accepted[p], added[p]...)
		}
		power.mu.Unlock()
	}
	mustClose(t, l)
	return written
}

func checkCrash(t *testing.T, i int, c crash, written [][]string) {
	t.Helper()
	l, err := Open(c.dir, Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatalf("crash %d: %v", i, err)
	}
	for p := range written {
		got, err := all(l, p)
		if err != nil {
			t.Fatalf("crash %d: %v", i, err)
		}
		if len(got) < len(c.accepted[p]) || !slices.Equal(got, written[p][:len(got)]) {
			t.Fatalf("crash %d: partition %d holds %d entries, %d were accepted; or others", i, p, len(got), len(c.accepted[p]))
		}
	}
	if err := l.Append(context.Background(), to(0, "after")); err != nil {
		t.Fatalf("crash %d: %v", i, err)
	}
	mustClose(t, l)
	if err := os.RemoveAll(c.dir); err != nil {
		t.Fatal(err)
	}
}
