package experiments

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/peakday/peakday/events"
)

// memoryTx is a LedgerTx in maps. It gives facts back without their parsed
// data, as a database does.
type memoryTx struct {
	definitions Definitions
	exposures   map[[3]string]UnitExposure
	facts       map[events.RecordID]UnitFact
	cells       Cells
	reads       int // of the definitions
}

func newMemoryTx(d Definitions) *memoryTx {
	d.index()
	return &memoryTx{
		definitions: d, exposures: map[[3]string]UnitExposure{}, facts: map[events.RecordID]UnitFact{}, cells: Cells{},
	}
}

func (m *memoryTx) define(d Definitions) {
	d.index()
	m.definitions = d
}

func (m *memoryTx) Revision(context.Context) (int64, error) { return m.definitions.Revision, nil }

func (m *memoryTx) Definitions(context.Context) (Definitions, error) {
	m.reads++
	return m.definitions, nil
}

func (m *memoryTx) Exposures(_ context.Context, units []events.UnitID) (out []UnitExposure, _ error) {
	for _, x := range m.exposures {
		if slices.Contains(units, x.Unit) {
			out = append(out, x)
		}
	}
	return out, nil
}

func (m *memoryTx) SaveExposures(_ context.Context, xs []UnitExposure) error {
	for _, x := range xs {
		m.exposures[[3]string{x.Experiment, string(x.Unit), x.Variant}] = x
	}
	return nil
}

func (m *memoryTx) Facts(_ context.Context, units []events.UnitID, types []events.Type) (out []UnitFact, _ error) {
	for _, f := range m.facts {
		if slices.Contains(units, f.Unit.ID) && slices.Contains(types, f.Type) {
			f.data = nil
			out = append(out, f)
		}
	}
	return out, nil
}

func (m *memoryTx) SaveFacts(_ context.Context, facts []UnitFact) error {
	for _, f := range facts {
		m.facts[f.ID] = f
	}
	return nil
}

func (m *memoryTx) AddMoments(_ context.Context, _ int, cells []Cell, by Cells) error {
	for _, c := range cells {
		if _, ok := m.cells[c]; !ok {
			m.cells[c] = NewTriangle(by[c].Dim())
		}
		m.cells[c].Add(by[c])
	}
	return nil
}

// memoryStore is a Store in maps. Like a database it keeps documents, and reads
// them anew each time.
type memoryStore struct {
	mu       sync.Mutex
	revision int64
	docs     map[docKey]Change
	changes  []Change
	cells    Cells

	afterRead func() // called once, behind the next Definitions
	reads     int
	fault     error // what every call fails with
}

type docKey struct {
	kind Kind
	key  string
}

func newMemoryStore() *memoryStore {
	return &memoryStore{docs: map[docKey]Change{}, cells: Cells{}}
}

func (m *memoryStore) Definitions(context.Context) (Definitions, error) {
	m.mu.Lock()
	m.reads++
	all := slices.SortedFunc(maps.Values(m.docs), func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Key, b.Key))
	})
	revision, hook, fault := m.revision, m.afterRead, m.fault
	m.afterRead = nil
	m.mu.Unlock()
	if fault != nil {
		return Definitions{}, fault
	}
	if hook != nil {
		hook()
	}
	return ReadDefinitions(revision, all)
}

func (m *memoryStore) Revision(context.Context) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.revision, m.fault
}

func (m *memoryStore) Commit(_ context.Context, changes []Change) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fault != nil {
		return m.fault
	}
	for _, c := range changes {
		if m.docs[docKey{c.Kind, c.Key}].Version != c.Version-1 {
			return fmt.Errorf("%s %s: %w", c.Kind, c.Key, ErrConflict)
		}
	}
	for _, c := range changes {
		m.docs[docKey{c.Kind, c.Key}] = c
	}
	m.changes = append(m.changes, changes...)
	m.revision++
	return nil
}

func (m *memoryStore) History(_ context.Context, kind Kind, key string) (out []Change, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.changes {
		if c.Kind == kind && c.Key == key {
			out = append(out, c)
		}
	}
	return out, m.fault
}

func (m *memoryStore) Moments(context.Context, string) (Cells, error) { return m.cells, m.fault }
