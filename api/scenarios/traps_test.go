package scenarios_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/peakday/peakday/api"
	"github.com/peakday/peakday/experiments"
)

// TestTrapsOfFlagClients: what the published OpenFeature clients stumble over
// when a server keeps to the letter of OFREP 0.3.0. Each was seen with the
// clients of JavaScript (web 0.4.3, server 0.1.3) and of Go (0.1.7).
func TestTrapsOfFlagClients(t *testing.T) {
	t.Parallel()
	for _, trap := range []struct {
		name string
		test func(t *testing.T)
	}{
		{"1 an error without key and errorCode cannot be read", everyErrorNamesKeyAndCode},
		{"2 a flag without a value is read by its reason", noValueOnlyWhenDisabled},
		{"3 the old tag comes with a new attribute", tagCoversTheContext},
		{"4 a refetch carries the old tag as well", refetchIsFresh},
		{"5 an answer of another content type is refused", answersAreJSON},
		{"6 keys arrive encoded in two ways", keysArriveEncodedOrRaw},
		{"7 only whole seconds are read from Retry-After", retryAfterIsSeconds},
		{"8 a browser asks first", browsersMayAskAndRead},
		{"9 If-None-Match is a list, weak or a star", tagsComeInLists},
		{"10 whole numbers stay whole", numbersKeepTheirForm},
	} {
		t.Run(trap.name, func(t *testing.T) {
			t.Parallel()
			trap.test(t)
		})
	}
}

const oneFlag, allFlags = "/ofrep/v1/evaluate/flags/e1", "/ofrep/v1/evaluate/flags"

// asks evaluates for a context with further headers.
func (s *shop) asks(path, context string, headers ...string) answer {
	s.t.Helper()
	return s.send(request{method: "POST", path: path, body: `{"context":` + context + `}`, headers: headers})
}

func everyErrorNamesKeyAndCode(t *testing.T) {
	s := open(t, withKeys(key("flags", api.Evaluate), key("other", api.Read)))
	broken := open(t)
	if err := broken.log.Close(); err != nil { // an exposure cannot be logged now
		t.Fatal(err)
	}
	broken.start("e1", even)
	for _, c := range []struct {
		name   string
		answer answer
		status int
	}{
		{"no such flag", s.asks(oneFlag, `{"targetingKey":"u1"}`, "X-API-Key: flags"), 404},
		{"no targeting key", s.asks(oneFlag, `{}`, "X-API-Key: flags"), 400},
		{"no access key", s.asks(oneFlag, `{}`), 401},
		{"another scope", s.asks(oneFlag, `{}`, "X-API-Key: other"), 403},
		{"a failure of ours", broken.asks(oneFlag+"?expose=1", `{"targetingKey":"u1"}`), 503},
	} {
		var got struct{ Key, ErrorCode, ErrorDetails string }
		if err := json.Unmarshal(c.answer.body, &got); err != nil || c.answer.status != c.status || got.Key != "e1" || got.ErrorCode == "" {
			t.Errorf("%s: %d %s", c.name, c.answer.status, c.answer.body)
		}
	}
}

func noValueOnlyWhenDisabled(t *testing.T) {
	s := open(t)
	life(s)
	var all struct{ Flags []json.RawMessage }
	s.must("POST", allFlags, `{"context":{"targetingKey":"u1"}}`, &all)
	for _, raw := range all.Flags {
		flag := checkFlag(t, raw)
		_, there := flag["value"]
		if disabled := flag["reason"] == "DISABLED"; there == disabled || disabled != (flag["key"] == "stopped") || strings.Contains(string(raw), `"value":null`) {
			t.Errorf("%s", raw)
		}
	}
}

func tagCoversTheContext(t *testing.T) {
	s := open(t)
	s.start("e1", strings.Replace(even, "{", `{"audience":{"tier":"gold"},`, 1))
	tag := s.asks(allFlags, `{"targetingKey":"u1"}`).header.Get("ETag")
	if a := s.asks(allFlags, `{"targetingKey":"u1","tier":"gold"}`, "If-None-Match: "+tag); a.status != 200 || !strings.Contains(string(a.body), "SPLIT") {
		t.Errorf("with another tier: %d %s", a.status, a.body)
	}
	if a := s.asks(allFlags, `{"targetingKey":"u1"}`, "If-None-Match: "+tag); a.status != 304 {
		t.Errorf("with the same context: %d", a.status)
	}
}

