package app

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (p *Program) serve() *cobra.Command {
	var cfg Config
	c := &cobra.Command{
		Use: "serve", Short: "Run the service", Args: cobra.NoArgs,
		Long: "Run the service. Without URLs everything is embedded in the data directory, which\none process may use at a time.",
		RunE: func(c *cobra.Command, _ []string) error {
			if err := p.setUp(c); err != nil {
				return err
			}
			a, err := Open(c.Context(), cfg)
			if err != nil {
				return err
			}
			return a.serveUntilDone(c.Context(), func(url string) { fmt.Fprintln(p.Stderr, "listening on "+url) })
		},
	}
	cfg.storeFlags(c.Flags())
	cfg.serveFlags(c.Flags())
	return c
}
