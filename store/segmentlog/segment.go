package segmentlog

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/peakday/peakday/events"
)

// segment is one file of the log. Its fields do not change, but for size and
// reader, which the log's lock guards while it is the last.
type segment struct {
	number uint64
	path   string
	before []events.Position // each partition's last position before this segment
	size   int64             // durable bytes
	reader *os.File          // kept open while this is the last segment, else nil
}

const segmentExt = ".seg"

// segmentMagic opens every segment file and names the format's version.
const segmentMagic = "PKDYLOG1"

// segmentHeader is the size of the header of a segment, little endian:
//
//	0  magic       8 bytes
//	8  id          of the log
//	24 number      uint64, of the segment, from 1
//	32 partitions  uint32
//	36 before      int64 for each partition
//	.. crc         uint32, CRC32C of all before it
func segmentHeader(partitions int) int64 { return 36 + 8*int64(partitions) + 4 }

// encodeHeader gives the header's bytes.
func encodeHeader(log id, number uint64, before []events.Position) []byte {
	b := make([]byte, 0, segmentHeader(len(before)))
	b = append(b, segmentMagic...)
	b = append(b, log[:]...)
	b = binary.LittleEndian.AppendUint64(b, number)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(before)))
	for _, p := range before {
		b = binary.LittleEndian.AppendUint64(b, uint64(p))
	}
	return binary.LittleEndian.AppendUint32(b, checksum(b))
}

// decodeHeader reads a header of a segment of the given log. problem says what
// is wrong with it, or is "".
func decodeHeader(b []byte, m manifest, number uint64) (before []events.Position, problem string) {
	size := int(segmentHeader(m.Partitions))
	if len(b) < size {
		return nil, fmt.Sprintf("a header of %d bytes, must be %d", len(b), size)
	}
	b = b[:size]
	switch {
	case string(b[:8]) != segmentMagic:
		return nil, fmt.Sprintf("begins with %q, must be %q", b[:8], segmentMagic)
	case binary.LittleEndian.Uint32(b[size-4:]) != checksum(b[:size-4]):
		return nil, "a header with a wrong checksum"
	case id(b[8:24]) != m.ID:
		return nil, fmt.Sprintf("a segment of the log %s", id(b[8:24]))
	case binary.LittleEndian.Uint64(b[24:]) != number:
		return nil, fmt.Sprintf("the header of segment %d", binary.LittleEndian.Uint64(b[24:]))
	case binary.LittleEndian.Uint32(b[32:]) != uint32(m.Partitions):
		return nil, fmt.Sprintf("a header of %d partitions", binary.LittleEndian.Uint32(b[32:]))
	}
	before = make([]events.Position, m.Partitions)
	for p := range before {
		before[p] = events.Position(binary.LittleEndian.Uint64(b[36+8*p:]))
	}
	return before, ""
}

// segmentPath names segment number; names sort as numbers do.
func segmentPath(dir string, number uint64) string {
	return filepath.Join(dir, fmt.Sprintf("%020d%s", number, segmentExt))
}

// segmentNumber reads a segment's file name.
func segmentNumber(name string) (uint64, bool) {
	digits, ok := strings.CutSuffix(name, segmentExt)
	if !ok || len(digits) != 20 {
		return 0, false
	}
	number, err := strconv.ParseUint(digits, 10, 64)
	return number, err == nil && number > 0
}

// listSegments gives the numbers of dir's segments, oldest first, which must
// have no gap.
func listSegments(dir string) ([]uint64, error) {
	files, err := os.ReadDir(dir) // in the order of names
	if err != nil {
		return nil, err
	}
	var numbers []uint64
	for _, f := range files {
		number, ok := segmentNumber(f.Name())
		if !ok {
			continue
		}
		if n := len(numbers); n > 0 && number != numbers[n-1]+1 {
			return nil, fmt.Errorf("segments %d and %d are there but none between them", numbers[n-1], number)
		}
		numbers = append(numbers, number)
	}
	return numbers, nil
}
