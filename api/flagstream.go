package api

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/peakday/peakday/experiments"
)

// streamPath is where OFREP's clients hear that flags may have changed.
const streamPath = "/ofrep/v1/stream"

const (
	maxStreams = 20_000           // of a process: each is a connection with its goroutine
	streamBeat = 25 * time.Second // proxies close what is silent for 30 s and more
	// recheckEvery bounds what clients can make us ask of the database by
	// naming revisions that do not exist.
	recheckEvery = 100 * time.Millisecond
)

// streams counts the open ones, and remembers when a client last made us look
// for newer definitions.
type streams struct {
	open      atomic.Int64
	rechecked atomic.Int64 // nanoseconds of the machine's clock
}

// errTooManyStreams sends clients back to asking from time to time.
var errTooManyStreams = &coded{code: "unavailable", retryAfter: 10 * time.Second, detail: "as many event streams are open as this process takes: poll, or try again later"}

// watchFlags is OFREP's event stream (ADR-0008): an event says that the flags
// may have changed, and the client asks again. It begins at the revision of
// ?since=, or at that of Last-Event-ID after a break, so that nothing that
// happened in between is missed.
func watchFlags(x *exchange) error {
	if x.streams.open.Add(1) > maxStreams {
		x.streams.open.Add(-1)
		return errTooManyStreams
	}
	defer x.streams.open.Add(-1)
	seen := x.revisionAsked(x.r.Header.Get("Last-Event-ID"), x.get("since"))
	h := x.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx
	x.WriteHeader(http.StatusOK)
	return x.sendChanges(seen)
}

// sendChanges writes events until the client or the service ends.
func (x *exchange) sendChanges(seen int64) error {
	out := http.NewResponseController(x)
	beat := time.NewTicker(streamBeat)
	defer beat.Stop()
	message := []byte("retry: 1000\n\n")
	for {
		catalog, changed := x.Live.Watch()
		if now := catalog.Revision(); now != seen {
			message = appendChange(message, now, x.now())
			seen = now
		}
		if len(message) > 0 {
			_, err := x.Write(message)
			if err = errors.Join(err, out.Flush()); err != nil {
				return nil // the client has gone
			}
			message = message[:0]
		}
		select {
		case <-changed:
		case <-beat.C:
			message = append(message, ": still here\n\n"...)
		case <-x.ctx().Done():
			return nil
		case <-x.Stopping:
			return nil
		}
	}
}

// appendChange writes an event as OFREP's event-streams.yaml has it.
func appendChange(b []byte, revision int64, at time.Time) []byte {
	b = strconv.AppendInt(append(b, "id: "...), revision, 10)
	b = strconv.AppendInt(append(b, "\nevent: message\ndata: {\"type\":\"refetchEvaluation\",\"etag\":\"r"...), revision, 10)
	b = strconv.AppendInt(append(b, "\",\"lastModified\":"...), at.Unix(), 10)
	return append(b, "}\n\n"...)
}

// revisionAsked reads the first number of texts; -1 for none, which no
// catalogue has.
func (x *exchange) revisionAsked(texts ...string) int64 {
	for _, text := range texts {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n
		}
	}
	return -1
}

// newestFor gives the catalogue to evaluate with. A client that was told of a
// newer revision by another replica is not answered from an older one.
func (x *exchange) newestFor(etag string) *experiments.Catalog {
	catalog := x.Live.Catalog()
	if len(etag) < 2 || etag[0] != 'r' || x.revisionAsked(etag[1:]) <= catalog.Revision() {
		return catalog
	}
	last, now := x.streams.rechecked.Load(), time.Now().UnixNano()
	if now-last > int64(recheckEvery) && x.streams.rechecked.CompareAndSwap(last, now) {
		// A database that is away leaves the catalogue as it is; the poll that
		// follows definitions reports it.
		_ = x.Live.Refresh(x.ctx())
	}
	return x.Live.Catalog()
}

// appendStream ends the answer to OFREP's evaluation of all flags with the
// address of the stream, and gives the ETag of the whole. An EventSource can
// send no headers, so a key must stand in the URL: only a public one, which
// lies in every browser anyhow. The revision is left out of the tag: it changes
// with every definition, also where no flag of this unit does.
func (x *exchange) appendStream(b []byte, revision int64) (body []byte, tag string) {
	if x.caller.key != nil && !x.caller.key.public() {
		b = append(b, "]}"...)
		return b, etagOf(b)
	}
	b = append(b, `],"eventStreams":[{"type":"sse","endpoint":{"requestUri":"`+streamPath+`?`...)
	if x.caller.key != nil {
		b = append(b, "key="...)
		b = append(append(b, url.QueryEscape(secretOf(x.r.Header))...), '&')
	}
	tag = etagOf(b)
	b = strconv.AppendInt(append(b, "since="...), revision, 10)
	return append(b, `"}}]}`...), tag
}
