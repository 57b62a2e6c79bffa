package segmentlog_test

import (
	"testing"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/store/segmentlog"
	logtest "github.com/peakday/peakday/store/storetest/log"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int64{
		"segments of the default size": 0,
		"segments of a few entries":    1000,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			logtest.Run(t, func(t *testing.T, partitions int, now func() time.Time) logtest.Open {
				dir := t.TempDir()
				return func(t *testing.T) events.Log {
					t.Helper()
					l, err := segmentlog.Open(dir, segmentlog.Options{Partitions: partitions, SegmentSize: size, Now: now})
					if err != nil {
						t.Fatal(err)
					}
					return l
				}
			})
		})
	}
}
