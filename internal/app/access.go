package app

import (
	"context"

	"github.com/peakday/peakday/api"
)

// readKeys gives api the keys of the store.
func (a *App) readKeys(ctx context.Context) ([]api.Key, error) {
	stored, err := a.db.Keys(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]api.Key, len(stored))
	for i, k := range stored {
		out[i] = api.Key{ID: k.ID, Name: k.Name, Hash: k.Hash, Origins: k.Origins, Revoked: !k.Revoked.IsZero()}
		for _, s := range k.Scopes {
			out[i].Scopes = append(out[i].Scopes, api.Scope(s))
		}
	}
	return out, nil
}
