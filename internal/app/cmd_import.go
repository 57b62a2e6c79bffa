package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/peakday/peakday/internal/imports"
)

const importHelp = `Bring CSV (also .gz) or NDJSON files into the store or into a running service.

KIND is orders, behaviour, catalog, stock, exposures or supply. A file's columns
have the names of the fields; --map field=COLUMN names another one:

  peakday import orders sales.csv.gz --map order_id=Invoice --map sku=Code \
      --map time=Date --map price=Unit --map user_id=Customer

Lines that cannot be read are reported and counted; the others are imported. A
file may be imported again: what is there already is a duplicate, not a second
sale.`

// importFlags is what the command line says.
type importFlags struct {
	cfg      Config
	maps     []string
	noHeader bool
	asJSON   bool
	url, key string
}

func (p *Program) imports() *cobra.Command {
	var o importFlags
	c := &cobra.Command{
		Use: "import orders|behaviour|catalog|stock|exposures|supply FILE…", Short: "Bring files into the store or a running service",
		Long: importHelp, Args: cobra.MinimumNArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			// What the command line says outdoes the environment.
			toStore, toURL := c.Flags().Changed("data") || c.Flags().Changed("postgres"), c.Flags().Changed("url")
			if err := p.setUp(c); err != nil {
				return err
			}
			switch {
			case toStore && toURL:
				return usage("--url sends to a running service: --data and --postgres are that service's")
			case toStore:
				o.url = ""
			}
			return p.runImport(c, args[0], args[1:], o)
		},
	}
	f := c.Flags()
	o.cfg.storeFlags(f)
	f.StringArrayVar(&o.maps, "map", nil, "field=column: the column that holds a field")
	f.BoolVar(&o.noHeader, "no-header", false, "the CSV has no header line: --map takes column numbers from 1")
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object")
	f.StringVar(&o.url, "url", "", "send to a running service instead of opening a store")
	f.StringVar(&o.key, "key", "", "access key for --url, with scope manage")
	return c
}

func (p *Program) runImport(c *cobra.Command, kind string, files []string, o importFlags) error {
	columns, err := parseMaps(kind, o.maps, !o.noHeader)
	if err != nil {
		return err
	}
	began := time.Now()
	im := &importing{
		kind: kind, files: files, columns: columns, header: !o.noHeader, batch: importBatch,
		report: p.Stderr, bar: newBar(p.Stderr), now: began,
	}
	if err := p.importInto(c, o, im); err != nil {
		return err
	}
	im.bar.clear()
	im.counts.Seconds = time.Since(began).Seconds()
	if o.asJSON {
		err = json.NewEncoder(p.Stdout).Encode(im.counts)
	} else {
		err = im.counts.print(p.Stdout)
	}
	if err == nil && im.counts.Read > 0 && im.counts.Rejected == im.counts.Read {
		err = errors.New("every line was rejected")
	}
	return err
}

// parseMaps reads --map for a kind of file.
func parseMaps(kind string, maps []string, header bool) (imports.Columns, error) {
	known, required := kindFields(kind)
	if known == nil {
		return nil, usage("there is no kind of file %q: give orders, behaviour, catalog, stock, exposures or supply", kind)
	}
	columns := imports.Columns{}
	for _, m := range maps {
		field, column, ok := strings.Cut(m, "=")
		if !ok || field == "" || column == "" {
			return nil, usage("--map must be field=column, got %q", m)
		}
		if _, twice := columns[field]; twice {
			return nil, usage("--map names the field %q twice", field)
		}
		if !slices.Contains(known, field) {
			return nil, usage("there is no field %q of %s to map: the fields are %s", field, kind, strings.Join(known, ", "))
		}
		if n, err := strconv.Atoi(column); !header && (err != nil || n < 1) {
			return nil, usage("with --no-header, --map %s=… must give the number of a column from 1, got %q", field, column)
		}
		columns[field] = column
	}
	for _, field := range required {
		if _, mapped := columns[field]; !header && !mapped {
			return nil, usage("with --no-header, --map %s=… must give the number of its column", field)
		}
	}
	return columns, nil
}

// importInto opens the sink, imports, and closes it.
func (p *Program) importInto(c *cobra.Command, o importFlags, im *importing) (err error) {
	ctx, cfg := c.Context(), o.cfg
	if o.url != "" {
		if im.into, err = newRemoteSink(o.url, o.key); err != nil {
			return err
		}
		return im.run(ctx)
	}
	if !c.Flags().Changed("log-level") {
		cfg.Logger = slog.New(slog.NewTextHandler(p.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	cfg.TrainByHand = true
	a, err := Open(ctx, cfg)
	if err != nil {
		return err
	}
	a.trainer.quick = true // the service tries two towers on its schedule
	defer func() {
		if closed := a.Close(); err == nil {
			err = closed
		}
	}()
	if err := a.Start(ctx); err != nil {
		return err
	}
	im.into = localSink{a}
	return im.run(ctx)
}

func (c importCounts) print(out io.Writer) error {
	_, err := fmt.Fprintf(out, "read        %d lines in %.1f s\naccepted    %d\nduplicates  %d\nrejected    %d\n",
		c.Read, c.Seconds, c.Accepted, c.Duplicates, c.Rejected)
	return err
}
