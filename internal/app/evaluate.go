package app

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/internal/imports"
	"github.com/peakday/peakday/recommend"
	"github.com/peakday/peakday/recommend/offline"
)

// evaluation is what `peakday evaluate` was told of its files.
type evaluation struct {
	file, test                      string
	user, item, time, event, target string
	items, itemKey                  string
	split                           string
	session                         bool

	protocol offline.Protocol
	mark     string  // column that says which rows are of the test
	clock    bool    // some time is one of a clock
	unit     float64 // of times that are numbers, in microseconds; 0 before the first
}

// check refuses flags that do not go together and reads --split.
func (e *evaluation) check() error {
	switch {
	case e.user == "":
		return usage("--user is required: the column of the user")
	case e.item == "":
		return usage("--item is required: the column of the item")
	case e.target != "" && e.event == "":
		return usage("--target needs --event: the column whose value it is")
	case (e.items == "") != (e.itemKey == ""):
		return usage("--items and --item-key go together: a file of items, and its column of the item")
	case e.test != "" && e.split != "":
		return usage("--test and --split exclude one another: the test rows have a file of their own, or are split off")
	}
	e.protocol = offline.Protocol{Session: e.session, Ordered: e.time != ""}
	kind, value, _ := strings.Cut(e.split, ":")
	share, err := strconv.ParseFloat(value, 64)
	switch {
	case e.test != "":
		e.protocol.Split = offline.ByMark
	case kind == "" && e.session:
		e.protocol.Split, e.protocol.Share = offline.ByTime, 0.9
	case kind == "" || e.split == "leave-one-out":
		e.protocol.Split = offline.LeaveOneOut
	case kind == "time" && err == nil && share > 0 && share < 1:
		e.protocol.Split, e.protocol.Share = offline.ByTime, share
	case kind == "column" && value != "":
		e.protocol.Split, e.mark = offline.ByMark, value
	default:
		return usage("--split must be leave-one-out, time:SHARE with a share of the rows between 0 and 1, or column:COL, got %q", e.split)
	}
	return nil
}

// run reads the files and measures.
func (e *evaluation) run(ctx context.Context, o offline.Options) (*offline.Report, error) {
	o.Tell("reading " + e.file)
	rows, err := e.read(e.file, nil, false)
	if err != nil {
		return nil, err
	}
	if e.test != "" {
		if rows, err = e.read(e.test, rows, true); err != nil {
			return nil, err
		}
	}
	attributes, err := e.attributes()
	if err != nil {
		return nil, err
	}
	e.protocol.Clock = e.clock
	return offline.Evaluate(ctx, offline.NewData(rows, attributes, e.protocol), o)
}

