package sqldb

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/peakday/peakday/events"
)

// Trait gives an attribute of a user as the newest user.changed event that has
// it says, under the first of the names that it has; nil if none does. Of the
// user's events the newest hundred are read.
func (db *DB) Trait(ctx context.Context, user events.UserID, names ...string) (value any, err error) {
	err = query(ctx, db.reader, `
		SELECT data FROM facts WHERE part = $1 AND unit = $2 AND type = $3 AND kind = $4
		ORDER BY at DESC, hi DESC, lo DESC LIMIT 100`,
		[]any{int64(events.PartOf(user)), string(user), string(events.UserChanged), string(events.User)},
		func(r *sql.Rows) error {
			var data []byte
			if err := r.Scan(&data); err != nil || value != nil {
				return err
			}
			var d struct {
				Attributes map[string]any `json:"attributes"`
			}
			if err := json.Unmarshal(data, &d); err != nil {
				return err
			}
			for _, name := range names {
				if v := d.Attributes[name]; v != nil && value == nil {
					value = v
				}
			}
			return nil
		})
	return value, err
}
