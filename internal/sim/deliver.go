package sim

import (
	"context"
	"fmt"
	"time"
)

// batch is events on their way in one request.
type batch struct {
	lines  []byte
	events int
	last   time.Time // when the last one arrives
}

// batchEvents is how many events go into a request at most: about 400 KB.
const batchEvents = 1000

// deliver sends what arrives up to a time, in full batches; with all, the rest
// too. Imported events move the clock along with them; live ones come in when
// their hour is over.
func (p *run) deliver(ctx context.Context, until time.Time, imported, all bool) error {
	if !imported {
		p.Clock.Set(until)
	}
	for {
		next, ok := p.history.outbox.next(until)
		if !ok {
			break
		}
		line := next.line()
		p.pending.lines = append(p.pending.lines, line...)
		p.pending.events++
		if next.twice { // in one request with the first, so that the same one is dropped on every run
			p.pending.lines = append(p.pending.lines, line...)
			p.pending.events++
		}
		p.pending.last = next.arrives
		if p.pending.events >= batchEvents {
			if err := p.flush(ctx, imported); err != nil {
				return err
			}
		}
	}
	if !all {
		return nil
	}
	return p.flush(ctx, imported)
}

// flush sends the batch.
func (p *run) flush(ctx context.Context, imported bool) error {
	if p.pending.events == 0 {
		return nil
	}
	if imported {
		p.Clock.Set(p.pending.last)
	}
	r, err := p.send(ctx, p.pending.lines, imported)
	if err != nil {
		return err
	}
	if n := r.Accepted + r.Duplicates; n != int64(p.pending.events) {
		return fmt.Errorf("the service answers for %d events, %d were sent", n, p.pending.events)
	}
	p.pending = batch{lines: p.pending.lines[:0]}
	return nil
}

// consumedAll waits until the service has applied all that was sent.
func (p *run) consumedAll(ctx context.Context) error {
	for {
		now, err := p.consumed(ctx)
		if err != nil {
			return err
		}
		if now.Lag == 0 {
			break
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
	if p.Settled == nil {
		return nil
	}
	return p.Settled(ctx)
}
