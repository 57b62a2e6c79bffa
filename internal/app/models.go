package app

import (
	"context"

	"github.com/peakday/peakday/api"
	"github.com/peakday/peakday/store/sqldb"
)

// modelService shows the trainer's models to api.
type modelService struct{ *trainer }

// Models implements api.Models.
func (d modelService) Models(ctx context.Context) ([]api.Model, error) {
	stored, err := d.db.Models(ctx)
	out := make([]api.Model, len(stored))
	for i, m := range stored {
		out[i] = shown(m)
	}
	return out, err
}

func shown(m sqldb.Model) api.Model {
	return api.Model{Version: m.Version, Created: m.Created, Active: m.Active, Report: m.About}
}

// Train implements api.Models.
func (d modelService) Train(ctx context.Context) (api.Model, error) {
	m, _, err := d.learn(ctx)
	return shown(m), err
}

// Training implements api.Models.
func (d modelService) Training() *api.Training { return d.progress.Load() }

// Activate implements api.Models. Other replicas load the model when they next
// look.
func (d modelService) Activate(ctx context.Context, version string) (bool, error) {
	return d.activate(ctx, version)
}
