package app

import "context"

// unlessInterrupted does work that takes no context, and leaves it behind when
// ctx is done: the process ends then. Its own ending would wait for minutes.
func unlessInterrupted[T any](ctx context.Context, work func() (T, error)) (done T, err error) {
	if ctx.Err() != nil {
		return done, context.Cause(ctx)
	}
	type outcome struct {
		done T
		err  error
	}
	ended := make(chan outcome, 1)
	go func() {
		done, err := work()
		ended <- outcome{done, err}
	}()
	select {
	case o := <-ended:
		return o.done, o.err
	case <-ctx.Done():
		return done, context.Cause(ctx)
	}
}
