package api

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/peakday/peakday/events"
)

// Bodies are held in memory while they are read.
const (
	definitionBytes = 1 << 20
	contextBytes    = 128 << 10
	eventBytes      = 8 << 20
)

// limit is how large a body of the route may be, after decompression.
func (r *route) limit() int64 {
	switch {
	case r.pattern == "/v1/events":
		return eventBytes
	case r.reads && r.cors:
		return contextBytes
	}
	return definitionBytes
}

// body reads the whole body, unpacked. The bytes belong to the exchange.
func (x *exchange) body() ([]byte, error) {
	if x.hasBody {
		return x.bodyBuffer, nil
	}
	limit := x.route.limit()
	if x.r.ContentLength > limit {
		return nil, &http.MaxBytesError{Limit: limit}
	}
	var in io.Reader = x.r.Body
	switch encoding := x.r.Header.Get("Content-Encoding"); {
	case encoding == "" || strings.EqualFold(encoding, "identity"):
	case strings.EqualFold(encoding, "gzip"):
		unpacked, err := gzip.NewReader(io.LimitReader(x.r.Body, limit))
		if err != nil {
			return nil, &events.Invalid{Problem: "the body must be gzip, as Content-Encoding says"}
		}
		in = unpacked
	default:
		return nil, errorf("unsupported_media_type", "Content-Encoding must be gzip or none, got %q", events.Clip(encoding))
	}
	var err error
	if x.bodyBuffer, err = readUpTo(in, x.bodyBuffer[:0], limit); err != nil {
		return nil, err
	}
	x.hasBody = true
	return x.bodyBuffer, nil
}

// readUpTo appends all of in to b.
func readUpTo(in io.Reader, b []byte, limit int64) ([]byte, error) {
	if cap(b) == 0 {
		b = make([]byte, 0, 1024)
	}
	for {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := in.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		switch {
		case int64(len(b)) > limit:
			return b, &http.MaxBytesError{Limit: limit}
		case errors.Is(err, io.EOF):
			return b, nil
		case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), errors.Is(err, io.ErrUnexpectedEOF):
			return b, &events.Invalid{Problem: "the body ends too early or is damaged"}
		case err != nil:
			return b, unavailable("the body could not be read to its end", err)
		}
	}
}

// ownedBody is a copy of the body, free to be kept: what the domain packages parse may point
// into it.
func (x *exchange) ownedBody() ([]byte, error) {
	b, err := x.body()
	return bytes.Clone(b), err
}