// each calls do with every row of a file that has these columns. The first bad
// row ends the reading: a measurement of half a file would mislead.
func each(file string, columns []string, do func(imports.Row) error) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	rows, err := imports.NewRows(file, f, imports.Options{AsIs: true, Required: columns})
	if err != nil {
		return err
	}
	for row, err := range rows.All() {
		if err == nil {
			err = do(row)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// read adds a file's rows.
func (e *evaluation) read(file string, rows []offline.Row, test bool) ([]offline.Row, error) {
	var columns []string
	for _, c := range []string{e.user, e.item, e.time, e.event, e.mark} {
		if c != "" {
			columns = append(columns, c)
		}
	}
	before := len(rows)
	targets := 0
	err := each(file, columns, func(row imports.Row) error {
		r, err := e.row(row, int64(len(rows)))
		if err != nil {
			return err
		}
		r.Test = r.Test || test
		if r.Target {
			targets++
		}
		rows = append(rows, r)
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case len(rows) == before:
		return nil, fmt.Errorf("%s: has no rows", file)
	case targets == 0:
		return nil, fmt.Errorf("%s: no row has %q in column %s, which --target asks for", file, e.target, e.event)
	}
	return rows, nil
}

// firstClock is the number of seconds from which a time is taken for one of a
// clock: 1973. Smaller ones are positions in a history.
const firstClock = 100_000_000

// row reads one row; number is its place in the file.
func (e *evaluation) row(row imports.Row, number int64) (offline.Row, error) {
	r := offline.Row{At: number, Target: true}
	for _, id := range []struct{ column, value string }{{e.user, row.Get(e.user)}, {e.item, row.Get(e.item)}} {
		if err := events.CheckID(id.column, id.value); err != nil {
			var invalid *events.Invalid
			if errors.As(err, &invalid) {
				return r, row.Problem(id.column, invalid.Problem)
			}
			return r, row.Problem(id.column, err.Error())
		}
	}
	r.User, r.Item = row.Get(e.user), events.ItemID(row.Get(e.item))
	if e.time != "" {
		var ok bool
		if r.At, ok = e.micros(row.Get(e.time)); !ok {
			return r, row.Problem(e.time, fmt.Sprintf("must be a time such as 2026-11-11T20:00:00+08:00, 2026-11-11 20:00:00, Unix seconds or milliseconds, or any rising number, got %q", row.Get(e.time)))
		}
		e.clock = e.clock || r.At >= firstClock*1e6
	}
	if e.event != "" {
		value := row.Get(e.event)
		if value == "" {
			return r, row.Problem(e.event, "must say what was done, got nothing")
		}
		r.Target = e.target == "" || value == e.target
		r.Action = actionOf(value, r.Target && e.target != "")
	}
	if e.mark != "" {
		switch strings.ToLower(row.Get(e.mark)) {
		case "test":
			r.Test = true
		case "train", "training", "valid", "validation":
		default:
			return r, row.Problem(e.mark, fmt.Sprintf("must be train or test, got %q", row.Get(e.mark)))
		}
	}
	return r, nil
}

// micros reads a time as microseconds. A number is one of seconds, or of the
// milliseconds, microseconds or nanoseconds that the first number of the file
// must be to lie within the next two centuries: all numbers have one unit, so
// that they keep their order.
func (e *evaluation) micros(text string) (at int64, ok bool) {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t, ok := imports.ReadTime(text, time.UTC)
		return events.Micros(t), ok
	}
	if e.unit == 0 {
		for e.unit = 1e6; e.unit > 1e-3 && math.Abs(n) >= lastSecond*1e6/e.unit; {
			e.unit /= 1000
		}
	}
	n = math.Round(n * e.unit)
	return int64(n), math.Abs(n) < 1<<62
}

// lastSecond is the number of seconds from which a number is of a finer unit:
// 2191.
const lastSecond = 7e9

// actionOf reads the name of an event. What is not known is a view, or a
// purchase if it is what counts.
func actionOf(event string, target bool) recommend.Action {
	switch strings.ToLower(event) {
	case "view", "click", "pv", "product.viewed", "product.clicked":
		return recommend.View
	case "favorite", "fav", "product.favorited":
		return recommend.Favorite
	case "cart", "add", "product.added":
		return recommend.Cart
	case "buy", "purchase", "order", "order.placed":
		return recommend.Buy
	}
	if target {
		return recommend.Buy
	}
	return recommend.View
}

// attributes reads the file of items, if there is one.
func (e *evaluation) attributes() (map[events.ItemID][]offline.Attribute, error) {
	if e.items == "" {
		return nil, nil
	}
	out := map[events.ItemID][]offline.Attribute{}
	err := each(e.items, []string{e.itemKey}, func(row imports.Row) error {
		item := events.ItemID(row.Get(e.itemKey))
		if item == "" {
			return row.Problem(e.itemKey, "must name an item, got nothing")
		}
		for _, field := range row.Names() {
			if field == e.itemKey {
				continue
			}
			for _, value := range valuesOf(row.Get(field)) {
				out[item] = append(out[item], offline.Attribute{Field: field, Value: value})
			}
		}
		return nil
	})
	return out, err
}

// valuesOf cuts a cell into its values.
func valuesOf(cell string) []string {
	apart := func(r rune) bool { return r == '|' }
	if !strings.Contains(cell, "|") {
		apart = func(r rune) bool { return r == ' ' }
	}
	return strings.FieldsFunc(cell, apart)
}
