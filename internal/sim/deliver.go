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
func (p *play) deliver(ctx context.Context, until time.Time, imported, all bool) error {
	if !imported {
		p.Clock.Set(until)
	}
	for {
		parcel, ok := p.world.mail.next(until)
		if !ok {
			break
		}
		line := parcel.line()
		p.bag.lines = append(p.bag.lines, line...)
		p.bag.events++
		if parcel.twice { // in one request with the first, so that the same one is dropped on every run
			p.bag.lines = append(p.bag.lines, line...)
			p.bag.events++
		}
		p.bag.last = parcel.arrives
		if p.bag.events >= batchEvents {
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
func (p *play) flush(ctx context.Context, imported bool) error {
	if p.bag.events == 0 {
		return nil
	}
	if imported {
		p.Clock.Set(p.bag.last)
	}
	r, err := p.send(ctx, p.bag.lines, imported)
	if err != nil {
		return err
	}
	if n := r.Accepted + r.Duplicates; n != int64(p.bag.events) {
		return fmt.Errorf("the service answers for %d events, %d were sent", n, p.bag.events)
	}
	p.bag = batch{lines: p.bag.lines[:0]}
	return nil
}

// consumedAll waits until the service has applied all that was sent.
func (p *play) consumedAll(ctx context.Context) error {
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
