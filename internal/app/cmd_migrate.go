package app

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (p *Program) migrate() *cobra.Command {
	var cfg Config
	c := &cobra.Command{
		Use: "migrate", Short: "Bring the store's schema up to date", Args: cobra.NoArgs,
		Long: "Bring the store's schema up to date. Every start does this too; run it by itself\nbefore a release reaches the first of several replicas.",
		RunE: func(c *cobra.Command, _ []string) error {
			if err := p.setUp(c); err != nil {
				return err
			}
			a, err := Open(c.Context(), cfg)
			if err != nil {
				return err
			}
			if err := a.Close(); err != nil {
				return err
			}
			_, err = fmt.Fprintln(p.Stdout, "the schema is up to date")
			return err
		},
	}
	cfg.storeFlags(c.Flags())
	return c
}
