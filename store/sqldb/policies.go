package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/peakday/peakday/experiments"
	"github.com/peakday/peakday/recommend"
)

var _ recommend.Definitions = Recommendations{}

// Recommendations is the database as package recommend sees it. Policies and
// rules lie beside the other definitions, with one revision and one history.
type Recommendations struct{ *DB }

// Revision implements recommend.Definitions.
func (db Recommendations) Revision(ctx context.Context) (int64, error) {
	return revision(ctx, db.reader)
}

// Documents implements recommend.Definitions.
func (db Recommendations) Documents(ctx context.Context, kinds ...recommend.DocumentKind) ([]recommend.Document, error) {
	marks, args := make([]string, len(kinds)), make([]any, len(kinds))
	for i, k := range kinds {
		marks[i], args[i] = "$"+string(rune('1'+i)), string(k)
	}
	var out []recommend.Document
	err := query(ctx, db.reader, "SELECT kind, key, version, doc FROM definitions WHERE kind IN ("+strings.Join(marks, ", ")+") ORDER BY kind, key", args,
		func(r *sql.Rows) error {
			var d recommend.Document
			if err := r.Scan(&d.Kind, &d.Key, &d.Version, &d.Doc); err != nil {
				return err
			}
			out = append(out, d)
			return nil
		})
	return out, err
}

// PutDocument implements recommend.Definitions.
func (db Recommendations) PutDocument(ctx context.Context, d recommend.Document) error {
	err := Experiments{DB: db.DB}.Commit(ctx, []experiments.Change{{
		Kind: experiments.Kind(d.Kind), Key: d.Key, Version: d.Version, At: d.At, Author: d.Author, Action: d.Action, Doc: d.Doc,
	}})
	if errors.Is(err, experiments.ErrConflict) {
		return recommend.ErrChanged
	}
	return err
}
