package api

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"sync/atomic"
)

// Scope is something that an access key allows.
type Scope string

// The scopes. Manage includes Read, and sending imported events; nothing else
// includes anything.
const (
	Evaluate        Scope = "evaluate"         // assignment, recommendations, live stock
	EventsBehaviour Scope = "events:behaviour" // the types that browsers may send; rate-limited, bound to origins
	EventsTrusted   Scope = "events:trusted"   // events of all types
	Read            Scope = "read"             // definitions, reports, forecasts, the pages
	Manage          Scope = "manage"           // changes of all that, imports, operation
)

// Scopes lists all scopes.
func Scopes() []Scope {
	return []Scope{Evaluate, EventsBehaviour, EventsTrusted, Read, Manage}
}

// Key is an access key. The secret itself is kept nowhere.
type Key struct {
	ID      string
	Name    string   // who it was given to; the author of what it changes
	Hash    string   // HashSecret of its secret
	Scopes  []Scope  // what it allows
	Origins []string // from which browsers may use it, such as https://shop.example; empty: from any
	Revoked bool
}

// may reports whether the key allows any of the scopes.
func (k *Key) may(scopes ...Scope) bool {
	for _, s := range scopes {
		if slices.Contains(k.Scopes, s) || s == Read && slices.Contains(k.Scopes, Manage) {
			return true
		}
	}
	return false
}

// public reports whether the key may lie in browsers: it only evaluates and
// sends behaviour.
func (k *Key) public() bool {
	return !slices.ContainsFunc(k.Scopes, func(s Scope) bool { return s != Evaluate && s != EventsBehaviour })
}

// NewSecret makes up the secret of a key, of 128 random bits and more.
func NewSecret() string { return "pd_" + rand.Text() }

// HashSecret is the SHA-256 of a secret in hexadecimal: all that is stored.
// Secrets are random, so that a slow hash would add nothing.
func HashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// Keyring is the newest list of access keys that a process has read, those
// that were revoked included. Looking a key up does no I/O.
type Keyring struct {
	read func(ctx context.Context) ([]Key, error)
	now  atomic.Pointer[keys]
}

type keys struct {
	read   bool
	any    bool
	byID   map[string]*Key
	byHash map[uint64][]hashedKey // by the first bytes of the hash
}

type hashedKey struct {
	hash [sha256.Size]byte
	*Key
}

// NewKeyring returns a keyring that reads the keys with read: call Refresh
// before the first request and then every second or so. With a nil read there
// are no keys.
func NewKeyring(read func(ctx context.Context) ([]Key, error)) *Keyring {
	r := &Keyring{read: read}
	r.now.Store(&keys{read: read == nil})
	return r
}

// Refresh reads the keys again.
func (r *Keyring) Refresh(ctx context.Context) error {
	if r.read == nil {
		return nil
	}
	list, err := r.read(ctx)
	if err != nil {
		return fmt.Errorf("read the access keys: %w", err)
	}
	next := &keys{read: true, any: len(list) > 0, byID: map[string]*Key{}, byHash: map[uint64][]hashedKey{}}
	for i := range list {
		k := &list[i]
		if k.Revoked {
			continue
		}
		h := hashedKey{Key: k}
		if n, err := hex.Decode(h.hash[:], []byte(k.Hash)); err != nil || n != len(h.hash) {
			return fmt.Errorf("access key %s: its hash is not a SHA-256 in hexadecimal", k.ID)
		}
		next.byID[k.ID] = k
		first := binary.BigEndian.Uint64(h.hash[:])
		next.byHash[first] = append(next.byHash[first], h)
	}
	r.now.Store(next)
	return nil
}

// required reports whether a request needs a key. Once there was one it stays
// so, also when all are revoked: revoking must never open the door. Before the
// first reading nobody gets in.
func (r *Keyring) required() bool {
	now := r.now.Load()
	return now.any || !now.read
}

// bySecret gives the key in force of that secret. The comparison takes the
// same time wherever the hashes differ.
func (r *Keyring) bySecret(secret string) *Key {
	hash := sha256.Sum256([]byte(secret))
	var found *Key
	for _, k := range r.now.Load().byHash[binary.BigEndian.Uint64(hash[:])] {
		if subtle.ConstantTimeCompare(k.hash[:], hash[:]) == 1 {
			found = k.Key
		}
	}
	return found
}

// byID gives the key in force of that id.
func (r *Keyring) byID(id string) *Key { return r.now.Load().byID[id] }
