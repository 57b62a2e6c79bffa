package api

import (
	"context"

	"github.com/peakday/peakday/experiments"
)

// definition is how one kind of definition is read and stored.
type definition[T any] struct {
	parse   func(key string, body []byte) (T, error)
	current func() (T, error) // as it is stored; asked only where If-Match wants one to be there
	put     func(context.Context, experiments.By, T) (T, error)
	version func(T) int64
}

// define stores what the body defines under the key of the path.
func define[T any](x *exchange, d definition[T]) error {
	body, err := x.ownedBody()
	if err != nil {
		return err
	}
	next, err := d.parse(x.param("key"), body)
	if err != nil {
		return err
	}
	by, err := x.by(func() (int64, error) {
		stored, err := d.current()
		if err != nil {
			return 0, err
		}
		return d.version(stored), nil
	})
	if err != nil {
		return err
	}
	stored, err := d.put(x.ctx(), by, next)
	if err != nil {
		return err
	}
	return x.changed(d.version(stored), stored)
}
