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
// cause was mended. A record that was applied meanwhile is a duplicate then;
// one that cannot be read at all stays where it is.
func replayDeadLetters(x *exchange) error {
	const atOnce = 1000
	var out replayed
	var behind events.DeadLetter
	for {
		letters, err := x.Consumers.DeadLetters(x.ctx(), behind, atOnce)
		if err != nil {
			return unavailable("the dead letters cannot be read", err)
		}
		if len(letters) == 0 {
			return x.json(http.StatusOK, out)
		}
		behind = letters[len(letters)-1]
		again, entries := readable(letters)
		out.Unreadable += len(letters) - len(again)
		if len(again) == 0 {
			continue
		}
		if err := x.Log.Append(x.ctx(), entries); err != nil {
			return unavailable("the dead letters could not be sent again", err)
		}
		if err := x.Consumers.MarkReplayed(x.ctx(), again, x.now()); err != nil {
			return unavailable("the dead letters were sent again, but not marked; to send them once more is safe", err)
		}
		out.Replayed += len(again)
	}
}

type replayed struct {
	Replayed   int `json:"replayed"`
	Unreadable int `json:"unreadable" doc:"that are no records and stay"`
}

// readable picks the letters that are records.
func readable(letters []events.DeadLetter) (again []events.DeadLetter, entries []events.Entry) {
	for _, l := range letters {
		r, err := events.DecodeRecord(l.Data)
		if err != nil {
			continue
		}
		again = append(again, l)
		entries = append(entries, events.Entry{Part: r.Part(), Data: l.Data})
	}
	return again, entries
}
