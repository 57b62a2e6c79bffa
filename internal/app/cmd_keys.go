package app

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/peakday/peakday/api"
	"github.com/peakday/peakday/store/postgres"
	"github.com/peakday/peakday/store/sqldb"
	"github.com/peakday/peakday/store/sqlite"
)

// scopes are what a key may be used for.
func scopes() []string {
	var out []string
	for _, s := range api.Scopes() {
		out = append(out, string(s))
	}
	return out
}

func (p *Program) keys() *cobra.Command {
	c := &cobra.Command{Use: "keys", Short: "Access keys", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.AddCommand(p.keysCreate(), p.keysList(), p.keysRevoke())
	return c
}

// openDB opens the database alone: keys may be changed while the service runs.
func openDB(ctx context.Context, cfg Config) (*sqldb.DB, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	if cfg.Postgres != "" {
		return postgres.Open(ctx, cfg.Postgres, nil)
	}
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
	}
	return sqlite.Open(ctx, filepath.Join(cfg.Data, "peakday.db"), nil)
}

// withDB makes a command that works on the database alone. check looks at its
// flags first; it may be nil.
func (p *Program) withDB(c *cobra.Command, check func() error, run func(ctx context.Context, db *sqldb.DB, args []string) error) *cobra.Command {
	var cfg Config
	cfg.storeFlags(c.Flags())
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := p.setUp(c); err != nil {
			return err
		}
		if check != nil {
			if err := check(); err != nil {
				return err
			}
		}
		db, err := openDB(c.Context(), cfg)
		if err != nil {
			return err
		}
		return errors.Join(run(c.Context(), db, args), db.Close())
	}
	return c
}

func (p *Program) keysCreate() *cobra.Command {
	var (
		granted, origins []string
		asJSON           bool
	)
	c := &cobra.Command{
		Use: "create NAME", Short: "Make a key; its secret is shown once", Args: cobra.ExactArgs(1),
		Long: "Make a key. Its secret is shown once and not stored. A running service knows the\nkey within a second.\n\nScopes: " + strings.Join(scopes(), ", ") + ".",
	}
	c.Flags().StringSliceVar(&granted, "scopes", nil, "what the key may do, separated by commas (required)")
	c.Flags().StringSliceVar(&origins, "origins", nil, "from which origins browsers may use it, such as https://shop.example")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	check := func() error {
		if len(granted) == 0 {
			return usage("--scopes is required: %s", strings.Join(scopes(), ", "))
		}
		for _, s := range granted {
			if !slices.Contains(scopes(), s) {
				return usage("there is no scope %q: give %s", s, strings.Join(scopes(), ", "))
			}
		}
		for _, o := range origins {
			if u, err := url.Parse(o); err != nil || u.Scheme == "" || u.Scheme+"://"+u.Host != o {
				return usage("--origins must have the form https://shop.example, got %q", o)
			}
		}
		return nil
	}
	return p.withDB(c, check, func(ctx context.Context, db *sqldb.DB, args []string) error {
		secret, key := newKey(args[0], granted, origins, time.Now())
		if err := db.AddKey(ctx, key); err != nil {
			return err
		}
		if asJSON {
			return json.NewEncoder(p.Stdout).Encode(map[string]any{"id": key.ID, "name": key.Name, "scopes": granted, "origins": origins, "secret": secret})
		}
		_, err := fmt.Fprintf(p.Stdout, "id      %s\nsecret  %s\n\nThe secret is not shown again. Send it as \"Authorization: Bearer …\".\n", key.ID, secret)
		return err
	})
}

// newKey makes a secret and the key that goes with it.
func newKey(name string, granted, origins []string, now time.Time) (secret string, k sqldb.Key) {
	secret = api.NewSecret()
	return secret, sqldb.Key{
		ID: strings.ToLower(rand.Text()[:12]), Hash: api.HashSecret(secret), Name: name, Scopes: granted, Origins: origins, Created: now,
	}
}

func (p *Program) keysList() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{Use: "list", Short: "List the keys", Args: cobra.NoArgs}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return p.withDB(c, nil, func(ctx context.Context, db *sqldb.DB, _ []string) error {
		all, err := db.Keys(ctx)
		if err != nil {
			return err
		}
		if asJSON {
			return json.NewEncoder(p.Stdout).Encode(map[string]any{"items": listedKeys(all)})
		}
		w := tabwriter.NewWriter(p.Stdout, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tNAME\tSCOPES\tORIGINS\tCREATED\tREVOKED")
		for _, k := range listedKeys(all) {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.Name, strings.Join(k.Scopes, ","), strings.Join(k.Origins, ","), k.Created, k.Revoked)
		}
		return w.Flush()
	})
}

// listedKey is a key as it is shown.
type listedKey struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Scopes  []string `json:"scopes"`
	Origins []string `json:"origins,omitempty"`
	Created string   `json:"created"`
	Revoked string   `json:"revoked,omitempty"`
}

func listedKeys(all []sqldb.Key) []listedKey {
	out := make([]listedKey, len(all))
	for i, k := range all {
		out[i] = listedKey{ID: k.ID, Name: k.Name, Scopes: k.Scopes, Origins: k.Origins, Created: k.Created.Format(time.RFC3339)}
		if !k.Revoked.IsZero() {
			out[i].Revoked = k.Revoked.Format(time.RFC3339)
		}
	}
	return out
}

func (p *Program) keysRevoke() *cobra.Command {
	c := &cobra.Command{Use: "revoke ID", Short: "End a key from now on", Args: cobra.ExactArgs(1)}
	return p.withDB(c, nil, func(ctx context.Context, db *sqldb.DB, args []string) error {
		if err := db.RevokeKey(ctx, args[0], time.Now()); err != nil {
			if errors.Is(err, sqldb.ErrNoKey) {
				return fmt.Errorf("there is no key %q in force: see peakday keys list", args[0])
			}
			return err
		}
		_, err := fmt.Fprintln(p.Stdout, "revoked", args[0])
		return err
	})
}
