// Package logtest is the conformance suite of events.Log. Every driver runs it:
//
//	func TestConformance(t *testing.T) {
//		logtest.Run(t, func(t *testing.T, partitions int, now func() time.Time) logtest.Open {
//			dir := t.TempDir()
//			return func(t *testing.T) events.Log { … open the log in dir … }
//		})
//	}
//
// It holds a driver to the words of the interface and to no more: positions
// need not be dense, Read may return fewer entries than there are, trimmed
// entries may still be there, and the append time may be kept in milliseconds.
//
// What only one driver can show (a crash, a full disk, a broker that leaves)
// stands in the driver's own tests.
package logtest
