package recommend

import (
	"time"

	"github.com/peakday/peakday/events"
)

// Response is the answer to a Request.
type Response struct {
	Request  string
	Policy   string    // its key; of two that took turns both, with "+" between them
	Model    string    // its version; empty without one
	AsOf     time.Time // of the newest event consumed
	Degraded bool      // the visitor's profile could not be read, or only an older one
	Items    []Recommended
}

// Recommended is one item of an answer.
type Recommended struct {
	Item          events.ItemID
	Score         float64        // 0 to 1, falling
	Source        string         // the one with the largest contribution
	Team          int            // which of two policies picked it, 0 or 1
	Contributions []Contribution // largest first; with Explain
	Steps         []Effect       // with Explain: what happened to its score, in order
	Reasons       []string       // with Explain
}

// Contribution is what one source adds to a score.
type Contribution struct {
	Source string
	Score  float64
}
