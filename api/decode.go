package api

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
)

// decodeObject reads a small body of this package's own; nothing at all stands
// for an empty object. A field that is not known is refused. The error is an
// *events.Invalid.
func decodeObject(body []byte, into any) error {
	if len(bytes.TrimSpace(body)) == 0 {
		body = []byte("{}")
	}
	return events.DecodeStrictly(body, into)
}

func isNotFound(err error) bool { return errors.Is(err, experiments.ErrNotFound) }

// checkID is events.CheckID for a parameter that may be left out.
func checkID(field, id string) error {
	if id == "" {
		return nil
	}
	return events.CheckID(field, id)
}

// itemIDs checks a list of items.
func itemIDs(field string, ids []string) ([]events.ItemID, error) {
	const most = 1000
	if len(ids) > most {
		return nil, &events.Invalid{Field: field, Problem: fmt.Sprintf("must be at most %d, got %d", most, len(ids))}
	}
	out := make([]events.ItemID, len(ids))
	for i, id := range ids {
		if err := events.CheckID(fmt.Sprintf("%s[%d]", field, i), id); err != nil {
			return nil, err
		}
		out[i] = events.ItemID(id)
	}
	return out, nil
}
