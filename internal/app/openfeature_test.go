package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/open-feature/go-sdk-contrib/providers/ofrep"
	"github.com/open-feature/go-sdk/openfeature"

	"github.com/peakday/peakday/api/hook"
)

// checkout is an experiment on users whose metric is whether they pay.
const checkout = `{"unit":"user","primary":"paid","variants":[{"key":"control","weight":1,"value":"old"},{"key":"treatment","weight":1,"value":"new"}]}`

// experimenting is a service in which the experiment of that key runs.
func experimenting(t *testing.T, key, definition string) (*App, *service) {
	t.Helper()
	a, err := Open(t.Context(), quiet(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, a)
	s.ready(t)
	s.must(t, "PUT", "/v1/metrics/paid", `{"kind":"proportion","event":"order.paid"}`, nil)
	s.must(t, "PUT", "/v1/experiments/"+key, definition, nil)
	s.must(t, "POST", "/v1/experiments/"+key+"/start", "", nil)
	t.Cleanup(func() {
		s.stop()
		if err := <-s.ended; err != nil {
			t.Error(err)
		}
	})
	return a, s
}

func (s *service) must(t *testing.T, method, path, body string, out any) {
	t.Helper()
	req, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(res.Body); err != nil || res.StatusCode/100 != 2 {
		t.Fatalf("%s %s: %d %s %v", method, path, res.StatusCode, text.String(), err)
	}
	if out != nil {
		if err := json.Unmarshal(text.Bytes(), out); err != nil {
			t.Fatal(err)
		}
	}
}

// shopReport is what these tests read of a report.
type shopReport struct {
	Units   map[string]int
	Metrics []struct {
		Name    string
		Control struct{ Mean float64 }
		Results []struct{ Mean float64 }
	}
}

// TestGoClientMovesTheReport: a Go service evaluates a flag through the
// published OpenFeature provider, the hook exposes, the visitors buy, and the
// analyst's report has all of it.
func TestGoClientMovesTheReport(t *testing.T) {
	t.Parallel()
	a, s := experimenting(t, "checkout", checkout)
	exposures, err := hook.New(hook.Options{URL: s.url, Wait: time.Millisecond, Refused: func(problem string) { t.Error(problem) }})
	if err != nil {
		t.Fatal(err)
	}
	if err := openfeature.SetNamedProviderAndWait(t.Name(), ofrep.NewProvider(s.url)); err != nil {
		t.Fatal(err)
	}
	client := openfeature.NewClient(t.Name())
	client.AddHooks(exposures)

	want := map[string]int{}
	var orders []string
	for i := range 60 {
		user := fmt.Sprintf("u%d", i)
		visitor := openfeature.NewEvaluationContext(user, map[string]any{"country": "CN"})
		for range 3 { // a flag is read again and again; it is one exposure
			got, err := client.StringValueDetails(t.Context(), "checkout", "default", visitor)
			if err != nil {
				t.Fatal(err)
			}
			if got.Value == "default" || got.Reason != openfeature.SplitReason {
				t.Fatalf("%+v", got)
			}
			if want[user]++; want[user] == 1 {
				want[got.Variant]++
			}
			if want[user] == 1 && got.Variant == "treatment" {
				orders = append(orders, fmt.Sprintf(`{"specversion":"1.0","id":"%s","source":"shop","type":"order.paid","data":{"order_id":"o-%s","user_id":"%s","total":"9.90"}}`, user, user, user))
			}
		}
	}
	if missing, err := client.StringValueDetails(t.Context(), "no-such-flag", "default", openfeature.NewEvaluationContext("u1", nil)); err == nil || missing.ErrorCode != openfeature.FlagNotFoundCode {
		t.Errorf("%+v, %v", missing, err)
	}
	if err := exposures.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.must(t, "POST", "/v1/events", "["+strings.Join(orders, ",")+"]", nil)
	if err := a.CaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got shopReport
	s.must(t, "GET", "/v1/experiments/checkout/report", "", &got)
	if got.Units["control"] != want["control"] || got.Units["treatment"] != want["treatment"] || exposures.Dropped() != 0 {
		t.Errorf("%v units in the report, %v were exposed", got.Units, want)
	}
	if m := got.Metrics[0]; m.Control.Mean != 0 || m.Results[0].Mean != 1 {
		t.Errorf("%+v", m)
	}
}

// TestHookOutlivesAnOutage: what was queued while peakday was away arrives.
func TestHookOutlivesAnOutage(t *testing.T) {
	t.Parallel()
	a, s := experimenting(t, "checkout", checkout)
	away := make(chan struct{})
	turns := 0
	through := http.RoundTripper(roundTrip(func(r *http.Request) (*http.Response, error) {
		if turns++; turns == 1 {
			close(away)
			return nil, fmt.Errorf("connection refused")
		}
		return http.DefaultTransport.RoundTrip(r)
	}))
	exposures, err := hook.New(hook.Options{URL: s.url, Wait: time.Millisecond, Client: &http.Client{Transport: through}})
	if err != nil {
		t.Fatal(err)
	}
	flag := openfeature.NewHookContext("checkout", openfeature.String, "", openfeature.NewClientMetadata(""), openfeature.Metadata{}, openfeature.NewEvaluationContext("u1", nil))
	details := openfeature.InterfaceEvaluationDetails{EvaluationDetails: openfeature.EvaluationDetails{ResolutionDetail: openfeature.ResolutionDetail{
		Variant: "treatment", FlagMetadata: openfeature.FlagMetadata{"enrolled": true, "experiment": "checkout", "version": 2.0},
	}}}
	if err := exposures.After(t.Context(), flag, details, openfeature.HookHints{}); err != nil {
		t.Fatal(err)
	}
	<-away
	if err := exposures.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := a.CaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got shopReport
	s.must(t, "GET", "/v1/experiments/checkout/report", "", &got)
	if got.Units["treatment"] != 1 {
		t.Errorf("%v", got.Units)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestJavaScriptClients runs the published OpenFeature providers for web pages
// and servers, with sdk.js and its hook, against the service: bulk and single
// agree, a change arrives by the stream, an exposure and a purchase move the
// report.
func TestJavaScriptClients(t *testing.T) {
	t.Parallel()
	modules := os.Getenv("PEAKDAY_TEST_NODE_MODULES")
	if modules == "" {
		t.Skip("PEAKDAY_TEST_NODE_MODULES is not set: .ci/openfeature installs the clients from npm and runs this test")
	}
	a, s := experimenting(t, "checkout", checkout)
	script, err := filepath.Abs("testdata/openfeature/clients.mjs")
	if err != nil {
		t.Fatal(err)
	}
	// Modules are looked for beside the script, so it runs where they are.
	text, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	here := filepath.Join(modules, "..", fmt.Sprintf("clients-%d.mjs", os.Getpid()))
	if err := os.WriteFile(here, text, 0o600); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(here)
	out, err := exec.CommandContext(t.Context(), "node", here, s.url, "checkout").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := a.CaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	var want struct{ Control, Treatment int }
	if err := json.Unmarshal(out, &want); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var got shopReport
	s.must(t, "GET", "/v1/experiments/checkout/report", "", &got)
	if got.Units["control"] != want.Control || got.Units["treatment"] != want.Treatment || want.Control+want.Treatment < 20 {
		t.Errorf("%v units in the report, the clients exposed %+v", got.Units, want)
	}
	if m := got.Metrics[0]; m.Control.Mean != 0 || m.Results[0].Mean != 1 {
		t.Errorf("%+v", m)
	}
}
