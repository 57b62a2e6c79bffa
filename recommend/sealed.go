package recommend

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc64"
	"io"
	"iter"
	"math"
	"runtime"
	"slices"
)

// ErrSealed says that a file is not what it should be: of another kind, cut
// short, or damaged.
var ErrSealed = errors.New("not a whole file of this kind")

// A sealed file is "peakday ", its kind and a newline, the version, the
// payload's length or inPieces, the payload, and a CRC-64 (ECMA) over all that.
const sealedMagic = "peakday "

// inPieces stands for the length of a payload that was written piece by piece:
// it ends where the checksum begins.
const inPieces = math.MaxUint64

// Seal writes payload as a file of this kind and version.
func Seal(w io.Writer, kind string, version uint32, payload []byte) error {
	return seal(w, kind, version, uint64(len(payload)), slices.Values([][]byte{payload}))
}

// SealPieces is Seal for a payload too large to be held at once: a piece may be
// overwritten when the next one is asked for. Between pieces it lets others
// have the processor.
func SealPieces(w io.Writer, kind string, version uint32, pieces iter.Seq[[]byte]) error {
	return seal(w, kind, version, inPieces, pieces)
}

func seal(w io.Writer, kind string, version uint32, length uint64, pieces iter.Seq[[]byte]) error {
	table, sum := crc64.MakeTable(crc64.ECMA), uint64(0)
	write := func(part []byte) error {
		sum = crc64.Update(sum, table, part)
		if _, err := w.Write(part); err != nil {
			return fmt.Errorf("write a file of kind %s: %w", kind, err)
		}
		return nil
	}
	head := append([]byte(sealedMagic+kind), '\n')
	head = binary.LittleEndian.AppendUint32(head, version)
	if err := write(binary.LittleEndian.AppendUint64(head, length)); err != nil {
		return err
	}
	for piece := range pieces {
		if err := write(piece); err != nil {
			return err
		}
		runtime.Gosched()
	}
	return write(binary.LittleEndian.AppendUint64(nil, sum))
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
	const checksum, most = 8, 1 << 40
	limit := length
	if length == inPieces {
		limit = most
	}
	if limit > most {
		return nil, nil, nil
	}
	var b bytes.Buffer
	n, err := io.Copy(&b, io.LimitReader(r, int64(limit)+checksum+1))
	if err != nil {
		return nil, nil, err
	}
	if length == inPieces {
		length = uint64(max(n, checksum)) - checksum
	}
	if uint64(n) != length+checksum {
		return nil, nil, nil
	}
	return b.Bytes()[:length], b.Bytes()[length:], nil
}
