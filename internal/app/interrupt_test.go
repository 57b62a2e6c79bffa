package app

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
)

// TestInterruptEndsCommands: a command that computes for minutes gives up when
// it is interrupted, says why, and prints nothing that looks like an answer.
func TestInterruptEndsCommands(t *testing.T) {
	t.Parallel()
	past := write(t, "past.csv", salesTable(0, 200))
	ab := write(t, "ab.csv", "user,group,paid\n1,a,0\n2,b,1\n3,a,1\n4,b,0\n")
	for _, args := range [][]string{
		{"forecast", past, "--series", "sku", "--time", "day", "--value", "pieces", "--horizon", "7"},
		{"analyze", ab, "--unit", "user", "--variant", "group", "--control", "a", "--metric", "paid=paid:proportion"},
	} {
		t.Run(args[0], func(t *testing.T) {
			t.Parallel()
			ctx, interrupt := context.WithCancelCause(t.Context())
			interrupt(errors.New("interrupt signal received"))
			var stdout, stderr bytes.Buffer
			p := &Program{Args: args, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Lookup: func(string) (string, bool) { return "", false }}
			code := p.Run(ctx)
			checkFailure(t, outcome{code, stdout.String(), stderr.String()}, 1, nil)
		})
	}
}

func TestUnlessInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancelCause(t.Context())
		if got, err := unlessInterrupted(ctx, func() (int, error) { return 7, nil }); got != 7 || err != nil {
			t.Errorf("work that ends: %d, %v", got, err)
		}
		why, release := errors.New("enough"), make(chan struct{})
		go func() {
			synctest.Wait() // until all wait: the work for its release, the caller for the work
			interrupt(why)
		}()
		got, err := unlessInterrupted(ctx, func() (int, error) { <-release; return 7, nil })
		close(release)
		if got != 0 || !errors.Is(err, why) {
			t.Errorf("work that is interrupted: %d, %v", got, err)
		}
	})
}
