package ann

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"math"
	"runtime"
)

// A snapshot, all little-endian:
//
//	"peakann1"
//	13 words of 64 bits: see header
//	ids, living, linked, free, entries, float32 vectors, links
//	CRC-32C of all before
//
// Codes are made anew from the vectors.
const magic = "peakann1"

// header are the numbers before the arrays. Fields are fixed in order.
type header struct {
	Dimension, Links, BuildBreadth, Breadth, Seed uint64
	Used, Free, Entries, Sampled, Ready           uint64
	Scale, CodeError, MaxNorm                     float64
}

// WriteTo implements io.WriterTo: a snapshot. Changes wait for it, searches do
// not.
func (x *Index) WriteTo(w io.Writer) (int64, error) {
	x.writer.Lock()
	defer x.writer.Unlock()
	buffered := bufio.NewWriterSize(w, 1<<16)
	sum := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	out := &counted{w: io.MultiWriter(buffered, sum)}
	h := header{
		Dimension: uint64(x.options.Dimension), Links: uint64(x.options.Links),
		BuildBreadth: uint64(x.options.BuildBreadth), Breadth: uint64(x.options.Breadth), Seed: x.options.Seed,
		Used: uint64(x.used), Free: uint64(len(x.free)), Entries: uint64(len(x.entries)), Sampled: uint64(x.sampled),
		Scale: float64(x.scale), CodeError: x.codeError, MaxNorm: x.maxNorm,
	}
	if x.ready {
		h.Ready = 1
	}
	words := (x.used + 63) / 64
	parts := []any{[]byte(magic), h, x.ids[:x.used], x.alive[:words], x.linked[:words], x.free, x.entries}
	err := writeAll(out, parts)
	var row []byte
	for slot := 0; slot < x.used && err == nil; slot++ {
		row = row[:0]
		for _, f := range x.float(int32(slot))[:x.options.Dimension] {
			row = binary.LittleEndian.AppendUint32(row, math.Float32bits(f))
		}
		_, err = out.Write(row)
	}
	if err == nil && x.ready {
		err = writeAll(out, []any{x.links[:x.used*x.options.Links]})
	}
	if err == nil {
		err = writeAll(out, []any{sum.Sum32()})
	}
	if err = errors.Join(err, buffered.Flush()); err != nil {
		return out.n, fmt.Errorf("write a snapshot of vectors: %w", err)
	}
	return out.n, nil
}

func writeAll(w io.Writer, parts []any) error {
	for _, p := range parts {
		if err := binary.Write(w, binary.LittleEndian, p); err != nil {
			return err
		}
	}
	return nil
}

type counted struct {
	w io.Writer
	n int64
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

// Read makes an index of a snapshot, for vectors of the given dimension. It
// refuses one that is cut short, changed, or of another dimension. The searches
// of the index read find what those of the written one found.
func Read(r io.Reader, dimension int) (*Index, error) {
	x, err := read(r, dimension, fastest())
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("it is cut short: %w", io.ErrUnexpectedEOF)
	}
	if err != nil {
		return nil, fmt.Errorf("read a snapshot of vectors: %w", err)
	}
	return x, nil
}

func read(r io.Reader, dimension int, k kernel) (*Index, error) {
	in := &reader{r: bufio.NewReaderSize(r, 1<<16), sum: crc32.New(crc32.MakeTable(crc32.Castagnoli))}
	mark := readSome[byte](in, len(magic))
	if in.err == nil && string(mark) != magic {
		return nil, errors.New("it is not such a snapshot: expected it to begin with " + magic)
	}
	var h header
	in.read(&h)
	if in.err != nil {
		return nil, in.err
	}
	if h.Dimension != uint64(dimension) {
		return nil, fmt.Errorf("its vectors have %d numbers: expected %d", h.Dimension, dimension)
	}
	x, err := h.index(k)
	if err != nil {
		return nil, err
	}
	words := (x.used + 63) / 64
	x.ids, x.alive, x.linked = readSome[uint32](in, x.used), readSome[uint64](in, words), readSome[uint64](in, words)
	x.free, x.entries = readSome[int32](in, int(h.Free)), readSome[int32](in, int(h.Entries))
	row, padding := make([]byte, 4*dimension), make([]float32, x.floatStride-dimension)
	for slot := 0; slot < x.used && in.err == nil; slot++ {
		_, in.err = io.ReadFull(io.TeeReader(in.r, in.sum), row)
		for at := 0; at < len(row); at += 4 {
			x.floats = append(x.floats, math.Float32frombits(binary.LittleEndian.Uint32(row[at:])))
		}
		x.floats = append(x.floats, padding...)
	}
	if x.ready {
		x.links = readSome[int32](in, x.used*x.options.Links)
	}
	want := in.sum.Sum32()
	if got := readSome[uint32](in, 1); in.err != nil {
		return nil, in.err
	} else if got[0] != want {
		return nil, fmt.Errorf("its checksum is %08x: expected %08x", got[0], want)
	}
	return x, x.restore()
}

// index is an empty index with the numbers of the header.
func (h header) index(k kernel) (*Index, error) {
	const most = 1 << 30
	if h.Used > most || h.Free > h.Used || h.Entries > h.Used || h.Sampled > h.Used || h.Links > maxLinks || h.BuildBreadth > 1<<16 || h.Breadth > 1<<16 {
		return nil, errors.New("its sizes contradict each other")
	}
	o, err := Options{
		Dimension: int(h.Dimension), Links: int(h.Links), BuildBreadth: int(h.BuildBreadth),
		Breadth: int(h.Breadth), Seed: h.Seed, Workers: runtime.GOMAXPROCS(0),
	}.withDefaults()
	if err != nil {
		return nil, err
	}
	if !(h.Scale >= 0 && h.Scale <= math.MaxFloat32) || !(h.CodeError >= 0) || !(h.MaxNorm >= 0) || h.Used > 0 && float32(h.Scale) == 0 {
		return nil, errors.New("its scale is no number")
	}
	x := newIndex(o, k)
	x.used, x.sampled, x.ready = int(h.Used), int(h.Sampled), h.Ready == 1
	x.scale, x.codeError, x.maxNorm = float32(h.Scale), h.CodeError, h.MaxNorm
	return x, nil
}

type reader struct {
	r   io.Reader
	sum hash.Hash32
	err error
}

func (in *reader) read(into any) {
	if in.err == nil {
		in.err = binary.Read(io.TeeReader(in.r, in.sum), binary.LittleEndian, into)
	}
}

// readSome reads n values a piece at a time: a false n must not take memory
// that the file does not fill.
func readSome[T byte | uint32 | uint64 | int32](in *reader, n int) []T {
	const piece = 1 << 16
	var all []T
	for len(all) < n && in.err == nil {
		some := make([]T, min(piece, n-len(all)))
		in.read(some)
		if all == nil && len(some) == n {
			return some
		}
		all = append(all, some...)
	}
	return all
}
