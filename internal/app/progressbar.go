package app

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// progressBar shows how far a long command has come, on a terminal only. A nil bar
// shows nothing.
type progressBar struct {
	out   io.Writer
	name  string
	size  int64
	read  int64
	began time.Time
	drawn time.Time
}

// newBar gives a bar on out if that is a terminal.
func newBar(out io.Writer) *progressBar {
	file, ok := out.(*os.File)
	if !ok {
		return nil
	}
	info, err := file.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return &progressBar{out: out, began: time.Now()}
}

func (b *progressBar) begin(name string, size int64) {
	if b != nil {
		b.name, b.size, b.read = filepath.Base(name), size, 0
	}
}

// reader counts what is read of the file.
func (b *progressBar) reader(r io.Reader) io.Reader {
	if b == nil {
		return r
	}
	return io.TeeReader(r, countingWriter{&b.read})
}

type countingWriter struct{ n *int64 }

func (w countingWriter) Write(p []byte) (int, error) {
	*w.n += int64(len(p))
	return len(p), nil
}

const barWidth = 30

// update draws the bar, at most ten times a second.
func (b *progressBar) update(c importCounts) {
	if b == nil || time.Since(b.drawn) < 100*time.Millisecond {
		return
	}
	b.drawn = time.Now()
	share := 1.0
	if b.size > 0 {
		share = min(1, float64(b.read)/float64(b.size))
	}
	filled := int(share * barWidth)
	rate := float64(c.Read) / time.Since(b.began).Seconds()
	fmt.Fprintf(b.out, "\r%s [%s%s] %3.0f %%  %d lines, %.0f/s, %d rejected ", b.name,
		strings.Repeat("#", filled), strings.Repeat(".", barWidth-filled), 100*share, c.Read, rate, c.Rejected)
}

// say replaces the bar by a word.
func (b *progressBar) say(what string) {
	if b != nil {
		b.clear()
		fmt.Fprintf(b.out, "%s … ", what)
	}
}

// clear empties the line for other output.
func (b *progressBar) clear() {
	if b != nil {
		fmt.Fprintf(b.out, "\r\x1b[2K")
	}
}
