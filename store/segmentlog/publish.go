package segmentlog

import "slices"

// published takes a durable group over into what readers see.
func (l *Log) published(g *group, s *segment, offset int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s != l.segments[len(l.segments)-1] {
		l.seal(s)
	}
	s.size = offset + int64(len(g.buf))
	for p, span := range g.spans {
		if span.last == 0 {
			continue
		}
		l.newest[p] = place{segment: s.number, position: span.first - 1, offset: offset + span.offset}
		l.durable[p] = span.last
		l.wake(p)
	}
}

// seal makes fresh the last segment. l.mu is held.
func (l *Log) seal(fresh *segment) {
	last := l.segments[len(l.segments)-1]
	last.reader.Close() // read only: nothing can be lost
	last.reader = nil
	l.segments = append(slices.Clip(l.segments), fresh)
}

// wake lets the readers go on that wait for partition. l.mu is held.
func (l *Log) wake(partition int) {
	if l.grown[partition] != nil {
		close(l.grown[partition])
		l.grown[partition] = nil
	}
}
