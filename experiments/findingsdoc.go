package experiments

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// findingsDoc is how Findings are stored: a line of JSON, and behind it the
// cells, of which it says how long they are.
type findingsDoc struct {
	*Findings
	Rebuilt  int `json:"rebuilt_bytes"`
	Suspects int `json:"suspect_bytes"`
	Mature   int `json:"mature_bytes"`
}

// Encode writes the findings for storage.
func (f *Findings) Encode() ([]byte, error) {
	rebuilt, suspects, mature := f.Rebuilt.encode(), f.Bots.encode(), f.Mature.encode()
	head, err := json.Marshal(findingsDoc{f, len(rebuilt), len(suspects), len(mature)})
	if err != nil {
		return nil, err
	}
	return slices.Concat(head, []byte{'\n'}, rebuilt, suspects, mature), nil
}

// DecodeFindings reads what Encode wrote of an experiment. It keeps b.
func DecodeFindings(experiment string, b []byte) (*Findings, error) {
	head, rest, _ := bytes.Cut(b, []byte{'\n'})
	f := &Findings{}
	doc := findingsDoc{Findings: f}
	if err := json.Unmarshal(head, &doc); err != nil {
		return nil, err
	}
	for _, part := range []struct {
		into *StoredCells
		size int
	}{{&f.Rebuilt, doc.Rebuilt}, {&f.Bots, doc.Suspects}, {&f.Mature, doc.Mature}} {
		if part.size < 0 || part.size > len(rest) {
			return nil, fmt.Errorf("the cells are cut off: %d bytes instead of %d", len(rest), part.size)
		}
		*part.into = StoredCells{experiment: experiment, text: rest[:part.size]}
		rest = rest[part.size:]
	}
	return f, nil
}
