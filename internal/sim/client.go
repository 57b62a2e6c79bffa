package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// client speaks to the service as a shop does: JSON over HTTP.
type client struct {
	base string // without a slash at its end
	http *http.Client
}

// RefusedError says that the service answered a request with an error.
type RefusedError struct {
	Method, Path string
	Status       int
	Code         string // of the problem, such as "not_found"
	Detail       string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s %s: %d %s %s", e.Method, e.Path, e.Status, e.Code, e.Detail)
}

// The content types of request bodies.
const (
	asJSON   = "application/json"
	asNDJSON = "application/x-ndjson"
)

// tries is how often a request is sent that the service is too busy for.
const tries = 60

// do sends a request and reads the answer into out, unless that is nil. While
// the service is busy it waits as told and sends the same again, which is
// safe: every write has ids of its own.
func (c *client) do(ctx context.Context, method, path, contentType string, body []byte, out any) error {
	for try := 1; ; try++ {
		wait, err := c.once(ctx, method, path, contentType, body, out)
		if wait == 0 || try == tries {
			return err
		}
		if err := pause(ctx, wait); err != nil {
			return fmt.Errorf("%s %s: %w", method, path, err)
		}
	}
}

// once sends a request. A wait above 0 says when to try again.
func (c *client) once(ctx context.Context, method, path, contentType string, body []byte, out any) (wait time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("%s %s: %w", method, path, err)
	}
	if body != nil {
		req.Header.Set("Content-Type", contentType)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return 0, fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%s %s: read the answer: %w", method, path, err)
	case busy(res):
		return retryAfter(res.Header), refused(req, path, res.StatusCode, answer)
	case res.StatusCode >= 300:
		return 0, refused(req, path, res.StatusCode, answer)
	case out == nil:
		return 0, nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return 0, fmt.Errorf("%s %s: read the answer: %w", method, path, err)
	}
	return 0, nil
}

// busy reports whether the same request will be welcome later.
func busy(res *http.Response) bool {
	return res.StatusCode == http.StatusTooManyRequests ||
		res.StatusCode == http.StatusServiceUnavailable && res.Header.Get("Retry-After") != ""
}

// refused reads a problem of RFC 9457.
func refused(req *http.Request, path string, status int, answer []byte) error {
	e := &RefusedError{Method: req.Method, Path: path, Status: status}
	var problem struct{ Title, Code, Detail string }
	if json.Unmarshal(answer, &problem) == nil {
		e.Code, e.Detail = problem.Code, problem.Detail
		if e.Detail == "" {
			e.Detail = problem.Title
		}
	}
	return e
}

// retryAfter is the wait that a busy service asks for, a quarter of a second
// if it names none, at most five seconds.
func retryAfter(h http.Header) time.Duration {
	n, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || n < 1 {
		return 250 * time.Millisecond
	}
	return time.Duration(min(n, 5)) * time.Second
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

func (c *client) get(ctx context.Context, path string, out any) error {
	return c.do(ctx, http.MethodGet, path, "", nil, out)
}

func (c *client) put(ctx context.Context, path string, body []byte) error {
	return c.do(ctx, http.MethodPut, path, asJSON, body, nil)
}

func (c *client) post(ctx context.Context, path string, body []byte, out any) error {
	return c.do(ctx, http.MethodPost, path, asJSON, body, out)
}

// list reads all pages of a list.
func list[T any](ctx context.Context, c *client, path string, query url.Values) ([]T, error) {
	var all []T
	for {
		var page struct {
			Items []T    `json:"items"`
			Next  string `json:"next_cursor"`
		}
		if err := c.get(ctx, path+"?"+query.Encode(), &page); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if page.Next == "" {
			return all, nil
		}
		query.Set("cursor", page.Next)
	}
}
