package api

import (
	"encoding/base64"
	"sort"

	"github.com/peakday/peakday/events"
)

// listing is a part of a list, and where the rest begins.
type listing[T any] struct {
	Items      []T     `json:"items"`
	NextCursor *string `json:"next_cursor" doc:"send it as cursor to get what follows; null at the end"`
}

const (
	defaultItems = 100
	maxItems     = 1000
)

// paginate cuts the part that ?limit= and ?cursor= ask for out of items, which
// must be sorted by key.
func paginate[T any](x *exchange, items []T, key func(T) string) (listing[T], error) {
	return paginateBy(x, items, key, defaultItems)
}

// paginateBy is paginate with another default limit.
func paginateBy[T any](x *exchange, items []T, key func(T) string, defaultLimit int) (listing[T], error) {
	limit, err := x.integer("limit", defaultLimit, 1, maxItems)
	if err != nil {
		return listing[T]{}, err
	}
	after, err := x.cursor()
	if err != nil {
		return listing[T]{}, err
	}
	if after != "" {
		items = items[sort.Search(len(items), func(i int) bool { return key(items[i]) > after }):]
	}
	out := listing[T]{Items: items}
	if len(items) > limit {
		out.Items = items[:limit]
		out.NextCursor = cursorAt(key(items[limit-1]))
	}
	if out.Items == nil {
		out.Items = []T{}
	}
	return out, nil
}

// cursor is the key after which the list goes on.
func (x *exchange) cursor() (string, error) {
	b, err := base64.RawURLEncoding.DecodeString(x.get("cursor"))
	if err != nil {
		return "", &events.Invalid{Field: "cursor", Problem: "must be the next_cursor of an earlier answer"}
	}
	return string(b), nil
}

func cursorAt(key string) *string {
	s := base64.RawURLEncoding.EncodeToString([]byte(key))
	return &s
}
