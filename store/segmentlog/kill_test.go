package segmentlog

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/peakday/peakday/events"
)

// appendUntilKilled is what the child does: several appenders write batches to
// both partitions and say on standard output what was accepted.
func appendUntilKilled(dir string) {
	l, err := Open(dir, Options{Partitions: 2, SegmentSize: 20_000})
	if err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
	var mu sync.Mutex
	var all sync.WaitGroup
	for a := range 8 {
		all.Go(func() {
			for i := 0; ; i++ {
				names := []string{fmt.Sprintf("%d.%d.%d", os.Getpid(), a, i), fmt.Sprintf("%d.%d.%d+", os.Getpid(), a, i)}
				var batch []events.Entry
				for p, name := range names {
					batch = append(batch, to(p, name+strings.Repeat(" ", (7*i)%300))...)
				}
				if err := l.Append(context.Background(), batch); err != nil {
					fmt.Println("failed:", err)
					os.Exit(1)
				}
				mu.Lock()
				fmt.Println(names[0])
				fmt.Println(names[1])
				mu.Unlock()
			}
		})
	}
	all.Wait()
}

// TestKill kills a process with SIGKILL while it appends, several times, on the
// same log. Whatever it was told is stored must be there, once and in order.
func TestKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var accepted []string
	for round, acks := range []int{1, 3, 40, 150, 400, 700} {
		accepted = append(accepted, runAndKill(t, dir, acks)...)
		o, warnings := listening(t)
		l := mustOpen(t, dir, o)
		wantOnce(t, l, accepted)
		mustClose(t, l)
		t.Logf("round %d: %d entries accepted so far, %d segments; %s", round, len(accepted), len(segmentFiles(t, dir)), warnings)
	}
}

// runAndKill runs the child, kills it after it said so much, and returns all
// that it said.
func runAndKill(t *testing.T, dir string, acks int) []string {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childDir+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var said []string
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if errors.Is(err, io.EOF) {
			break // a line without its end was not said
		}
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(line, "failed:") {
			t.Errorf("the child %s", line)
		}
		said = append(said, strings.TrimSpace(line))
		if len(said) == acks {
			if _, err := Open(dir, Options{}); !errors.Is(err, ErrLocked) {
				t.Errorf("Open while the child runs: %v, want %v", err, ErrLocked)
			}
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	var killed *exec.ExitError
	if err := child.Wait(); !errors.As(err, &killed) {
		t.Fatalf("the child: %v, want it killed", err)
	}
	return said
}

// wantOnce wants every accepted entry once, and each appender's in order.
func wantOnce(t *testing.T, l *Log, accepted []string) {
	t.Helper()
	times, last := map[string]int{}, map[string]int{}
	for p := range 2 {
		data, err := all(l, p)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range data {
			name := strings.TrimSpace(d)
			times[name]++
			var pid, a, i int
			if _, err := fmt.Sscanf(name, "%d.%d.%d", &pid, &a, &i); err != nil {
				t.Fatalf("partition %d holds %q", p, d)
			}
			appender := fmt.Sprint(pid, ".", a, ".", p)
			if i != last[appender] {
				t.Fatalf("partition %d: entry %q comes after %d others of its appender", p, name, last[appender])
			}
			last[appender]++
		}
	}
	for _, name := range accepted {
		if times[name] != 1 {
			t.Fatalf("entry %q was accepted and is there %d times", name, times[name])
		}
	}
}
