package imports

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// maxRow bounds a row, as an event is bounded over HTTP: one that is larger is
// a problem by itself.
const maxRow = 1 << 20

const tooLong = "is longer than 1 MiB"

// line is one line of a file, with its "\n"; "\r\n" is made "\n".
type line struct {
	text []byte // good until the next line is read
	long bool   // longer than maxRow: text holds nothing
}

func (l line) blank() bool { return !l.long && len(bytes.TrimSpace(l.text)) == 0 }

// lines reads a file line by line.
type lines struct {
	in     *bufio.Reader
	number int    // of the line that was read last, from 1
	again  []line // lines that are to be read once more
	buffer []byte
}

// next gives the next line, or io.EOF behind the last.
func (l *lines) next() (line, error) {
	if len(l.again) > 0 {
		first := l.again[0]
		l.again = l.again[1:]
		l.number++
		return first, nil
	}
	text, err := l.in.ReadSlice('\n')
	long := false
	if errors.Is(err, bufio.ErrBufferFull) {
		text, long, err = l.rest(text)
	}
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return line{}, err
	case err != nil && len(text) == 0 && !long:
		return line{}, io.EOF
	case err != nil:
		text = bytes.TrimSuffix(text, []byte("\r"))
	case bytes.HasSuffix(text, []byte("\r\n")):
		text = text[:len(text)-1]
		text[len(text)-1] = '\n'
	}
	l.number++
	return line{text, long}, nil
}

// rest reads the rest of a line of which begin has filled the reader's buffer.
func (l *lines) rest(begin []byte) (text []byte, long bool, err error) {
	l.buffer = append(l.buffer[:0], begin...)
	for {
		part, err := l.in.ReadSlice('\n')
		if long = long || len(l.buffer)+len(part) > maxRow; !long {
			l.buffer = append(l.buffer, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if long {
			l.buffer = l.buffer[:0]
		}
		return l.buffer, long, err
	}
}

// putBack lets next give the lines that were read last once more.
func (l *lines) putBack(them []line) {
	l.again = append(them, l.again...)
	l.number -= len(them)
}
