package api

import (
	"fmt"
	"testing"
	"time"
)

func TestLimiter(t *testing.T) {
	t.Parallel()
	now := time.Unix(1e9, 0)
	l := newLimiter(Limits{EventsPerSecond: 2, Burst: 10})
	k := &Key{ID: "k"}
	here, there := senderOf(k, "192.0.2.1:1"), senderOf(k, "192.0.2.2:1")
	for _, step := range []struct {
		from  sender
		after time.Duration
		n     int
		wait  time.Duration
	}{
		{here, 0, 10, 0},
		{here, 0, 1, time.Second / 2},
		{there, 0, 10, 0},
		{here, 2 * time.Second, 4, 0},
		{here, 0, 4, 2 * time.Second},
		{here, time.Hour, 100, 0}, // more than the bucket holds leaves a debt
		{here, 0, 1, 45*time.Second + time.Second/2},
		{here, 46 * time.Second, 1, 0},
	} {
		now = now.Add(step.after)
		if wait := l.take(step.from, step.n, now); wait != step.wait {
			t.Errorf("%d after %s: wait %s, want %s", step.n, step.after, wait, step.wait)
		}
	}
}

func TestLimiterStaysBounded(t *testing.T) {
	t.Parallel()
	l := newLimiter(Limits{})
	now := time.Unix(1e9, 0)
	for i := range 3 * maxSenders {
		l.take(sender{key: fmt.Sprint(i)}, 1, now)
	}
	if n := len(l.young) + len(l.old); n > 2*maxSenders {
		t.Errorf("%d senders are remembered", n)
	}
}

func TestSendersOfOneHousehold(t *testing.T) {
	t.Parallel()
	k := &Key{ID: "k"}
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"192.0.2.1:1", "192.0.2.1:2", true},
		{"192.0.2.1:1", "192.0.2.2:1", false},
		{"192.0.2.1:1", "[::ffff:192.0.2.1]:1", true},
		{"[2001:db8::1]:1", "[2001:db8::2]:1", true},
		{"[2001:db8::1]:1", "[2001:db8:0:1::1]:1", false},
		{"[fe80::1%eth0]:1", "[fe80::1%eth1]:1", true},
		{"", "@", true},
	} {
		if same := senderOf(k, c.a) == senderOf(k, c.b); same != c.same {
			t.Errorf("%s and %s: same %v", c.a, c.b, same)
		}
	}
	if senderOf(k, "192.0.2.1:1") == senderOf(&Key{ID: "other"}, "192.0.2.1:1") {
		t.Error("two keys share a bucket")
	}
}
