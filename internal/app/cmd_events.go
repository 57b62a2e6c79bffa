package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/store/sqldb"
)

func (p *Program) events() *cobra.Command {
	c := &cobra.Command{Use: "events", Short: "The event log", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	dead := &cobra.Command{
		Use: "dead-letters", Short: "Records that could not be applied", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	dead.AddCommand(p.deadLettersList(), p.deadLettersReplay())
	c.AddCommand(dead)
	return c
}

// listedLetter is a dead letter as it is shown.
type listedLetter struct {
	Partition int    `json:"partition"`
	Position  int64  `json:"position"`
	Appended  string `json:"appended"`
	Reason    string `json:"reason"`
	Source    string `json:"source,omitempty"`
	ID        string `json:"id,omitempty"`
	Type      string `json:"type,omitempty"`
	Key       string `json:"key,omitempty"`
}

func listLetter(l events.DeadLetter) listedLetter {
	out := listedLetter{Partition: l.Partition, Position: int64(l.Position), Appended: l.Appended.UTC().Format(time.RFC3339), Reason: l.Reason}
	if r, err := events.DecodeRecord(l.Data); err == nil {
		out.Source, out.ID, out.Type, out.Key = r.Source, r.ID, string(r.Type), string(r.Kind)+":"+r.Key
	}
	return out
}

func (p *Program) deadLettersList() *cobra.Command {
	var (
		limit  int
		asJSON bool
	)
	c := &cobra.Command{Use: "list", Short: "List them with their reasons", Args: cobra.NoArgs}
	c.Flags().IntVar(&limit, "limit", 100, "how many at most")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	check := func() error {
		if limit < 1 {
			return usage("--limit must be at least 1, got %d", limit)
		}
		return nil
	}
	return p.withDB(c, check, func(ctx context.Context, db *sqldb.DB, _ []string) error {
		letters, err := db.DeadLetters(ctx, events.DeadLetter{}, limit)
		if err != nil {
			return err
		}
		items := make([]listedLetter, len(letters))
		for i, l := range letters {
			items[i] = listLetter(l)
		}
		if asJSON {
			return json.NewEncoder(p.Stdout).Encode(map[string]any{"items": items})
		}
		w := tabwriter.NewWriter(p.Stdout, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "PARTITION\tPOSITION\tAPPENDED\tTYPE\tID\tKEY\tREASON")
		for _, l := range items {
			fmt.Fprintf(w, "%d\t%d\t%s\t%s\t%s\t%s\t%s\n", l.Partition, l.Position, l.Appended, l.Type, l.ID, l.Key, l.Reason)
		}
		return w.Flush()
	})
}

func (p *Program) deadLettersReplay() *cobra.Command {
	var cfg Config
	c := &cobra.Command{
		Use: "replay", Short: "Append them to the log again, after their cause was mended", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := p.setUp(c); err != nil {
				return err
			}
			cfg.TrainByHand = true
			a, err := Open(c.Context(), cfg)
			if err != nil {
				return err
			}
			done, err := a.replayThem(c.Context())
			if err = errors.Join(err, a.Close()); err != nil {
				return err
			}
			_, err = fmt.Fprintf(p.Stdout, "replayed %d; those that are still refused are dead letters again; %d are no records and stay\n", done.Replayed, done.Unreadable)
			return err
		},
	}
	cfg.storeFlags(c.Flags())
	return c
}

// replayThem replays all dead letters and waits until they are applied.
func (a *App) replayThem(ctx context.Context) (events.Replayed, error) {
	if err := a.Start(ctx); err != nil {
		return events.Replayed{}, err
	}
	done, err := events.Replay(ctx, a.log, a.db, a.clock())
	if err != nil {
		return done, err
	}
	return done, a.consumer.CaughtUp(ctx)
}
