package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9/logging"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Program is what a run of the command line sees of the world.
type Program struct {
	Args   []string // without the program's name
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	Lookup func(name string) (value string, set bool) // environment

	// Clock times what evaluate trains; nil: the wall's. Only differences count.
	Clock func() time.Time
}

// Main runs the program on the real world and returns its exit code: 0 for
// success, 1 for failure, 2 for wrong usage.
func Main() int {
	logging.Disable() // go-redis would write to stderr by itself; its errors come back to us
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	p := &Program{Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Lookup: os.LookupEnv}
	return p.Run(ctx)
}

// Run runs one command and returns its exit code.
func (p *Program) Run(ctx context.Context) int {
	root := p.root()
	root.SetArgs(p.Args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintln(p.Stderr, "peakday: "+err.Error())
	var wrongUsage *usageError
	if errors.As(err, &wrongUsage) {
		return 2
	}
	return 1
}

func (p *Program) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "peakday",
		Short:         "Experiments, recommendations and forecasts for the days when a shop sells a year's worth in a night",
		Long:          rootHelp,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetIn(p.Stdin)
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(p.demo(), p.serve(), p.imports(), p.analyze(), p.evaluate(), p.forecast(), p.migrate(), p.events(), p.keys(), p.version())
	markUsage(root)
	return root
}

const rootHelp = `peakday is one service for shops on mega-sale days: deterministic A/B assignment
and honest statistics, recommendations, and sales forecasts that become stock
plans, fed by the shop's order, stock and behaviour events.

  peakday demo                          a simulated Double 11, nothing to install
  peakday import orders orders.csv.gz   bring in what you have
  peakday serve                         the service

Every flag can be set by an environment variable: --data is PEAKDAY_DATA.`

// markUsage makes what cobra finds wrong with a command line a usage error.
func markUsage(c *cobra.Command) {
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usage("%s (see %s --help)", flagFault(err), c.CommandPath())
	})
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				if c.HasSubCommands() {
					return usage("%s (see %s --help)", firstLine(err), c.CommandPath())
				}
				return usage("%s: the form is %s (see %s --help)", firstLine(err), c.UseLine(), c.CommandPath())
			}
			return nil
		}
	}
	for _, sub := range c.Commands() {
		markUsage(sub)
	}
}

// flagFault says in words what is wrong with a flag: of a value that is none,
// what was expected.
func flagFault(err error) string {
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) {
		return err.Error()
	}
	var expected string
	switch kind := invalid.GetFlag().Value.Type(); kind {
	case "int", "uint64":
		expected = "a whole number"
	case "intSlice":
		expected = "whole numbers with commas between"
	case "float64":
		expected = "a number"
	case "float64Slice":
		expected = "numbers with commas between"
	case "bool":
		expected = "true or false"
	default:
		expected = kind
	}
	return fmt.Sprintf("--%s must be %s, got %q", invalid.GetFlag().Name, expected, invalid.GetValue())
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// setUp fills in flags from the environment.
func (p *Program) setUp(c *cobra.Command) error {
	if err := fromEnvironment(c.Flags(), p.Lookup); err != nil {
		return &usageError{err}
	}
	return nil
}
