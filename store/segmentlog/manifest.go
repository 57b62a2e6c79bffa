package segmentlog

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/peakday/peakday/events"
)

const idSize = 16

// id names a log for ever. It is random.
type id [idSize]byte

// String is the id in hexadecimal digits.
func (i id) String() string { return hex.EncodeToString(i[:]) }

// MarshalText writes String.
func (i id) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText reads String.
func (i *id) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	if err != nil || len(b) != idSize {
		return fmt.Errorf("id %q: must be %d hexadecimal digits", text, 2*idSize)
	}
	*i = id(b)
	return nil
}

// manifest is what log.json holds: what is fixed when the log is made.
type manifest struct {
	Format     int `json:"format"`
	ID         id  `json:"id"`
	Partitions int `json:"partitions"`
}

const (
	manifestFile = "log.json"
	formatNow    = 1
)

// openManifest reads dir's manifest, or makes one if dir holds no log yet.
func openManifest(dir string, partitions int) (manifest, error) {
	var m manifest
	path := filepath.Join(dir, manifestFile)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return createManifest(dir, partitions)
	}
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(b, &m); err != nil {
		return m, fmt.Errorf("%s: %w", path, err)
	}
	switch {
	case m.Format != formatNow:
		return m, fmt.Errorf("%s: format %d is not known, this program reads %d", path, m.Format, formatNow)
	case m.Partitions < 1 || m.Partitions > events.Parts:
		return m, fmt.Errorf("%s: %d partitions, must be 1 to %d", path, m.Partitions, events.Parts)
	case partitions != 0 && partitions != m.Partitions:
		return m, fmt.Errorf("the log was made with %d partitions, which is fixed: it cannot have %d", m.Partitions, partitions)
	}
	return m, nil
}

func createManifest(dir string, partitions int) (manifest, error) {
	if partitions == 0 {
		partitions = DefaultPartitions
	}
	m := manifest{Format: formatNow, Partitions: partitions}
	numbers, err := listSegments(dir)
	if err != nil {
		return m, err
	}
	if len(numbers) > 0 {
		return m, fmt.Errorf("%s holds segments but no %s", dir, manifestFile)
	}
	if _, err := rand.Read(m.ID[:]); err != nil {
		return m, err
	}
	// An opener that died before may have made dir without making it durable.
	if err := syncDir(filepath.Dir(dir)); err != nil {
		return m, err
	}
	return m, writeJSON(filepath.Join(dir, manifestFile), m)
}

// writeJSON replaces the file at path durably: it holds the old or the new
// value whenever the machine stops.
func writeJSON(path string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return replaceFile(path, append(b, '\n'))
}
