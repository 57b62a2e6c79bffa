package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/peakday/peakday/store/storetest/services"
)

// TestStories plays testdata/stories/*.story against the whole service over
// HTTP, on the embedded store and on PostgreSQL. A story is a list of lines:
//
//	# what this is about
//	clock 2026-11-11T00:00:00+08:00      set the service's clock
//	advance 36h                          move it
//	GET /v1/…                            a request; PUT and POST take the indented lines below as body
//	expect 200                           its status
//	expect .items[0].key == "x"          a value in its JSON; also !=, <, >, ~ (about, within 1e-9), missing
//	expect .items[key=x].status == …     of the element whose key is x
//	send                                 events, one an indented line: ID TYPE [TIME] DATA
//	settle                               wait until all is applied
//	train                                learn a recommender model
//	restart                              stop in good order and start again
//	crash                                start again without the snapshots of this run
func TestStories(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/stories/*.story")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".story")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			t.Run("sqlite", func(t *testing.T) {
				t.Parallel()
				playStory(t, file, Config{})
			})
			t.Run("postgres", func(t *testing.T) {
				t.Parallel()
				playStory(t, file, Config{Postgres: services.NewDatabase(t, services.Postgres(t))})
			})
		})
	}
}

// story is a running service and the answer to the last request.
type story struct {
	t      *testing.T
	at     string // file and line
	cfg    Config
	clock  *simulated
	server *server
	failed <-chan error

	status int
	answer any
	body   string
}

func playStory(t *testing.T, file string, cfg Config) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	clock := newSimulated(time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC))
	cfg.Addr, cfg.Data, cfg.Clock, cfg.TrainByHand = "127.0.0.1:0", t.TempDir(), clock.now, true
	cfg.Timezone, cfg.Currency, cfg.Logger = "Asia/Shanghai", "CNY", slog.New(slog.DiscardHandler)
	s := &story{t: t, cfg: cfg, clock: clock}
	s.start()
	defer func() {
		if err := s.server.end(); err != nil {
			t.Error(err)
		}
	}()
	lines := strings.Split(string(text), "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		s.at = fmt.Sprintf("%s:%d: %s", filepath.Base(file), i+1, line)
		var block []string
		for i+1 < len(lines) && strings.HasPrefix(lines[i+1], " ") {
			i++
			block = append(block, strings.TrimSpace(lines[i]))
		}
		s.do(line, block)
	}
}

func (s *story) fatal(format string, args ...any) {
	s.t.Helper()
	s.t.Fatalf("%s\n  %s\n  last answer: %d %s", s.at, fmt.Sprintf(format, args...), s.status, s.body)
}

func (s *story) must(err error) {
	s.t.Helper()
	if err != nil {
		s.fatal("%v", err)
	}
}

func (s *story) start() {
	s.t.Helper()
	ctx := s.t.Context()
	a, err := Open(ctx, s.cfg)
	s.must(err)
	s.server, err = a.newServer(ctx)
	s.must(err)
	s.failed, err = s.server.begin(ctx)
	s.must(err)
	s.must(s.server.CaughtUp(ctx))
	s.server.waiting.Store(nil)
}

func (s *story) do(line string, block []string) {
	s.t.Helper()
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "clock":
		at, err := time.Parse(time.RFC3339, rest)
		s.must(err)
		s.clock.Set(at)
	case "advance":
		d, err := time.ParseDuration(rest)
		s.must(err)
		s.clock.Set(s.clock.now().Add(d))
	case "GET", "PUT", "POST", "PATCH":
		s.request(word, rest, "application/json", strings.Join(block, "\n"))
	case "send":
		s.send(block)
	case "expect":
		s.expect(rest)
	case "settle":
		s.must(s.server.consumer.CaughtUp(s.t.Context()))
	case "train":
		s.must(s.server.trainer.train(s.t.Context()))
	case "restart":
		s.must(s.server.end())
		s.start()
	case "crash":
		s.crash()
		s.start()
	default:
		s.fatal("the story says an unknown word")
	}
}

// crash ends the process's work without its good order: no snapshot is
// written. (A real kill -9 is tested on a real process.)
func (s *story) crash() {
	s.server.stop(nil)
	s.server.running.Wait()
	s.must(s.server.http.Close())
	s.must(s.server.closeStores())
}

func (s *story) request(method, path, contentType, body string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.server.url()+path, strings.NewReader(body))
	s.must(err)
	if body != "" {
		req.Header.Set("Content-Type", contentType)
	}
	answer, err := http.DefaultClient.Do(req)
	s.must(err)
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	s.must(err)
	s.status, s.body, s.answer = answer.StatusCode, string(b), nil
	dec := json.NewDecoder(bytes.NewReader(b))
	if err := dec.Decode(&s.answer); err != nil && len(b) > 0 && strings.Contains(answer.Header.Get("Content-Type"), "json") {
		s.fatal("the answer is not JSON: %v", err)
	}
}

// send posts the lines as NDJSON and expects a 202.
func (s *story) send(lines []string) {
	s.t.Helper()
	var body strings.Builder
	for _, line := range lines {
		id, rest, _ := strings.Cut(line, " ")
		typ, rest, _ := strings.Cut(strings.TrimSpace(rest), " ")
		at := s.clock.now().Format(time.RFC3339Nano)
		rest = strings.TrimSpace(rest)
		if !strings.HasPrefix(rest, "{") {
			var given string
			given, rest, _ = strings.Cut(rest, " ")
			at = s.timeOf(given)
		}
		fmt.Fprintf(&body, `{"specversion":"1.0","source":"story","id":%q,"type":%q,"time":%q,"data":%s}`+"\n", id, typ, at, rest)
	}
	s.request(http.MethodPost, "/v1/events", "application/x-ndjson", body.String())
	if s.status != http.StatusAccepted {
		s.fatal("the events were not accepted")
	}
}

// timeOf reads a time, or a distance from the clock such as -2h.
func (s *story) timeOf(text string) string {
	s.t.Helper()
	if d, err := time.ParseDuration(text); err == nil {
		return s.clock.now().Add(d).Format(time.RFC3339Nano)
	}
	_, err := time.Parse(time.RFC3339, text)
	s.must(err)
	return text
}

// expect checks the status or a value of the last answer.
func (s *story) expect(what string) {
	s.t.Helper()
	if status, err := strconv.Atoi(what); err == nil {
		if s.status != status {
			s.fatal("got status %d", s.status)
		}
		return
	}
	path, rest, _ := strings.Cut(what, " ")
	got, found := lookUp(s.answer, path)
	op, literal, _ := strings.Cut(rest, " ")
	if op == "missing" {
		if found {
			s.fatal("%s is %v", path, got)
		}
		return
	}
	if !found {
		s.fatal("there is no %s", path)
	}
	var want any
	s.must(json.Unmarshal([]byte(literal), &want))
	if !compareJSON(got, op, want) {
		s.fatal("%s is %v", path, got)
	}
}

func compareJSON(got any, op string, want any) bool {
	switch op {
	case "==":
		return reflect.DeepEqual(got, want)
	case "!=":
		return !reflect.DeepEqual(got, want)
	}
	g, ok1 := got.(float64)
	w, ok2 := want.(float64)
	if !ok1 || !ok2 {
		return false
	}
	switch op {
	case "<":
		return g < w
	case ">":
		return g > w
	case "~":
		return g-w < 1e-9 && w-g < 1e-9
	}
	return false
}

// lookUp follows a path such as .items[0].name, .items[key=x].status or
// .items.length.
func lookUp(v any, path string) (any, bool) {
	for step := range strings.SplitSeq(strings.TrimPrefix(strings.ReplaceAll(path, "[", ".["), "."), ".") {
		switch {
		case strings.HasPrefix(step, "["):
			list, ok := v.([]any)
			if !ok {
				return nil, false
			}
			if v, ok = element(list, strings.Trim(step, "[]")); !ok {
				return nil, false
			}
		case step == "length":
			list, ok := v.([]any)
			if !ok {
				return nil, false
			}
			v = float64(len(list))
		default:
			object, ok := v.(map[string]any)
			if !ok {
				return nil, false
			}
			if v, ok = object[step]; !ok {
				return nil, false
			}
		}
	}
	return v, true
}

func element(list []any, selector string) (any, bool) {
	if field, value, by := strings.Cut(selector, "="); by {
		for _, e := range list {
			if object, ok := e.(map[string]any); ok && fmt.Sprint(object[field]) == value {
				return e, true
			}
		}
		return nil, false
	}
	i, err := strconv.Atoi(selector)
	if err != nil || i < 0 || i >= len(list) {
		return nil, false
	}
	return list[i], true
}

// TestStoryWords keeps the runner itself honest: a wrong expectation fails.
func TestStoryWords(t *testing.T) {
	t.Parallel()
	var v any
	if err := json.Unmarshal([]byte(`{"items":[{"key":"a","n":1.5},{"key":"b","n":null}]}`), &v); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path string
		want any
	}{
		{".items[0].key", "a"}, {".items[key=b].key", "b"}, {".items.length", 2.0}, {".items[0].n", 1.5}, {".items[key=b].n", nil},
	} {
		if got, ok := lookUp(v, c.path); !ok || got != c.want {
			t.Errorf("%s is %v %v, want %v", c.path, got, ok, c.want)
		}
	}
	for _, path := range []string{".items[2]", ".items[key=c]", ".nothing", ".items.key", ".items[0].key.length"} {
		if got, ok := lookUp(v, path); ok {
			t.Errorf("%s was found: %v", path, got)
		}
	}
	if compareJSON(1.0, "==", 2.0) || compareJSON(1.0, ">", 2.0) || compareJSON("a", "<", 2.0) || !compareJSON(1.0, "<", 2.0) {
		t.Error("comparison is wrong")
	}
}
