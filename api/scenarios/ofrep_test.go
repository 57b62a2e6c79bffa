package scenarios_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/peakday/peakday/api"
)

// checkFlag holds a flag to the rules of OFREP 0.3.0 (open-feature/protocol,
// service/openapi.yaml: evaluationSuccess, evaluationFailure), and to what the
// published clients want beyond them: never null, an object or a scalar.
func checkFlag(t testing.TB, raw json.RawMessage) (flag map[string]any) {
	t.Helper()
	if err := json.Unmarshal(raw, &flag); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	wrong := func(what string) {
		t.Helper()
		t.Errorf("%s: %s", what, raw)
	}
	if key, ok := flag["key"].(string); !ok || key == "" {
		wrong("no key")
	}
	if code, failed := flag["errorCode"]; failed {
		if !slices.Contains([]any{"PARSE_ERROR", "TARGETING_KEY_MISSING", "INVALID_CONTEXT", "GENERAL", "FLAG_NOT_FOUND"}, code) {
			wrong("errorCode")
		}
		return flag
	}
	if !slices.Contains([]any{"STATIC", "TARGETING_MATCH", "SPLIT", "DISABLED", "UNKNOWN"}, flag["reason"]) {
		wrong("reason")
	}
	switch v, there := flag["value"]; v.(type) {
	case nil:
		if there || flag["reason"] != "DISABLED" {
			wrong("value")
		}
	case []any:
		wrong("value is an array")
	}
	metadata, _ := flag["metadata"].(map[string]any)
	for name, v := range metadata {
		switch v.(type) {
		case bool, string, float64:
		default:
			wrong("metadata." + name)
		}
	}
	if metadata["experiment"] != flag["key"] || metadata["version"] == nil || metadata["enrolled"] == nil {
		wrong("metadata")
	}
	for _, name := range slices.Sorted(maps.Keys(flag)) {
		if !slices.Contains([]string{"key", "reason", "value", "variant", "metadata"}, name) {
			wrong("more than OFREP knows, " + name)
		}
	}
	return flag
}

func (s *shop) flag(key, context string) (answer, map[string]any) {
	s.t.Helper()
	a := s.send(request{method: "POST", path: "/ofrep/v1/evaluate/flags/" + key, body: `{"context":` + context + `}`, headers: []string{"Content-Type: application/json; charset=utf-8"}})
	if kind := a.header.Get("Content-Type"); kind != "application/json" {
		s.t.Errorf("%s is of type %q", a.body, kind)
	}
	return a, checkFlag(s.t, a.body)
}

// life makes experiments in every state.
func life(s *shop) {
	variants := func(a, b string) string {
		return `"variants":[{"key":"control","weight":1,"value":` + a + `},{"key":"treatment","weight":1,"value":` + b + `}]`
	}
	s.must("PUT", "/v1/layers/home", `{"name":"home page"}`, nil)
	s.must("PUT", "/v1/experiments/draft", even, nil)
	s.start("running", even)
	s.start("numbers", `{"unit":"user","layer":"home","coverage":0.999,`+variants("1", "2.5")+`}`)
	s.start("objects", `{"unit":"device",`+variants(`{"color":"red","sizes":[1,2]}`, `{"color":"<b>"}`)+`}`)
	s.start("audience", `{"unit":"user","audience":{"country":"CN","age":{"$gte":18}},`+variants("false", "true")+`}`)
	s.start("byhand", `{"unit":"user","overrides":{"boss":"treatment"},`+variants(`"old"`, `"new"`)+`}`)
	s.start("half", `{"unit":"user","coverage":0.5,`+variants(`"old"`, `"new"`)+`}`)
	for _, key := range []string{"paused", "stopped", "shipped"} {
		s.start(key, even)
	}
	s.must("POST", "/v1/experiments/paused/pause", "", nil)
	s.must("POST", "/v1/experiments/stopped/stop", "", nil)
	s.must("POST", "/v1/experiments/shipped/ship", `{"variant":"treatment"}`, nil)
}

