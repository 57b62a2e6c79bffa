package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/peakday/peakday/events"
)

// listDeadLetters lists what could not be applied, with the reasons.
func listDeadLetters(x *exchange) error {
	limit, err := x.integer("limit", defaultItems, 1, maxItems)
	if err != nil {
		return err
	}
	behind, err := x.deadLetterCursor()
	if err != nil {
		return err
	}
	letters, err := x.Consumers.DeadLetters(x.ctx(), behind, limit+1)
	if err != nil {
		return unavailable("the dead letters cannot be read", err)
	}
	out := listing[deadLetter]{Items: []deadLetter{}}
	if len(letters) > limit {
		letters = letters[:limit]
		last := letters[limit-1]
		out.NextCursor = cursorAt(fmt.Sprintf("%s %d %d", last.Log, last.Partition, last.Position))
	}
	for _, l := range letters {
		out.Items = append(out.Items, deadLetterOf(l))
	}
	return x.json(http.StatusOK, out)
}

func (x *exchange) deadLetterCursor() (l events.DeadLetter, err error) {
	text, err := x.cursor()
	if err != nil || text == "" {
		return l, err
	}
	words := strings.Fields(text)
	if len(words) == 3 {
		partition, err1 := strconv.Atoi(words[1])
		position, err2 := strconv.ParseInt(words[2], 10, 64)
		if err1 == nil && err2 == nil {
			return events.DeadLetter{Log: words[0], Partition: partition, Position: events.Position(position)}, nil
		}
	}
	return l, &events.Invalid{Field: "cursor", Problem: "must be the next_cursor of an earlier answer"}
}

type deadLetter struct {
	Partition int             `json:"partition"`
	Position  int64           `json:"position"`
	Appended  time.Time       `json:"appended"`
	Reason    string          `json:"reason"`
	Source    string          `json:"source,omitempty"`
	ID        string          `json:"id,omitempty"`
	Type      string          `json:"type,omitempty"`
	Kind      string          `json:"kind,omitempty" doc:"of the key that the record is for"`
	Key       string          `json:"key,omitempty"`
	Data      json.RawMessage `json:"data,omitempty"`
}

func deadLetterOf(l events.DeadLetter) deadLetter {
	out := deadLetter{Partition: l.Partition, Position: int64(l.Position), Appended: l.Appended, Reason: l.Reason}
	if r, err := events.DecodeRecord(l.Data); err == nil {
		out.Source, out.ID, out.Type, out.Kind, out.Key = r.Source, r.ID, string(r.Type), string(r.Kind), r.Key
		if json.Valid(r.Data) {
			out.Data = r.Data
		}
	}
	return out
}

// replayDeadLetters appends the dead letters to the log again, after their
// cause was mended.
func replayDeadLetters(x *exchange) error {
	done, err := x.replayAll()
	if err != nil {
		return err
	}
	return x.json(http.StatusOK, done)
}

func (x *exchange) replayAll() (replayed, error) {
	done, err := events.Replay(x.ctx(), x.Log, x.Consumers, x.now())
	if err != nil {
		return replayed{}, unavailable("the dead letters could not all be sent again; to do it once more is safe", err)
	}
	return replayed{done.Replayed, done.Unreadable}, nil
}

type replayed struct {
	Replayed   int `json:"replayed"`
	Unreadable int `json:"unreadable" doc:"that are no records and stay"`
}
