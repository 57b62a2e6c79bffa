package segmentlog

import (
	"os"
	"testing"
)

// childDir names, in the environment, the log that this process is to append
// to until it is killed.
const childDir = "SEGMENTLOG_TEST_CHILD_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		appendUntilKilled(dir)
		return
	}
	os.Exit(m.Run())
}
