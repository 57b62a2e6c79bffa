package sim

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/peakday/peakday/experiments"
)

// wire answers requests by a function, without a network.
type wire func(*http.Request) *http.Response

// RoundTrip implements http.RoundTripper.
func (w wire) RoundTrip(r *http.Request) (*http.Response, error) { return w(r), nil }

func answer(status int, body string, header ...string) *http.Response {
	res := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
	for i := 0; i+1 < len(header); i += 2 {
		res.Header.Set(header[i], header[i+1])
	}
	return res
}

func through(w wire) *client { return &client{"http://shop", &http.Client{Transport: w}} }

func TestClientWaitsForABusyService(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		status int
		header []string
		want   time.Duration
	}{
		{"too many requests", 429, nil, 250 * time.Millisecond},
		{"as long as told", 429, []string{"Retry-After", "2"}, 2 * time.Second},
		{"but not for ever", 503, []string{"Retry-After", "3600"}, 5 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				asked, began := 0, time.Now()
				err := through(func(r *http.Request) *http.Response {
					if body, _ := io.ReadAll(r.Body); string(body) != "{}" {
						t.Errorf("try %d sends %q", asked, body)
					}
					if asked++; asked < 3 {
						return answer(c.status, "", c.header...)
					}
					return answer(200, "")
				}).put(t.Context(), "/v1/x", []byte("{}"))
				if took := time.Since(began); err != nil || took != 2*c.want {
					t.Errorf("took %s, error %v, want %s", took, err, 2*c.want)
				}
			})
		})
	}
}

func TestClientGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		busy := through(func(*http.Request) *http.Response { asked++; return answer(429, "") })
		var no *RefusedError
		if err := busy.get(t.Context(), "/v1/x", nil); !errors.As(err, &no) || no.Status != 429 || asked != tries {
			t.Errorf("asked %d times: %v", asked, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := busy.get(ctx, "/v1/x", nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the context's error", err)
		}
	})
}

func TestClientTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		res  func() *http.Response
		want string
	}{
		{"a problem", func() *http.Response {
			return answer(422, `{"title":"T","code":"invalid","detail":"unit is required"}`)
		}, "GET /v1/x: 422 invalid unit is required"},
		{"no problem", func() *http.Response { return answer(502, `<html>`) }, "GET /v1/x: 502  "},
		{"unavailable without a time", func() *http.Response { return answer(503, `{"code":"unavailable","title":"later"}`) }, "GET /v1/x: 503 unavailable later"},
		{"not JSON", func() *http.Response { return answer(200, `{`) }, "GET /v1/x: read the answer: unexpected end of JSON input"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var out struct{}
			err := through(func(*http.Request) *http.Response { return c.res() }).get(t.Context(), "/v1/x", &out)
			if err == nil || err.Error() != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestListReadsAllPages(t *testing.T) {
	t.Parallel()
	c := through(func(r *http.Request) *http.Response {
		switch r.URL.Query().Get("cursor") {
		case "":
			return answer(200, `{"items":[1,2],"next_cursor":"a b"}`)
		case "a b":
			return answer(200, `{"items":[3],"next_cursor":null}`)
		}
		return answer(404, "")
	})
	got, err := list[int](t.Context(), c, "/v1/x", url.Values{"event": {"11.11"}})
	if err != nil || len(got) != 3 || got[2] != 3 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestSendRefusesRejections(t *testing.T) {
	t.Parallel()
	c := through(func(r *http.Request) *http.Response {
		if r.URL.RawQuery != "imported=1" {
			t.Errorf("sent to %s", r.URL)
		}
		return answer(202, `{"accepted":1,"duplicates":0,"rejected":[{"index":1,"id":"e2","field":"data.sku","problem":"data.sku is required"}]}`)
	})
	if _, err := c.send(t.Context(), []byte("{}\n"), true); err == nil || !strings.Contains(err.Error(), "e2: data.sku is required") {
		t.Errorf("got %v", err)
	}
}

func TestReportWithoutEffect(t *testing.T) {
	t.Parallel()
	c := through(func(*http.Request) *http.Response {
		return answer(200, `{"metrics":[{"name":"conversion","results":[{"variant":"treatment","problem":"no units"}]}],"decision":{"verdict":"keep-running"}}`)
	})
	r, err := c.report(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.effect("conversion", &ExperimentResult{}); err == nil {
		t.Error("an effect out of nothing")
	}
}

// checkExperiments holds metrics and experiments to the service's own parsers.
func checkExperiments(t *testing.T) {
	t.Helper()
	for _, m := range newMetrics() {
		if _, err := experiments.ParseMetric(m.key, m.definition, cny); err != nil {
			t.Errorf("%s: %v", m.key, err)
		}
	}
	for _, trial := range newTrials() {
		e, err := experiments.ParseExperiment(trial.key, trial.definition())
		if err != nil {
			t.Fatalf("%s: %v", trial.key, err)
		}
		if e.Coverage != 1 || e.Audience != nil || len(e.Variants) != 2 || e.Variants[0].Weight != e.Variants[1].Weight || e.Variants[0].Value[0] != '"' {
			t.Errorf("%s: %+v, want two even variants with string values on all users", trial.key, e)
		}
	}
}
