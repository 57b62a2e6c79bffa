package experiments

import (
	"context"
	"slices"

	"github.com/peakday/peakday/events"
)

// memoryTx is a LedgerTx in maps. It gives facts back without their parsed
// data, as a database does.
type memoryTx struct {
	definitions Definitions
	exposures   map[[3]string]UnitExposure
	facts       map[events.RecordID]UnitFact
	cells       Cells
}

func newMemoryTx(d Definitions) *memoryTx {
	d.index()
	return &memoryTx{d, map[[3]string]UnitExposure{}, map[events.RecordID]UnitFact{}, Cells{}}
}

func (m *memoryTx) Revision(context.Context) (int64, error)          { return m.definitions.Revision, nil }
func (m *memoryTx) Definitions(context.Context) (Definitions, error) { return m.definitions, nil }

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
