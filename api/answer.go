package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

var _ http.ResponseWriter = (*exchange)(nil)

// Header implements http.ResponseWriter.
func (x *exchange) Header() http.Header { return x.w.Header() }

// WriteHeader implements http.ResponseWriter.
func (x *exchange) WriteHeader(status int) {
	if x.status == 0 {
		x.status = status
	}
	x.w.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (x *exchange) Write(b []byte) (int, error) {
	if x.status == 0 {
		x.status = http.StatusOK
	}
	if x.recorded != nil {
		x.recorded.Write(b)
	}
	return x.w.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (x *exchange) Unwrap() http.ResponseWriter { return x.w }

// json answers with v.
func (x *exchange) json(status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return x.send(status, x.headers.json, append(b, '\n'))
}

// send answers with b, whose type contentType names. That the client has gone
// is no error of ours.
func (x *exchange) send(status int, contentType []string, b []byte) error {
	h := x.Header()
	h["Content-Type"] = contentType
	if len(b) > smallBody { // net/http counts small ones by itself
		h["Content-Length"] = []string{strconv.Itoa(len(b))}
	}
	x.WriteHeader(status)
	_, _ = x.Write(b)
	return nil
}

// smallBody is what net/http buffers before it decides on chunks.
const smallBody = 2048

// headers are values of answers that never change, so that they need not be
// made again. Nobody may write to them.
type headers struct {
	json, problem, html, csv, text, script, nosniff []string
}

func newHeaders() headers {
	return headers{
		json: []string{"application/json"}, problem: []string{"application/problem+json"},
		html: []string{"text/html; charset=utf-8"}, csv: []string{"text/csv; charset=utf-8"},
		text: []string{"text/plain; charset=utf-8"}, script: []string{"text/javascript; charset=utf-8"}, nosniff: []string{"nosniff"},
	}
}
