package api

import (
	"net/netip"
	"sync"
	"time"
)

// Limits bound what a public key (one with events:behaviour and without
// events:trusted) may send, for each address that sends with it: one visitor
// must not use up what the key's other visitors need.
type Limits struct {
	EventsPerSecond float64 // 50 if 0
	Burst           float64 // events at once; 1000 if 0
}

// limiter is a token bucket for each key and address. It remembers them in two
// generations, so that it stays bounded however many addresses send.
type limiter struct {
	rate, burst float64

	mu         sync.Mutex
	young, old map[sender]*bucket
}

type sender struct {
	key  string
	addr netip.Prefix
}

type bucket struct {
	tokens float64
	at     time.Time
}

// maxSenders is how many senders a generation remembers: about 20 MB in all.
const maxSenders = 50_000

func newLimiter(l Limits) *limiter {
	if l.EventsPerSecond <= 0 {
		l.EventsPerSecond = 50
	}
	if l.Burst <= 0 {
		l.Burst = 1000
	}
	return &limiter{rate: l.EventsPerSecond, burst: l.Burst, young: map[sender]*bucket{}}
}

// take takes n tokens, or tells how long to wait until they are there. What
// is more than the bucket holds passes when it is full, and leaves a debt.
func (l *limiter) take(from sender, n int, now time.Time) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.bucket(from, now)
	b.tokens = min(l.burst, b.tokens+l.rate*now.Sub(b.at).Seconds())
	b.at = now
	need := min(float64(n), l.burst)
	if b.tokens < need {
		return time.Duration((need - b.tokens) / l.rate * float64(time.Second))
	}
	b.tokens -= float64(n)
	return 0
}

func (l *limiter) bucket(from sender, now time.Time) *bucket {
	b := l.young[from]
	if b != nil {
		return b
	}
	if b = l.old[from]; b == nil {
		b = &bucket{l.burst, now}
	}
	if len(l.young) >= maxSenders {
		l.old, l.young = l.young, map[sender]*bucket{}
	}
	l.young[from] = b
	return b
}

// senderOf names the address, or for IPv6 the network that one household has.
func senderOf(key *Key, remote string) sender {
	s := sender{key: key.ID}
	addr, err := netip.ParseAddrPort(remote)
	if err != nil {
		return s
	}
	bits := 64
	ip := addr.Addr().Unmap()
	if ip.Is4() {
		bits = 32
	}
	s.addr, _ = ip.WithZone("").Prefix(bits)
	return s
}
