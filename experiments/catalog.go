package experiments

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/peakday/peakday/events"
)

// Catalog answers which variant a unit meets. It is an immutable snapshot of
// the definitions: reading it needs no lock, no I/O and no memory.
type Catalog struct {
	revision int64
	flags    []flag // all but drafts, sorted by key
	byKey    map[string]int
	holdouts []preparedHoldout
	qa       map[string]qaTarget // by hash of the token
	hashers  sync.Pool

	definitions Definitions
}

// preparedHoldout is a holdout, prepared for evaluation.
type preparedHoldout struct {
	unit events.UnitKind
	salt salt
}

// flag is an experiment, prepared for evaluation.
type flag struct {
	*Experiment
	control  *Variant
	shipped  *Variant
	variants []*Variant // of Shares, at the same index

	coverage     salt
	covered      Range
	whole        bool // covered is all that it may be: no need to ask the hash
	layers       []layerSlots
	variant      salt
	hasOverrides bool
	heldOut      []heldOut
}

// layerSlots is what an experiment holds of a layer.
type layerSlots struct {
	salt  salt
	slots []Range
}

// NewCatalog prepares definitions for evaluation.
func NewCatalog(d Definitions) *Catalog {
	d.index()
	c := &Catalog{revision: d.Revision, byKey: map[string]int{}, qa: map[string]qaTarget{}, definitions: d}
	c.hashers.New = func() any { return &hasher{} }
	for _, h := range d.Holdouts {
		c.holdouts = append(c.holdouts, preparedHoldout{h.Unit, holdoutSalt(h.Key)})
	}
	for _, e := range d.Experiments {
		for _, l := range e.QALinks {
			c.qa[l.Hash] = qaTarget{e, e.Variant(l.Variant)}
		}
		if e.Status != Draft {
			c.flags = append(c.flags, newFlag(e, d.Holdouts))
		}
	}
	slices.SortFunc(c.flags, func(a, b flag) int { return cmp.Compare(a.Key, b.Key) })
	for i := range c.flags {
		c.byKey[c.flags[i].Key] = i
	}
	return c
}

func newFlag(e *Experiment, holdouts []Holdout) flag {
	f := flag{
		Experiment: e, control: e.Control(), shipped: e.Variant(e.Shipped),
		coverage: coverageSalt(e.Key), variant: variantSalt(e.Key), hasOverrides: len(e.Overrides) > 0,
	}
	share := e.Coverage
	for _, l := range e.InLayers() {
		f.layers = append(f.layers, layerSlots{layerSalt(l), e.Slots[l]})
		if e.Held > 0 {
			share = e.Coverage / e.Held
		} else {
			share = 1
		}
	}
	f.covered, f.whole = below(share), share == 1
	for _, s := range e.Shares {
		f.variants = append(f.variants, e.Variant(s.Variant))
	}
	for i := range holdouts {
		if share := holdouts[i].shareFor(e.StartedAt()); share > 0 {
			f.heldOut = append(f.heldOut, heldOut{i, below(share), holdouts[i].Unit == e.Unit})
		}
	}
	return f
}

// Definitions are those behind the catalogue. They must not be changed.
func (c *Catalog) Definitions() *Definitions { return &c.definitions }

// Revision is that of the definitions behind the catalogue.
func (c *Catalog) Revision() int64 { return c.revision }

// CheckExposure refuses an exposure to an experiment or a variant that does
// not exist, as an *events.Invalid.
func (c *Catalog) CheckExposure(x *events.Exposure) error {
	i, ok := c.byKey[x.Experiment]
	if !ok {
		return wrong("data.experiment", "must be an experiment that was started, got %q", x.Experiment)
	}
	if c.flags[i].Variant(x.Variant) == nil {
		return wrong("data.variant", "must be a variant of %s, got %q", x.Experiment, x.Variant)
	}
	return nil
}

// Live is the newest catalogue of a process.
type Live struct {
	store   Store
	current atomic.Pointer[Catalog]

	mu      sync.Mutex
	changed chan struct{} // closed when current is replaced
}

// NewLive returns a Live with an empty catalogue: call Refresh.
func NewLive(store Store) *Live {
	l := &Live{store: store, changed: make(chan struct{})}
	l.current.Store(NewCatalog(Definitions{Revision: -1}))
	return l
}

// Catalog gives the newest catalogue that was read.
func (l *Live) Catalog() *Catalog { return l.current.Load() }

// Refresh reads the definitions if they have changed; it costs one row when
// they have not.
func (l *Live) Refresh(ctx context.Context) error {
	revision, err := l.store.Revision(ctx)
	if err != nil {
		return fmt.Errorf("revision of the definitions: %w", err)
	}
	if revision == l.Catalog().revision {
		return nil
	}
	d, err := l.store.Definitions(ctx)
	if err != nil {
		return fmt.Errorf("definitions: %w", err)
	}
	l.replace(NewCatalog(d))
	return nil
}

// Current gives the catalogue of the definitions as they stand now: Refresh and
// Catalog in one.
func (l *Live) Current(ctx context.Context) (*Catalog, error) {
	if err := l.Refresh(ctx); err != nil {
		return nil, err
	}
	return l.Catalog(), nil
}

// replace puts a newer catalogue in place. Of two readings at a time the newer
// one stays, whichever ends first.
func (l *Live) replace(next *Catalog) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if next.revision <= l.Catalog().revision {
		return
	}
	l.current.Store(next)
	close(l.changed)
	l.changed = make(chan struct{})
}

// Watch gives the newest catalogue, and a channel that is closed when there is
// a newer one.
func (l *Live) Watch() (*Catalog, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Catalog(), l.changed
}
