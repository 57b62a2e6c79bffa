package segmentlog

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"

	"github.com/peakday/peakday/events"
)

// MaxEntry is the size in bytes of the largest entry that the log takes.
const MaxEntry = 16 << 20

// frameHeader is the size of what precedes a frame's data, little endian:
//
//	0  crc        uint32, CRC32C of all that follows
//	4  length     uint32, of the data
//	8  partition  uint32, or markPartition
//	12 position   int64; in a mark, the offset of the mark itself
//	20 appended   int64, microseconds since 1970; in a mark, 0
//	28 data
const frameHeader = 28

// markPartition makes a frame a mark: its data is the log's id, its position
// its own offset. All before a mark was durable when the mark was written.
const markPartition = math.MaxUint32

// markSize is the size of a mark.
const markSize = frameHeader + idSize

// frame is the header of a frame.
type frame struct {
	crc       uint32
	length    uint32
	partition uint32
	position  events.Position
	appended  int64
}

// size is that of the whole frame in bytes.
func (f frame) size() int64 { return frameHeader + int64(f.length) }

// appendFrame appends a whole frame to b.
func appendFrame(b []byte, partition uint32, position events.Position, appended int64, data []byte) []byte {
	start := len(b)
	b = append(b, make([]byte, frameHeader)...)
	b = append(b, data...)
	putHeader(b[start:], partition, position, appended)
	return b
}

// putHeader fills in the header of a frame whose data stands in its place.
func putHeader(b []byte, partition uint32, position events.Position, appended int64) {
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-frameHeader))
	binary.LittleEndian.PutUint32(b[8:], partition)
	binary.LittleEndian.PutUint64(b[12:], uint64(position))
	binary.LittleEndian.PutUint64(b[20:], uint64(appended))
	binary.LittleEndian.PutUint32(b, checksum(b[4:]))
}

// putMark makes the first markSize bytes of b the mark at offset.
func putMark(b []byte, log id, offset int64) {
	copy(b[frameHeader:markSize], log[:])
	putHeader(b[:markSize], markPartition, events.Position(offset), 0)
}

// parseHeader reads a frame's header. b has at least frameHeader bytes.
func parseHeader(b []byte) frame {
	return frame{
		crc:       binary.LittleEndian.Uint32(b),
		length:    binary.LittleEndian.Uint32(b[4:]),
		partition: binary.LittleEndian.Uint32(b[8:]),
		position:  events.Position(binary.LittleEndian.Uint64(b[12:])),
		appended:  int64(binary.LittleEndian.Uint64(b[20:])),
	}
}

// check reports what is impossible about a header at offset in a log of so
// many partitions, or "". It cannot see a wrong checksum.
func (f frame) check(partitions int, offset int64) string {
	switch {
	case f.partition == markPartition && f.length != idSize:
		return "a mark of the wrong length"
	case f.partition == markPartition && f.position != events.Position(offset):
		return fmt.Sprintf("a mark that belongs at byte %d", f.position)
	case f.partition != markPartition && f.partition >= uint32(partitions):
		return fmt.Sprintf("a frame of partition %d", f.partition)
	case f.length > MaxEntry:
		return fmt.Sprintf("a frame of %d bytes", f.length)
	}
	return ""
}

// checksum is CRC32C.
func checksum(b []byte) uint32 {
	return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))
}
