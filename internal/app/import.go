package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/internal/imports"
)

// importing brings files of one kind into a store or a running service.
type importing struct {
	kind    string
	files   []string
	columns imports.Columns
	header  bool
	batch   int // how many lines go to the sink at a time
	into    sink
	report  io.Writer // of rejected lines
	bar     *progressBar
	now     time.Time

	counts importCounts
}

// importCounts counts lines.
type importCounts struct {
	Read       int64   `json:"read"`
	Accepted   int64   `json:"accepted"`
	Duplicates int64   `json:"duplicates"`
	Rejected   int64   `json:"rejected"`
	Seconds    float64 `json:"seconds"`
}

// sink is where imported events go.
type sink interface {
	// settings gives the shop's time zone and currency.
	settings(ctx context.Context) (*time.Location, events.Currency, error)

	// send hands over a batch and returns when it is durable.
	send(ctx context.Context, batch []events.Decoded) (events.Receipt, error)

	// supply stores supply data and reports whether it changed anything.
	supply(ctx context.Context, row supplyRow) (changed bool, err error)

	// finish returns when all that was sent is applied.
	finish(ctx context.Context) error
}

// importBatch is how many lines go to the sink at a time in earnest.
const importBatch = 2000

// run imports all files.
func (im *importing) run(ctx context.Context) error {
	zone, currency, err := im.into.settings(ctx)
	if err != nil {
		return err
	}
	for _, name := range im.files {
		kind := newKind(im.kind, imports.Settings{Zone: zone, Currency: currency, Now: im.now})
		if err := im.file(ctx, name, kind, currency); err != nil {
			return err
		}
	}
	im.bar.say("applying")
	if err := im.into.finish(ctx); err != nil {
		return fmt.Errorf("the lines are stored but not applied yet: %w", err)
	}
	return nil
}

// newKind gives the reader of a kind of file; nil for supply, which are no
// events.
func newKind(kind string, s imports.Settings) imports.Kind {
	switch kind {
	case "orders":
		return imports.Orders(s)
	case "behaviour":
		return imports.Behaviour(s)
	case "catalog":
		return imports.Catalog(s)
	case "stock":
		return imports.Stock(s)
	case "exposures":
		return imports.Exposures(s)
	}
	return nil
}

// kindFields gives the fields of a kind of file; nil if there is no such kind.
func kindFields(kind string) (known, required []string) {
	if kind == "supply" {
		return supplyFields()
	}
	if k := newKind(kind, imports.Settings{}); k != nil {
		return k.Fields()
	}
	return nil, nil
}

func (im *importing) file(ctx context.Context, name string, kind imports.Kind, currency events.Currency) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	im.bar.begin(name, info.Size())
	options := imports.Options{Columns: im.columns, NoHeader: !im.header}
	options.Known, options.Required = kindFields(im.kind)
	rows, err := imports.NewRows(name, im.bar.reader(file), options)
	if err != nil {
		return err
	}
	if kind == nil {
		return im.supplies(ctx, rows, currency)
	}
	return im.events(ctx, rows, kind)
}

// events sends the rows' events in batches.
func (im *importing) events(ctx context.Context, rows *imports.Rows, kind imports.Kind) error {
	var batch []events.Decoded
	var lines []imports.Row
	flush := func() error {
		receipt, err := im.into.send(ctx, batch)
		if err != nil {
			return err
		}
		im.counts.Accepted += int64(receipt.Accepted)
		im.counts.Duplicates += int64(receipt.Duplicates)
		for _, r := range receipt.Rejected {
			im.reject(&imports.Problem{File: lines[r.Index].File, Line: lines[r.Index].Line, Text: r.Problem.Error()})
		}
		batch, lines = batch[:0], lines[:0]
		im.bar.update(im.counts)
		return nil
	}
	for row, err := range rows.All() {
		var problem *imports.Problem
		if err != nil && !errors.As(err, &problem) {
			return err
		}
		im.counts.Read++
		var e events.Event
		if problem == nil {
			e, err = kind.Event(row)
		}
		if err != nil {
			if !errors.As(err, &problem) {
				return err
			}
			im.reject(problem)
			continue
		}
		batch = append(batch, events.Decoded{Index: len(batch), Event: e})
		lines = append(lines, row)
		if len(batch) == im.batch {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if len(batch) == 0 {
		return nil
	}
	return flush()
}

// shownRejects is how many rejected lines are shown one by one.
const shownRejects = 20

func (im *importing) reject(p *imports.Problem) {
	im.counts.Rejected++
	switch {
	case im.counts.Rejected <= shownRejects:
		im.bar.clear()
		fmt.Fprintln(im.report, p)
	case im.counts.Rejected == shownRejects+1:
		im.bar.clear()
		fmt.Fprintln(im.report, "… further rejected lines are only counted")
	}
}
