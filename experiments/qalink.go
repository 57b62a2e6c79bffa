package experiments

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"
)

// QALink forces a variant on whoever shows its token: a tester sees it without
// being in the audience, and is never analysed. It works for drafts as well, so
// that a variant can be looked at before the start. Only a hash of the token is
// kept: who may read definitions cannot use it.
type QALink struct {
	ID      string    `json:"id"` // the first bytes of the hash
	Variant string    `json:"variant"`
	Author  string    `json:"author"`
	At      time.Time `json:"at"`
	Hash    string    `json:"hash"` // SHA-256 of the token, hexadecimal
}

// maxQALinks bounds the links of an experiment.
const maxQALinks = 50

func qaHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// AddQALink makes a link with a token, which should be random: whoever knows it
// gets the variant.
func (d *Editor) AddQALink(ctx context.Context, by By, key, variant, token string) (*Experiment, QALink, error) {
	hash := qaHash(token)
	link := QALink{ID: hash[:12], Variant: variant, Author: by.Author, At: by.Now.UTC().Truncate(time.Microsecond), Hash: hash}
	e, err := d.move(ctx, by, key, "add QA link", func(e *Experiment, _ *Definitions) ([]Change, error) {
		if e.Variant(variant) == nil {
			return nil, wrong("variant", "must be a variant of the experiment, got %q", variant)
		}
		if len(e.QALinks) >= maxQALinks {
			return nil, refuse("it has %d QA links already: remove some", len(e.QALinks))
		}
		e.QALinks = append(e.QALinks, link)
		return nil, nil
	})
	return e, link, err
}

// RemoveQALink ends a link.
func (d *Editor) RemoveQALink(ctx context.Context, by By, key, id string) (*Experiment, error) {
	return d.move(ctx, by, key, "remove QA link", func(e *Experiment, _ *Definitions) ([]Change, error) {
		i := slices.IndexFunc(e.QALinks, func(l QALink) bool { return l.ID == id })
		if i < 0 {
			return nil, ErrNotFound
		}
		e.QALinks = slices.Delete(e.QALinks, i, i+1)
		return nil, nil
	})
}

// qaTarget is what a token forces.
type qaTarget struct {
	experiment *Experiment
	variant    *Variant
}
