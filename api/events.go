package api

import (
	"net/http"

	"github.com/peakday/peakday/events"
)

// sendEvents takes CloudEvents in: one, a batch, or NDJSON. What is accepted
// is durable when the answer is sent.
func sendEvents(x *exchange) error {
	via, err := x.channel()
	if err != nil {
		return err
	}
	body, err := x.ownedBody()
	if err != nil {
		return err
	}
	batch, alone, err := decodeEvents(x.r.Header, body)
	if err != nil {
		return err
	}
	if err := x.throttle(via, len(batch)); err != nil {
		return err
	}
	x.checkEvents(batch, via)
	receipt, err := x.Intake.Accept(x.ctx(), batch, via)
	if err != nil {
		return unavailable("the events could not be stored; send them again", err)
	}
	if alone && len(receipt.Rejected) > 0 {
		return receipt.Rejected[0].Problem
	}
	return x.json(http.StatusAccepted, receiptOf(receipt))
}

// channel says what the caller may send. Imports are for those who manage the
// service: an imported fact is never too late.
func (x *exchange) channel() (events.Channel, error) {
	imported, err := x.flag("imported")
	if err != nil {
		return events.Channel{}, err
	}
	manages := x.caller.may(Manage)
	switch {
	case imported && !manages:
		return events.Channel{}, errorf("missing_scope", "?imported=1 needs the scope manage")
	case !imported && !x.caller.may(EventsBehaviour, EventsTrusted):
		return events.Channel{}, errorf("missing_scope", "sending events needs the scope events:behaviour or events:trusted; manage is for ?imported=1")
	}
	return events.Channel{Trusted: imported || x.caller.may(EventsTrusted), Imported: imported}, nil
}

// throttle bounds what a public key sends.
func (x *exchange) throttle(via events.Channel, n int) error {
	if via.Trusted {
		return nil
	}
	if wait := x.limiter.take(senderOf(x.caller.key, x.r.RemoteAddr), n, x.began); wait > 0 {
		return &coded{code: "rate_limited", detail: "too many events from this address with this access key", retryAfter: wait}
	}
	return nil
}

// checkEvents marks what the intake cannot know to be wrong: exposures to what
// does not exist, and events in our own name. In exposures it puts what peakday
// knows in place of what the client says it knows; what is imported happened
// when other things were known, and stays.
func (x *exchange) checkEvents(batch []events.Decoded, via events.Channel) {
	refreshed := false
	for i := range batch {
		d := &batch[i]
		if d.Err != nil {
			continue
		}
		if d.Event.Source == exposureSource {
			d.Err = &events.Invalid{Field: "source", Problem: "must be another one: this is the service's own"}
		}
		if events.Type(d.Event.Type) != events.ExperimentExposed {
			continue
		}
		f, err := events.Parse(d.Event, x.Shop)
		shown, ok := f.Data.(*events.Exposure)
		if err != nil || !ok {
			continue // the intake says what is wrong
		}
		err = x.Live.Catalog().CheckExposure(shown)
		if err != nil && !refreshed {
			// It may have been started a moment ago, on another replica.
			refreshed = true
			if x.Live.Refresh(x.ctx()) == nil {
				err = x.Live.Catalog().CheckExposure(shown)
			}
		}
		if err == nil && !via.Imported {
			err = x.replaceComputed(&d.Event, shown)
		}
		if err != nil {
			d.Err = err
		}
	}
}

// receipt is the answer to events.
type receipt struct {
	Accepted   int        `json:"accepted" doc:"durable, and to be counted once"`
	Duplicates int        `json:"duplicates" doc:"in this request or in the last minutes; older ones are counted by GET /v1/consumers"`
	Rejected   []rejected `json:"rejected"`
}

type rejected struct {
	Index   int    `json:"index" doc:"position in the batch, from 0"`
	ID      string `json:"id" doc:"of the event, if it could be read"`
	Field   string `json:"field,omitempty"`
	Problem string `json:"problem"`
}

func receiptOf(r events.Receipt) receipt {
	out := receipt{Accepted: r.Accepted, Duplicates: r.Duplicates, Rejected: []rejected{}}
	for _, no := range r.Rejected {
		out.Rejected = append(out.Rejected, rejected{no.Index, events.Clip(no.ID), no.Problem.Field, no.Problem.Error()})
	}
	return out
}
