package experiments

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/peakday/peakday/events"
)

// Holdout keeps a share of the units of a kind out of everything: they see the
// control of every experiment that starts while it stands, also after a variant
// was shipped. What all launches together have done is the difference between
// them and the rest. They are never exposed, so no sample ratio counts them.
type Holdout struct {
	Key   string          `json:"key"`
	Name  string          `json:"name,omitempty"`
	Unit  events.UnitKind `json:"unit"`
	Share float64         `json:"share"` // 0 ends it: everybody gets what was shipped
	// Metrics are those of its report; without, the primary ones of the
	// experiments that started while it stood.
	Metrics []string `json:"metrics,omitempty"`
	Version int64    `json:"version"`
	// Steps is the dated history of the share. An experiment keeps the share of
	// its start while the holdout's grows: who was in it stays in it.
	Steps []HoldoutStep `json:"steps,omitempty"`
}

// HoldoutStep says since when a share holds.
type HoldoutStep struct {
	At    time.Time `json:"at"`
	Share float64   `json:"share"`
}

// ParseHoldout reads a holdout's definition as ParseExperiment does.
func ParseHoldout(key string, body []byte) (*Holdout, error) {
	h := &Holdout{Unit: events.User, Share: -1}
	if err := events.DecodeStrictly(body, h); err != nil {
		return nil, err
	}
	if h.Key != "" && h.Key != key {
		return nil, wrong("key", "must be %q as in the path, got %q", key, h.Key)
	}
	if h.Share == -1 {
		return nil, wrong("share", "is required: 0.05 holds 5 %% of the units out")
	}
	h.Key, h.Version, h.Steps = key, 0, nil
	return h, h.Check()
}

// Check reports the first rule that the holdout breaks, as an *events.Invalid.
func (h *Holdout) Check() error {
	if err := events.CheckKey("key", h.Key); err != nil {
		return err
	}
	if !h.Unit.Valid() {
		return wrong("unit", "must be user, device, session, team, shop or region, got %q", h.Unit)
	}
	if !(h.Share >= 0 && h.Share <= 0.5) {
		return wrong("share", "must be 0 (ended) to 0.5, got %g", h.Share)
	}
	if n := len(h.Metrics); n > maxHoldoutMetrics {
		return wrong("metrics", "must be at most %d, got %d", maxHoldoutMetrics, n)
	}
	return nil
}

// maxHoldoutMetrics bounds the report of a holdout.
const maxHoldoutMetrics = 50

// shareFor is the share of the units that the holdout keeps out of an
// experiment that started at a time.
func (h *Holdout) shareFor(started time.Time) float64 {
	share := 0.0
	for _, s := range h.Steps {
		if s.At.After(started) {
			share = min(share, s.Share) // it shrinks for all, and grows for those to come
		} else {
			share = s.Share
		}
	}
	return share
}

// PutHoldout defines a holdout or changes its share.
func (d *Editor) PutHoldout(ctx context.Context, by By, h *Holdout) (*Holdout, error) {
	if err := h.Check(); err != nil {
		return nil, err
	}
	all, err := d.store.Definitions(ctx)
	if err != nil {
		return nil, err
	}
	for i, name := range h.Metrics {
		field := fmt.Sprintf("metrics[%d]", i)
		m := all.Metric(name)
		if m == nil {
			return nil, wrong(field, "must be a metric that exists, got %q", name)
		}
		if _, err := m.clusteredBy(h.Unit); err != nil {
			return nil, err
		}
		if slices.Contains(h.Metrics[:i], name) {
			return nil, wrong(field, "stands there twice: %s", name)
		}
	}
	old := int64(0)
	h.Steps = nil
	if before := all.Holdout(h.Key); before != nil {
		if before.Unit != h.Unit {
			return nil, refuse("a holdout's unit cannot change: it is %s", before.Unit)
		}
		old, h.Steps = before.Version, before.Steps
	} else if len(all.Holdouts) >= maxHoldouts {
		return nil, refuse("there are %d holdouts already", maxHoldouts)
	}
	if n := len(h.Steps); n == 0 || h.Steps[n-1].Share != h.Share {
		h.Steps = append(h.Steps, HoldoutStep{by.Now.UTC().Truncate(time.Microsecond), h.Share})
	}
	h.Version = old + 1
	return h, d.commit(ctx, by, old, change(HoldoutKind, h.Key, h.Version, actionOn(old), h))
}

// maxHoldouts bounds what every evaluation looks at.
const maxHoldouts = 20

// heldOut is a holdout as it governs one experiment.
type heldOut struct {
	holdout int // place in the catalogue
	share   Range
	own     bool // the experiment's unit is of its kind: the key stands for it
}

// holdPoint is where a subject stands on a holdout's circle.
type holdPoint struct {
	at    uint64
	named bool // the subject names a unit of the holdout's kind
	known bool
}
