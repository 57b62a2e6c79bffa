package scenarios_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestCalculators: planning from numbers and from what an experiment has seen,
// and a test from pasted numbers.
func TestCalculators(t *testing.T) {
	t.Parallel()
	s := open(t)
	var size struct{ Control, Total int64 }
	s.must("POST", "/v1/calculators/sample-size", `{"baseline":0.1,"relative_effect":0.1}`, &size)
	if size.Control != 14749 {
		t.Errorf("a tenth more than 10 %% needs %+v", size)
	}
	var found struct{ Relative float64 }
	s.must("POST", "/v1/calculators/mde", fmt.Sprintf(`{"baseline":0.1,"units":%d}`, size.Total), &found)
	if found.Relative < 0.0999 || found.Relative > 0.1001 {
		t.Errorf("so many find %+v", found)
	}
	var test struct {
		Result struct {
			PValue float64 `json:"p_value"`
		}
	}
	s.must("POST", "/v1/calculators/test", `{"kind":"proportion","control":{"units":44700,"successes":8502},"treatment":{"units":45489,"successes":8279}}`, &test)
	if test.Result.PValue < 0.0015 || test.Result.PValue > 0.0016 {
		t.Errorf("p is %v", test.Result.PValue)
	}

	s.start("e1", even)
	for i := range 30 {
		s.must("POST", "/ofrep/v1/evaluate/flags/e1?expose=1", fmt.Sprintf(`{"context":{"targetingKey":"u%d"}}`, i), nil)
	}
	s.settle()
	var days struct {
		Units int64
		Days  int
	}
	s.must("POST", "/v1/calculators/duration", `{"experiment":"e1","units":300}`, &days)
	if days.Days != 10 {
		t.Errorf("300 units at 30 a day take %+v", days)
	}
	for _, body := range []string{`{}`, `{"baseline":2,"relative_effect":1}`, `{"experiment":"none"}`, `{"metric":"m"}`, `{"experiment":"e1","metric":"m"}`, `{"colour":1}`, `[]`} {
		a := s.send(request{method: "POST", path: "/v1/calculators/sample-size", body: body})
		if a.status != 422 || strings.Contains(string(a.body), "NaN") {
			t.Errorf("%s is answered by %d %s", body, a.status, a.body)
		}
	}
}