func refetchIsFresh(t *testing.T) {
	s := open(t)
	s.start("e1", even)
	tag := s.asks(allFlags, `{"targetingKey":"u1"}`).header.Get("ETag")
	if _, err := s.services.Desk.Stop(t.Context(), experiments.By{Author: "another replica", Now: s.now()}, "e1"); err != nil {
		t.Fatal(err)
	}
	revision, err := s.services.Definitions.Revision(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("%s?flagConfigEtag=%s&flagConfigLastModified=%d", allFlags, revisionTag(revision), s.now().Unix())
	if a := s.asks(path, `{"targetingKey":"u1"}`, "If-None-Match: "+tag); a.status != 200 || !strings.Contains(string(a.body), "DISABLED") {
		t.Errorf("after the stream has told of a change: %d %s", a.status, a.body)
	}
}

func answersAreJSON(t *testing.T) {
	s := open(t)
	s.start("e1", even)
	for _, sent := range []string{"application/json", "application/json; charset=utf-8"} {
		for path, status := range map[string]int{oneFlag: 200, allFlags: 200, oneFlag + "x": 404} {
			a := s.asks(path, `{"targetingKey":"u1"}`, "Content-Type: "+sent)
			if a.status != status || a.header.Get("Content-Type") != "application/json" {
				t.Errorf("%s as %s: %d %s", path, sent, a.status, a.header.Get("Content-Type"))
			}
		}
	}
}

func keysArriveEncodedOrRaw(t *testing.T) {
	s := open(t)
	s.start("a.b_c-1", even)
	for path, want := range map[string]string{
		"/a.b_c-1": "", "/a%2Eb%5Fc-1": "", // both name the flag
		"/a%2Fb": "a/b", "/a/b": "a/b", "/a%20b/c": "a b/c", "/%E7%BA%A2": "红",
	} {
		flag := checkFlag(t, s.asks(allFlags+path, `{"targetingKey":"u1"}`).body)
		if want == "" && flag["reason"] != "SPLIT" || want != "" && (flag["errorCode"] != "FLAG_NOT_FOUND" || flag["key"] != want) {
			t.Errorf("%s: %v", path, flag)
		}
	}
	if a := s.send(request{method: "PUT", path: "/v1/experiments/a%2Fb", body: even}); a.status != 422 {
		t.Errorf("a flag with a slash may be defined: %d %s", a.status, a.body)
	}
}

func retryAfterIsSeconds(t *testing.T) {
	s := open(t, withKeys(key("browser", api.EventsBehaviour)), with(func(services *api.Services) { services.Limits = api.Limits{EventsPerSecond: 0.3, Burst: 1} }))
	var a answer
	for i := range 3 {
		a = s.send(request{method: "POST", path: "/v1/events", headers: []string{"X-API-Key: browser"}, body: view(strconv.Itoa(i), "u", "i")})
	}
	if wait, err := strconv.Atoi(a.header.Get("Retry-After")); a.status != 429 || err != nil || wait < 1 {
		t.Errorf("%d Retry-After %q", a.status, a.header.Get("Retry-After"))
	}
}

func browsersMayAskAndRead(t *testing.T) {
	s := open(t, withKeys(key("web", api.Evaluate)))
	for _, path := range []string{oneFlag, allFlags} {
		asked := s.send(request{method: "OPTIONS", path: path, headers: []string{"Origin: https://shop.example", "Access-Control-Request-Method: POST"}})
		allowed := strings.ToLower(asked.header.Get("Access-Control-Allow-Headers"))
		for _, name := range []string{"content-type", "if-none-match", "authorization", "x-api-key"} {
			if !strings.Contains(allowed, name) {
				t.Errorf("%s: %s is not allowed in %q", path, name, allowed)
			}
		}
		read := s.asks(path, `{"targetingKey":"u1"}`, "Origin: https://shop.example", "X-API-Key: web").header.Get("Access-Control-Expose-Headers")
		if !strings.Contains(read, "ETag") || !strings.Contains(read, "Retry-After") {
			t.Errorf("%s: pages may read %q", path, read)
		}
	}
}

func tagsComeInLists(t *testing.T) {
	s := open(t)
	s.start("e1", even)
	tag := s.asks(allFlags, `{"targetingKey":"u1"}`).header.Get("ETag")
	for given, status := range map[string]int{
		tag: 304, "W/" + tag: 304, `"a", ` + tag: 304, `W/"a",W/` + tag + `, "b"`: 304, "*": 304,
		`"a"`: 200, strings.Trim(tag, `"`): 200, `"a", W/"b"`: 200, "": 200,
	} {
		if a := s.asks(allFlags, `{"targetingKey":"u1"}`, "If-None-Match: "+given); a.status != status {
			t.Errorf("%s: %d, want %d", given, a.status, status)
		}
	}
}

func numbersKeepTheirForm(t *testing.T) {
	s := open(t)
	for value, want := range map[string]string{"3": "3", "3.5": "3.5", "9007199254740993": "9007199254740993", "-0.1": "-0.1"} {
		s.clock.Add(time.Second.Microseconds())
		name := "n" + strings.NewReplacer(".", "_", "-", "m").Replace(value)
		s.start(name, fmt.Sprintf(`{"unit":"user","variants":[{"key":"control","weight":1,"value":%[1]s},{"key":"b","weight":1,"value":%[1]s}]}`, value))
		if a := s.asks(allFlags+"/"+name, `{"targetingKey":"u1"}`); !strings.Contains(string(a.body), `"value":`+want+`,`) && !strings.Contains(string(a.body), `"value":`+want+`}`) {
			t.Errorf("%s is served as %s", value, a.body)
		}
	}
}
