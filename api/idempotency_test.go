package api

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"
)

func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	s := newReplayCache()
	now := time.Unix(1e9, 0)
	body := make([]byte, 1<<20)
	for i := range 100 {
		id := replayKey{"", fmt.Sprint(i)}
		if _, err := s.claim(id, [32]byte{}, now); err != nil {
			t.Fatal(err)
		}
		s.keep(id, 200, http.Header{}, body)
	}
	if s.bytes > maxReplayBytes+len(body) || len(s.known) > maxReplayBytes/len(body)+1 {
		t.Errorf("%d answers of %d bytes", len(s.known), s.bytes)
	}
	for i := range 2 * maxReplays {
		if _, err := s.claim(replayKey{"x", fmt.Sprint(i)}, [32]byte{}, now); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.known) > maxReplays || len(s.order) > maxReplays {
		t.Errorf("%d answers, %d in order", len(s.known), len(s.order))
	}
	if _, err := s.claim(replayKey{"y", ""}, [32]byte{}, now.Add(replayFor)); err != nil || len(s.known) != 1 {
		t.Errorf("%d answers after a day, error %v", len(s.known), err)
	}
}

func TestASecondRequestWaitsForTheFirst(t *testing.T) {
	t.Parallel()
	s := newReplayCache()
	now := time.Unix(1e9, 0)
	id := replayKey{"a", "k"}
	for _, want := range []string{"", "in_progress"} {
		_, err := s.claim(id, [32]byte{}, now)
		var own *coded
		if got := ""; errors.As(err, &own) {
			if got = own.code; got != want {
				t.Errorf("code %q, want %q", got, want)
			}
		} else if want != "" {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	s.forget(id) // the first came to nothing
	if before, err := s.claim(id, [32]byte{1}, now); before != nil || err != nil {
		t.Errorf("%v %v", before, err)
	}
	s.keep(id, 201, http.Header{"Etag": {`"1"`}, "Set-Cookie": {"x"}}, []byte("done"))
	before, err := s.claim(id, [32]byte{1}, now)
	if err != nil || before.status != 201 || string(before.body) != "done" || before.header["Set-Cookie"] != nil {
		t.Errorf("%+v %v", before, err)
	}
}
