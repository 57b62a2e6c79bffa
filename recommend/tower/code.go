package tower

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc64"
	"io"
	"math"
)

// ErrModel says that a file is not a whole model: of another kind or version,
// cut short, or damaged.
var ErrModel = errors.New("not a whole model of two towers")

// A file is the magic, the version, the length of what follows, the model, and
// a CRC-64 (ECMA) over all that. Numbers are little-endian.
const (
	codeMagic   = "peakday tower\n"
	codeVersion = 1
	codeHead    = len(codeMagic) + 4 + 8
)

// Encode writes the model: about 8·Dims bytes an item and 12·Dims a feature.
// Equal models give equal bytes.
func (m *Model) Encode(w io.Writer) error {
	payload := m.encode()
	head := binary.LittleEndian.AppendUint32([]byte(codeMagic), codeVersion)
	head = binary.LittleEndian.AppendUint64(head, uint64(len(payload)))
	table := crc64.MakeTable(crc64.ECMA)
	sum := crc64.Update(crc64.Update(0, table, head), table, payload)
	for _, part := range [][]byte{head, payload, binary.LittleEndian.AppendUint64(nil, sum)} {
		if _, err := w.Write(part); err != nil {
			return fmt.Errorf("write towers: %w", err)
		}
	}
	return nil
}

func (m *Model) encode() []byte {
	var b []byte
	for _, n := range []int{m.dims, m.items, m.encoder.history, len(m.vocabulary.fields), m.vocabulary.Len()} {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	for _, f := range m.vocabulary.fields {
		b = appendText(b, f)
	}
	for _, f := range m.vocabulary.features {
		b = binary.LittleEndian.AppendUint32(b, uint32(f.field))
		b = appendText(b, f.value)
	}
	for i := range m.items {
		ids, _ := m.encoder.latest.of(int32(i))
		b = binary.LittleEndian.AppendUint32(b, uint32(len(ids)))
		for _, f := range ids {
			b = binary.LittleEndian.AppendUint32(b, uint32(f))
		}
	}
	for _, part := range [][]float32{m.scales.place[:], m.scales.event[:], m.scales.gap[:], m.vectors} {
		b = appendFloats(b, part)
	}
	for _, table := range [][]float32{m.past, m.idFeatures, m.pastFeatures, m.context} {
		for row := 0; row < len(table); row += m.stride {
			b = appendFloats(b, table[row:row+m.dims])
		}
	}
	return b
}

// Decode reads what Encode wrote. Anything else is refused with ErrModel.
func Decode(r io.Reader) (*Model, error) {
	bad := func(why string) error { return fmt.Errorf("read towers: %s: %w", why, ErrModel) }
	head := make([]byte, codeHead)
	if _, err := io.ReadFull(r, head); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, bad("the file is too short")
		}
		return nil, fmt.Errorf("read towers: %w", err)
	}
	if string(head[:len(codeMagic)]) != codeMagic {
		return nil, bad("the file is of another kind")
	}
	if v := binary.LittleEndian.Uint32(head[len(codeMagic):]); v != codeVersion {
		return nil, bad(fmt.Sprintf("its version is %d, this program reads %d", v, codeVersion))
	}
	length := binary.LittleEndian.Uint64(head[codeHead-8:])
	if length > 1<<40 {
		return nil, bad("its length is impossible")
	}
	var rest bytes.Buffer // grows as it reads: a damaged length must not ask for memory
	n, err := io.Copy(&rest, io.LimitReader(r, int64(length)+9))
	if err != nil {
		return nil, fmt.Errorf("read towers: %w", err)
	}
	if uint64(n) != length+8 {
		return nil, bad("the file is cut short, or too long")
	}
	payload, sum := rest.Bytes()[:length], rest.Bytes()[length:]
	table := crc64.MakeTable(crc64.ECMA)
	if binary.LittleEndian.Uint64(sum) != crc64.Update(crc64.Update(0, table, head), table, payload) {
		return nil, bad("its checksum is wrong")
	}
	m, err := decode(payload)
	if err != nil {
		return nil, bad(err.Error())
	}
	return m, nil
}

func appendText(b []byte, s string) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(len(s)))
	return append(b, s...)
}

func appendFloats(b []byte, fs []float32) []byte {
	for _, f := range fs {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(f))
	}
	return b
}
