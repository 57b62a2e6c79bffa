// Package segmentlog is the embedded durable log: an events.Log in segment
// files of one directory, for one process.
//
//	dir/log.json                    the log's id and number of partitions
//	dir/lock                        held while the log is open
//	dir/00000000000000000001.seg    one physical sequence for all partitions
//	dir/00000000000000000002.seg    …, the last one grows
//	dir/trim.json                   how far each partition may be dropped
//	dir/…2.seg.4096.torn            what a crash left half-written, kept aside
//
//	segment = header, group, group, …     header = id, number, position of each partition before it
//	group   = mark, frame, frame, …       what one write and one fsync made durable
//	frame   = CRC32C, length, partition, position, append time, data
//
// Appenders put frames into the open group; one goroutine writes it, calls
// fsync and wakes them all, while the next group fills. A batch that touches
// many partitions, and all batches that arrive during an fsync, cost one fsync.
//
// A group's mark is written only when all before it is durable. So a bad frame
// with a mark behind it is a damaged disk and is refused; one without is a torn
// last write, which nobody was told is stored, and is cut off.
//
// After a failed write or fsync the log takes no more appends until it is
// opened again: the kernel may have dropped the pages, and a second fsync would
// not say so.
//
//	log, err := segmentlog.Open("data/log", segmentlog.Options{Partitions: 8})
//
// It needs a POSIX file system with flock: a local disk, not a network share.
package segmentlog
