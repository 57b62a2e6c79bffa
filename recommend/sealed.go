package recommend

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc64"
	"io"
)

// ErrSealed says that a file is not what it should be: of another kind, cut
// short, or damaged.
var ErrSealed = errors.New("not a whole file of this kind")

// A sealed file is "peakday ", its kind and a newline, the version, the
// payload's length, the payload, and a CRC-64 (ECMA) over all that.
const sealedMagic = "peakday "

// Seal writes payload as a file of this kind and version.
func Seal(w io.Writer, kind string, version uint32, payload []byte) error {
	head := append([]byte(sealedMagic+kind), '\n')
	head = binary.LittleEndian.AppendUint32(head, version)
	head = binary.LittleEndian.AppendUint64(head, uint64(len(payload)))
	table := crc64.MakeTable(crc64.ECMA)
	sum := crc64.Update(crc64.Update(0, table, head), table, payload)
	for _, part := range [][]byte{head, payload, binary.LittleEndian.AppendUint64(nil, sum)} {
		if _, err := w.Write(part); err != nil {
			return fmt.Errorf("write a file of kind %s: %w", kind, err)
		}
	}
	return nil
}

// Unseal reads a whole file that Seal wrote and returns its payload. The
// version must be the given one: older states are rebuilt from the log.
func Unseal(r io.Reader, kind string, version uint32) ([]byte, error) {
	bad := func(why string) error { return fmt.Errorf("%s: %s: %w", kind, why, ErrSealed) }
	head := make([]byte, len(sealedMagic)+len(kind)+1+4+8)
	if _, err := io.ReadFull(r, head); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, bad("it is too short")
		}
		return nil, fmt.Errorf("read a file of kind %s: %w", kind, err)
	}
	name := len(sealedMagic) + len(kind) + 1
	if string(head[:name]) != sealedMagic+kind+"\n" {
		return nil, bad("it is of another kind")
	}
	if v := binary.LittleEndian.Uint32(head[name:]); v != version {
		return nil, bad(fmt.Sprintf("its version is %d, this program reads %d", v, version))
	}
	length := binary.LittleEndian.Uint64(head[name+4:])
	payload, sum, err := readSealed(r, length)
	if err != nil {
		return nil, fmt.Errorf("read a file of kind %s: %w", kind, err)
	}
	if sum == nil {
		return nil, bad("it is cut short, or too long")
	}
	table := crc64.MakeTable(crc64.ECMA)
	if binary.LittleEndian.Uint64(sum) != crc64.Update(crc64.Update(0, table, head), table, payload) {
		return nil, bad("its checksum is wrong")
	}
	return payload, nil
}

// readSealed reads as it goes, so that a damaged length cannot ask for more
// memory than the file is long. sum is nil if the file has another length.
func readSealed(r io.Reader, length uint64) (payload, sum []byte, err error) {
	const checksum = 8
	if length > 1<<40 {
		return nil, nil, nil
	}
	var b bytes.Buffer
	n, err := io.Copy(&b, io.LimitReader(r, int64(length)+checksum+1))
	if err != nil {
		return nil, nil, err
	}
	if uint64(n) != length+checksum {
		return nil, nil, nil
	}
	return b.Bytes()[:length], b.Bytes()[length:], nil
}
