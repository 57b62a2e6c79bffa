package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/peakday/peakday/api/ui"
	"github.com/peakday/peakday/events"
)

// operationPage shows how far events have been applied and what could not be.
func operationPage(x *exchange) error { return x.showOperation("") }

// maxShownLetters is how many dead letters the page lists.
const maxShownLetters = 50

func (x *exchange) showOperation(done string) error {
	c, err := x.consumers()
	if err != nil {
		return err
	}
	v := ui.Operation{Done: done, Log: c.Log, Lag: c.Lag, Applied: c.Applied, Duplicates: c.Duplicates, Dead: c.Dead, Unknown: c.Unknown, PerSecond: c.PerSecond}
	if x.Ready != nil {
		v.Waiting = x.Ready(x.ctx())
	}
	for _, p := range c.Items {
		row := ui.PartitionRow{Partition: p.Partition, Position: p.Position, Lag: p.Lag, Applied: p.Applied, Duplicates: p.Duplicates, Dead: p.Dead, Unknown: p.Unknown}
		if p.AsOf != nil {
			row.AsOf = x.formatTime(*p.AsOf)
		}
		v.Partitions = append(v.Partitions, row)
	}
	letters, err := x.Consumers.DeadLetters(x.ctx(), events.DeadLetter{}, maxShownLetters+1)
	if err != nil {
		return unavailable("the dead letters cannot be read", err)
	}
	v.More = len(letters) > maxShownLetters
	for _, l := range letters[:min(len(letters), maxShownLetters)] {
		v.Letters = append(v.Letters, x.letterRow(deadLetterOf(l)))
	}
	return x.renderPage(http.StatusOK, "operation", "Operation", v)
}

func (x *exchange) letterRow(l deadLetter) ui.LetterRow {
	row := ui.LetterRow{
		At: fmt.Sprintf("%d/%d", l.Partition, l.Position), Appended: x.formatTime(l.Appended),
		Reason: l.Reason, Source: l.Source, ID: l.ID, Type: l.Type, Key: l.Key,
	}
	var data bytes.Buffer
	if json.Indent(&data, l.Data, "", "  ") == nil {
		row.Data = data.String()
	}
	return row
}

// replayPage sends the dead letters again.
func replayPage(x *exchange) error {
	if _, err := x.checkedForm(); err != nil {
		return err
	}
	done, err := x.replayAll()
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%d sent again.", done.Replayed)
	if done.Unreadable > 0 {
		text += fmt.Sprintf(" %d are no records and stay.", done.Unreadable)
	}
	return x.showOperation(text)
}
