package app

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// outcome is what a run of the command line left behind.
type outcome struct {
	code           int
	stdout, stderr string
}

// peakday runs one command in this process. env holds pairs of name and value.
func peakday(t testing.TB, env []string, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	p := &Program{Args: args, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Lookup: func(name string) (string, bool) {
		for i := 0; i < len(env); i += 2 {
			if env[i] == name {
				return env[i+1], true
			}
		}
		return "", false
	}}
	code := p.Run(t.Context())
	return outcome{code, stdout.String(), stderr.String()}
}

// ok runs a command that must succeed and gives its output.
func ok(t testing.TB, args ...string) string {
	t.Helper()
	got := peakday(t, nil, args...)
	if got.code != 0 {
		t.Fatalf("peakday %s: exit %d\n%s", strings.Join(args, " "), got.code, got.stderr)
	}
	return got.stdout
}

// objectOf reads the one JSON object that --json prints, and nothing else.
func objectOf[T any](t testing.TB, stdout string) (out T) {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(stdout))
	if err := dec.Decode(&out); err != nil {
		t.Fatalf("stdout %q: %v", stdout, err)
	}
	if rest, err := io.ReadAll(io.MultiReader(dec.Buffered())); err != nil || strings.TrimSpace(string(rest)) != "" || !strings.HasPrefix(stdout, "{") {
		t.Errorf("stdout is not one JSON object: %q", stdout)
	}
	return out
}

// write puts text into a file of a directory of its own.
func write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// eventually asks again until good says yes. How long a busy machine takes is
// no matter of a test; that it comes is.
func eventually(t testing.TB, what string, good func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !good(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within a minute", what)
		}
	}
}

// quiet are the settings of a test's instance on the store in data.
func quiet(data string) Config {
	return Config{Addr: "127.0.0.1:0", Data: data, TrainByHand: true, Logger: slog.New(slog.DiscardHandler)}
}

// opened is an instance that runs until the test ends.
func opened(t testing.TB, cfg Config) *App {
	t.Helper()
	a, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return a
}

// closed closes an instance in good order.
func closed(t testing.TB, a *App) {
	t.Helper()
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}

// site is a running service.
type site struct {
	*server
	t   testing.TB
	key string
}

// serving serves the store of cfg until the test ends or stop is called.
func serving(t testing.TB, cfg Config) (s site, stop func()) {
	t.Helper()
	a, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	s = site{t: t}
	if s.server, err = a.newServer(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.CaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.waiting.Store(nil)
	ended := false
	stop = func() {
		t.Helper()
		if ended {
			return
		}
		ended = true
		if err := s.end(); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	return s, stop
}

// ask sends a request and gives status and body.
func (s site) ask(method, path, contentType, body string) (int, string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.url()+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if s.key != "" {
		req.Header.Set("Authorization", "Bearer "+s.key)
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer.StatusCode, string(b)
}

// get gives the JSON of an answer that must be 200.
func (s site) get(path string) any {
	s.t.Helper()
	status, body := s.ask(http.MethodGet, path, "", "")
	var out any
	if err := json.Unmarshal([]byte(body), &out); status != http.StatusOK || err != nil {
		s.t.Fatalf("GET %s: %d %s", path, status, body)
	}
	return out
}

// at follows a path in the answer of get; nil if there is nothing.
func (s site) at(path, where string) any {
	s.t.Helper()
	v, _ := lookUp(s.get(path), where)
	return v
}
