package imports

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/peakday/peakday/events"
)

func micros(t time.Time) string { return decimal(events.Micros(t)) }

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

// mustJSON writes data of this package's own structs, which cannot fail.
func mustJSON(data any) []byte {
	b, err := json.Marshal(data)
	if err != nil {
		panic(err)
	}
	return b
}
