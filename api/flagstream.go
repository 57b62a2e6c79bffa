package api

import (
	"net/url"
	"strconv"
	"time"

	"github.com/peakday/peakday/experiments"
)

// streamPath is where OFREP's clients hear that flags may have changed.
const streamPath = "/ofrep/v1/stream"

// recheckEvery bounds what clients can make us ask of the database by naming
// revisions that do not exist.
const recheckEvery = 100 * time.Millisecond

// watchFlags is OFREP's event stream (ADR-0008): an event says that the flags
// may have changed, and the client asks again. It begins at the revision of
// ?since=, or at that of Last-Event-ID after a break, so that nothing that
// happened in between is missed.
func watchFlags(x *exchange) error {
	seen := x.revisionAsked(x.r.Header.Get("Last-Event-ID"), x.get("since"))
	return x.stream(func(message []byte) ([]byte, <-chan struct{}) {
		catalog, changed := x.Live.Watch()
		if now := catalog.Revision(); now != seen {
			message = appendChange(message, now, x.now())
			seen = now
		}
		return message, changed
	})
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