func TestOneFlagInEveryState(t *testing.T) {
	t.Parallel()
	s := open(t)
	life(s)
	for _, c := range []struct {
		name, key, context string
		status             int
		want               fields // a part of the flag
		enrolled           any
	}{
		{"running", "running", `{"targetingKey":"u1"}`, 200, fields{"reason": "SPLIT"}, true},
		{"in a layer", "numbers", `{"targetingKey":"u1"}`, 200, fields{"reason": "SPLIT"}, true},
		{"objects", "objects", `{"targetingKey":"u1","units":{"device":"d1"}}`, 200, fields{"reason": "SPLIT"}, true},
		{"in the audience", "audience", `{"targetingKey":"u1","country":"CN","age":18}`, 200, fields{"reason": "SPLIT"}, true},
		{"outside the audience", "audience", `{"targetingKey":"u1","country":"US","age":18}`, 200, fields{"reason": "STATIC", "variant": "control", "value": false}, false},
		{"without the attribute", "audience", `{"targetingKey":"u1","country":"CN"}`, 200, fields{"reason": "STATIC", "variant": "control"}, false},
		{"by hand", "byhand", `{"targetingKey":"boss"}`, 200, fields{"reason": "TARGETING_MATCH", "variant": "treatment", "value": "new"}, false},
		{"paused", "paused", `{"targetingKey":"u1"}`, 200, fields{"reason": "STATIC", "variant": "control", "value": "old"}, false},
		{"shipped", "shipped", `{"targetingKey":"u1"}`, 200, fields{"reason": "STATIC", "variant": "treatment", "value": "new"}, false},
		{"stopped", "stopped", `{"targetingKey":"u1"}`, 200, fields{"reason": "DISABLED", "variant": nil, "value": nil}, false},
		{"a draft", "draft", `{"targetingKey":"u1"}`, 404, fields{"key": "draft", "errorCode": "FLAG_NOT_FOUND"}, nil},
		{"nothing", "none", `{"targetingKey":"u1"}`, 404, fields{"key": "none", "errorCode": "FLAG_NOT_FOUND"}, nil},
		{"an encoded key", "a%2Fb", `{"targetingKey":"u1"}`, 404, fields{"key": "a/b", "errorCode": "FLAG_NOT_FOUND"}, nil},
		{"a raw key with a slash", "a%20b/c", `{"targetingKey":"u1"}`, 404, fields{"key": "a b/c", "errorCode": "FLAG_NOT_FOUND"}, nil},
		{"no key", "running", `{}`, 400, fields{"key": "running", "errorCode": "TARGETING_KEY_MISSING"}, nil},
		{"a key of another type", "running", `{"targetingKey":1}`, 400, fields{"key": "running", "errorCode": "INVALID_CONTEXT"}, nil},
		{"a context of another type", "running", `"u1"`, 400, fields{"key": "running", "errorCode": "INVALID_CONTEXT"}, nil},
		{"no JSON", "running", `{`, 400, fields{"key": "running", "errorCode": "PARSE_ERROR"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a, flag := s.flag(c.key, c.context)
			if a.status != c.status {
				t.Errorf("%d %s", a.status, a.body)
			}
			for name, want := range c.want {
				if flag[name] != want {
					t.Errorf("%s is %v, want %v", name, flag[name], want)
				}
			}
			metadata, _ := flag["metadata"].(map[string]any)
			if metadata["enrolled"] != c.enrolled {
				t.Errorf("enrolled is %v, want %v", metadata["enrolled"], c.enrolled)
			}
		})
	}
}

