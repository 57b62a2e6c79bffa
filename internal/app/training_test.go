package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
	"github.com/peakday/peakday/store/sqldb"
)

// send sends lines of NDJSON that say what happened, at once.
func (s site) send(lines ...string) {
	s.t.Helper()
	status, body := s.ask(http.MethodPost, "/v1/events", "application/x-ndjson", strings.Join(lines, "\n"))
	if status != http.StatusAccepted || strings.Contains(body, `"problem"`) {
		s.t.Fatalf("events: %d %s", status, body)
	}
	if err := s.consumer.CaughtUp(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

func event(id, typ, data string) string {
	return fmt.Sprintf(`{"specversion":"1.0","source":"test","id":%q,"type":%q,"time":%q,"data":%s}`,
		id, typ, time.Now().UTC().Format(time.RFC3339Nano), data)
}

// TestADamagedModelIsRefused stores a model that was cut short, one of another
// program version, and one whose vectors are of another dimension: none takes
// the place of the one in use, by activation, by another replica's activation,
// or at a start.
func TestADamagedModelIsRefused(t *testing.T) {
	t.Parallel()
	cfg := quiet(t.TempDir())
	s, stop := serving(t, cfg)
	for i := range 5 {
		s.send(event(fmt.Sprint("v", i), "product.viewed", fmt.Sprintf(`{"user_id":"u%d","product_id":"p%d"}`, i, i%2)))
	}
	if err := s.trainer.train(t.Context()); err != nil {
		t.Fatal(err)
	}
	good := s.recommender.Model()
	var whole bytes.Buffer
	if err := good.Encode(&whole); err != nil {
		t.Fatal(err)
	}
	// The number of dimensions is written as one byte, followed by the vectors.
	other := bytes.Clone(whole.Bytes())
	at := bytes.IndexByte(other[40:], 32) + 40
	other[at]++
	for version, data := range map[string][]byte{"short": whole.Bytes()[:whole.Len()/2], "empty": {}, "dims": other} {
		if err := s.db.AddModel(t.Context(), sqldb.Model{Version: version, Created: time.Now(), About: []byte("{}")}, data); err != nil {
			t.Fatal(err)
		}
		status, body := s.ask(http.MethodPost, "/v1/models/"+version+"/activate", "", "")
		if status != http.StatusUnprocessableEntity || !strings.Contains(body, "damaged") {
			t.Errorf("%s: %d %s", version, status, body)
		}
		if s.at("/v1/recommendations?limit=1", ".model") != good.Version() || s.at("/v1/models", ".items[active=true].version") != good.Version() {
			t.Errorf("%s took the place of the good one", version)
		}
		// Another replica, of an older program, has activated it.
		if _, err := s.db.ActivateModel(t.Context(), version); err != nil {
			t.Fatal(err)
		}
		if err := s.trainer.follow(t.Context()); err != nil {
			t.Error(err)
		}
		if s.at("/v1/recommendations?limit=1", ".model") != good.Version() {
			t.Errorf("%s took the place of the good one", version)
		}
		if status, body := s.ask(http.MethodPost, "/v1/models/"+good.Version()+"/activate", "", ""); status != http.StatusOK {
			t.Fatalf("back: %d %s", status, body)
		}
	}
	if status, _ := s.ask(http.MethodPost, "/v1/models/nothing/activate", "", ""); status != http.StatusNotFound {
		t.Errorf("an unknown version: %d", status)
	}
	stop()
}

// TestAModelRollsBackOnEveryReplica activates an older version in the store, as
// another replica does.
func TestAModelRollsBackOnEveryReplica(t *testing.T) {
	t.Parallel()
	s, _ := serving(t, quiet(t.TempDir()))
	var versions []string
	for i := range 2 {
		s.send(event(fmt.Sprint("v", i), "product.viewed", fmt.Sprintf(`{"user_id":"u%d","product_id":"p%d"}`, i, i)))
		if err := s.trainer.train(t.Context()); err != nil {
			t.Fatal(err)
		}
		versions = append(versions, s.recommender.Model().Version())
	}
	if versions[0] == versions[1] {
		t.Fatal("one version twice")
	}
	if _, err := s.db.ActivateModel(t.Context(), versions[0]); err != nil {
		t.Fatal(err)
	}
	if err := s.trainer.follow(t.Context()); err != nil || s.recommender.Model().Version() != versions[0] {
		t.Errorf("in use is %s: %v", s.recommender.Model().Version(), err)
	}
	// A policy may ask for the other one.
	status, body := s.ask(http.MethodPut, "/v1/policies/newest", "application/json", `{"model":"`+versions[1]+`"}`)
	if status != http.StatusCreated {
		t.Fatalf("%d %s", status, body)
	}
	if err := s.trainer.follow(t.Context()); err != nil || !s.recommender.Kept(versions[1]) {
		t.Errorf("the policy's model is not here: %v", err)
	}
}

// TestAWorseModelIsNotActivated trains on a log that was mixed up.
func TestAWorseModelIsNotActivated(t *testing.T) {
	t.Parallel()
	s, _ := serving(t, quiet(t.TempDir()))
	s.trainer.applied = nil
	test, good, bad := testSetOfTwo(t)
	s.recommender.Install(good)
	if about, worse := s.trainer.report(bad, test); !worse || !about.Held.Worse || about.Held.Active.Version != good.Version() {
		t.Errorf("report %+v", about.Held)
	}
	s.recommender.Install(bad)
	if about, worse := s.trainer.report(good, test); worse || about.Held.Model.NDCG <= about.Held.Active.NDCG {
		t.Errorf("report %+v", about.Held)
	}
	decidesAboutRankers(t, test, good, bad)
}

// decidesAboutRankers compares models as if they were one with and without a
// ranker, and reads what the report says of it.
func decidesAboutRankers(t *testing.T, test *recommend.TestSet, good, bad *recommend.Model) {
	var tried trials
	_, accept := tried.decideBy(test)
	if accept(bad, good) || !accept(good, bad) || !accept(good, good) {
		t.Error("what is not worse is to serve, and what is worse is not")
	}
	accept(bad, good)
	text, err := json.Marshal(modelReport{Ranking: good.Ranking(), trials: tried})
	if err != nil {
		t.Fatal(err)
	}
	var said struct {
		Ranking string
		Tried   struct{ Learned, Weights map[string]float64 } `json:"ranker_tried"`
	}
	if err := json.Unmarshal(text, &said); err != nil || !strings.HasPrefix(said.Ranking, "weights: ") ||
		said.Tried.Learned["ndcg@10"] >= said.Tried.Weights["ndcg@10"] {
		t.Errorf("report %s: %v", text, err)
	}
}

// testSetOfTwo trains on visitors who walk from item to item, and on the same
// items in no order.
func testSetOfTwo(t testing.TB) (test *recommend.TestSet, good, bad *recommend.Model) {
	t.Helper()
	now := time.Date(2026, 11, 11, 12, 0, 0, 0, time.UTC)
	steps := func(stride int) func(func(recommend.Interaction) bool) {
		return func(yield func(recommend.Interaction) bool) {
			for u := range 4000 {
				for i := range 6 {
					at := now.Add(time.Duration(i)*time.Minute - 48*time.Hour)
					if i == 5 {
						at = now
					}
					in := recommend.Interaction{Visitor: unitOf(u), Item: itemOf((u*13 + i*(1+u*stride)) % 300), Time: at}
					if !yield(in) {
						return
					}
				}
			}
		}
	}
	rest, test := recommend.HoldOut(steps(0), now.Add(-24*time.Hour), nil)
	var err error
	if good, err = recommend.Train(t.Context(), rest, recommend.Training{}); err != nil {
		t.Fatal(err)
	}
	if bad, err = recommend.Train(t.Context(), steps(97), recommend.Training{}); err != nil {
		t.Fatal(err)
	}
	return test, good, bad
}

func unitOf(u int) events.Unit {
	return events.Unit{Kind: events.User, ID: events.UnitID(fmt.Sprint("u", u))}
}

func itemOf(i int) events.ItemID { return events.ItemID(fmt.Sprint("p", i)) }
