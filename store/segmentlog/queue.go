package segmentlog

import (
	"slices"
	"sync"

	"github.com/peakday/peakday/events"
)

// maxGroup is about how many bytes one write takes: a group takes no more
// entries once it holds so many. Two groups are in memory at most.
const maxGroup = 8 << 20

// group is what one write and one fsync make durable.
type group struct {
	buf   []byte // room for a mark, then frames
	spans []span // of each partition
	done  chan struct{}
	err   error // to be read when done is closed
}

// span says which entries of one partition are in a group.
type span struct {
	first, last events.Position // 0 if there are none
	offset      int64           // of the frame of first, in the group
}

func (g *group) empty() bool { return len(g.buf) == markSize }

// finish tells everyone who waits for the group.
func (g *group) finish(err error) {
	g.err = err
	close(g.done)
}

// queue takes entries, gives them their positions and hands them out group by
// group.
type queue struct {
	limit int // bytes of a group
	ready chan struct{}

	mu     sync.Mutex
	last   []events.Position // each partition's last position given
	open   *group            // takes entries
	spare  *group            // to be used again
	room   chan struct{}     // closed when the open group is taken; nil if nobody waits
	failed error             // of the disk: no more entries are taken
	closed bool              // no more entries are taken
}

func newQueue(last []events.Position, segmentSize int64) *queue {
	q := &queue{limit: int(min(maxGroup, segmentSize)), ready: make(chan struct{}, 1), last: slices.Clone(last)}
	q.open = q.fresh()
	return q
}

// put frames as many entries as the open group takes. It returns how many,
// the group, and a channel that closes when there is room for the others.
func (q *queue) put(entries []events.Entry, appended int64) (n int, g *group, room <-chan struct{}, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return 0, nil, nil, ErrClosed
	}
	if q.failed != nil {
		return 0, nil, nil, q.failed
	}
	g = q.open
	for n < len(entries) && (g.empty() || len(g.buf) < q.limit) {
		q.frame(g, entries[n], appended)
		n++
	}
	if n > 0 {
		q.signal()
	}
	if n < len(entries) && q.room == nil {
		q.room = make(chan struct{})
	}
	return n, g, q.room, nil
}

// frame appends an entry to the group as the next one of its partition.
func (q *queue) frame(g *group, e events.Entry, appended int64) {
	p := e.Part.In(len(q.last))
	q.last[p]++
	if g.spans[p].first == 0 {
		g.spans[p] = span{first: q.last[p], offset: int64(len(g.buf))}
	}
	g.spans[p].last = q.last[p]
	g.buf = appendFrame(g.buf, uint32(p), q.last[p], appended, e.Data)
}

// take gives the open group, or nil if it is empty; more says whether there
// may be another one, after the next signal.
func (q *queue) take() (g *group, more bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.open.empty() {
		return nil, !q.closed
	}
	g, q.open = q.open, q.fresh()
	q.makeRoom()
	return g, true
}

// fresh gives an empty group. q.mu is held.
func (q *queue) fresh() *group {
	g := q.spare
	q.spare = nil
	if g == nil {
		g = &group{spans: make([]span, len(q.last)), buf: make([]byte, markSize)}
	}
	return &group{buf: g.buf[:markSize], spans: g.spans, done: make(chan struct{})}
}

// recycle takes back the memory of a group that is written.
func (q *queue) recycle(g *group) {
	clear(g.spans)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.spare = g
}

// close makes put fail with ErrClosed. Entries taken before are handed out.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.makeRoom()
	q.signal()
}

// fail makes put fail with err, for good.
func (q *queue) fail(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.failed = err
	q.makeRoom()
}

// failure is what fail was told, or nil.
func (q *queue) failure() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.failed
}

func (q *queue) makeRoom() {
	if q.room != nil {
		close(q.room)
		q.room = nil
	}
}

func (q *queue) signal() {
	select {
	case q.ready <- struct{}{}:
	default:
	}
}