func TestAllFlags(t *testing.T) {
	t.Parallel()
	s := open(t)
	life(s)
	ask := func(context, tag string) answer {
		return s.send(request{method: "POST", path: "/ofrep/v1/evaluate/flags?flagConfigEtag=x&flagConfigLastModified=1", body: `{"context":` + context + `}`, headers: []string{"If-None-Match: " + tag}})
	}
	a := ask(`{"targetingKey":"u1"}`, "")
	var got struct{ Flags []json.RawMessage }
	if err := json.Unmarshal(a.body, &got); err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, raw := range got.Flags {
		keys = append(keys, checkFlag(t, raw)["key"].(string))
	}
	if want := "audience byhand half numbers objects paused running shipped stopped"; strings.Join(keys, " ") != want {
		t.Errorf("flags %v, want %s", keys, want)
	}
	tag := a.header.Get("ETag")
	if len(tag) != 34 || a.header.Get("Content-Length") != fmt.Sprint(len(a.body)) {
		t.Errorf("ETag %s, Content-Length %s", tag, a.header.Get("Content-Length"))
	}
	for _, c := range []struct {
		name, context, tag string
		status             int
	}{
		{"the same", `{"targetingKey":"u1"}`, tag, 304},
		{"weak", `{"targetingKey":"u1"}`, "W/" + tag, 304},
		{"one of a list", `{"targetingKey":"u1"}`, `"a", W/` + tag + `,"b"`, 304},
		{"any", `{"targetingKey":"u1"}`, "*", 304},
		{"an attribute that nobody reads", `{"targetingKey":"u1","x":1}`, tag, 304},
		{"another", `{"targetingKey":"u1"}`, `"a"`, 200},
		{"an attribute that changes an answer", `{"targetingKey":"u1","country":"CN","age":20}`, tag, 200},
	} {
		a := ask(c.context, c.tag)
		if a.status != c.status || c.status == 304 && (len(a.body) > 0 || a.header.Get("ETag") != tag) {
			t.Errorf("%s: %d %v", c.name, a.status, a.header)
		}
	}
	s.must("POST", "/v1/experiments/running/pause", "", nil)
	if a := ask(`{"targetingKey":"u1"}`, tag); a.status != 200 {
		t.Errorf("after a change: %d", a.status)
	}
	if a := ask(`{}`, ""); a.status != 400 || compact(t, a.body) != `{"errorCode":"TARGETING_KEY_MISSING","errorDetails":"context.targetingKey is required"}` {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// TestBulkAndSingleAgree for many units, whatever the experiment.
func TestBulkAndSingleAgree(t *testing.T) {
	t.Parallel()
	s := open(t)
	life(s)
	split := map[string]int{}
	for i := range 40 {
		context := fmt.Sprintf(`{"targetingKey":"u%d","country":"CN","age":%d,"units":{"device":"d%d"}}`, i, 10+i, i%7)
		var all struct{ Flags []json.RawMessage }
		s.must("POST", "/ofrep/v1/evaluate/flags", `{"context":`+context+`}`, &all)
		var assigned struct{ Items []json.RawMessage }
		s.must("POST", "/v1/assignments", fmt.Sprintf(`{"unit":"u%d","attributes":{"country":"CN","age":%d},"units":{"device":"d%d"}}`, i, 10+i, i%7), &assigned)
		for j, raw := range all.Flags {
			flag := checkFlag(t, raw)
			one := s.must("POST", "/ofrep/v1/evaluate/flags/"+flag["key"].(string), `{"context":`+context+`}`, nil)
			if !bytes.Equal(one.body, raw) {
				t.Fatalf("single %s, bulk %s", one.body, raw)
			}
			metadata := flag["metadata"].(map[string]any)
			var item map[string]any
			if err := json.Unmarshal(assigned.Items[j], &item); err != nil {
				t.Fatal(err)
			}
			if item["experiment"] != flag["key"] || item["variant"] != flag["variant"] || item["reason"] != flag["reason"] ||
				item["enrolled"] != metadata["enrolled"] || item["version"] != metadata["version"] {
				t.Fatalf("assignment %s, flag %s", assigned.Items[j], raw)
			}
			split[fmt.Sprint(flag["key"], flag["variant"])]++
		}
	}
	if split["runningcontrol"] < 8 || split["runningtreatment"] < 8 {
		t.Errorf("split %v", split)
	}
}

// TestOFREPErrorsHaveItsForm whatever goes wrong, and wherever.
func TestOFREPErrorsHaveItsForm(t *testing.T) {
	t.Parallel()
	local := open(t)
	guarded := open(t, withKeys(key("k", api.Read)))
	for _, c := range []struct {
		name   string
		s      *shop
		r      request
		status int
		code   string
	}{
		{"no key", guarded, request{method: "POST", path: "/ofrep/v1/evaluate/flags/e1", body: "{}"}, 401, "GENERAL"},
		{"missing scope", guarded, request{method: "POST", path: "/ofrep/v1/evaluate/flags/e1", headers: []string{"X-API-Key: k"}}, 403, "GENERAL"},
		{"wrong method", local, request{method: "GET", path: "/ofrep/v1/evaluate/flags/e1"}, 405, "GENERAL"},
		{"too large", local, request{method: "POST", path: "/ofrep/v1/evaluate/flags/e1", body: strings.Repeat("x", 200<<10)}, 413, "GENERAL"},
		{"expose in words", local, request{method: "POST", path: "/ofrep/v1/evaluate/flags/e1?expose=maybe", body: "{}"}, 400, "PARSE_ERROR"},
	} {
		a := c.s.send(c.r)
		flag := checkFlag(t, a.body)
		if a.status != c.status || flag["errorCode"] != c.code || flag["key"] != "e1" {
			t.Errorf("%s: %d %s", c.name, a.status, a.body)
		}
	}
	for _, path := range []string{"/ofrep/v1/evaluate/flags", "/ofrep/v1/nothing"} {
		a := local.send(request{method: http.MethodDelete, path: path})
		var got struct{ ErrorCode, ErrorDetails string }
		if err := json.Unmarshal(a.body, &got); err != nil || got.ErrorCode != "GENERAL" || got.ErrorDetails == "" {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}
