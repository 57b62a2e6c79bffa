// Command bench measures peakday: go run ./cmd/bench NAME [--json] [--write].
//
// A benchmark prints a table with the machine, the commit and the command. What
// is compared is measured side by side in one run. --write puts the table into
// docs/benchmarks.md, from where the README takes its numbers.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"github.com/spf13/pflag"
)

// benchmark is one entry of the list.
type benchmark struct {
	name  string
	about string
	flags func(*pflag.FlagSet)
	run   func(ctx context.Context) (*report, error)
}

func benchmarks() []benchmark {
	return []benchmark{
		assignBenchmark(), ingestBenchmark(), loadBenchmark(),
		reportBenchmark(), statsBenchmark(),
		annBenchmark(), recommendBenchmark(), evaluateBenchmark(),
		forecastBenchmark(), forecastSpeedBenchmark(), planBenchmark(),
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt ends what looks at no context
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench: "+err.Error())
		if errors.Is(err, errUsage) {
			os.Exit(2)
		}
		os.Exit(1)
	}
}

var errUsage = errors.New("usage: go run ./cmd/bench NAME [--json] [--write]")

func run(ctx context.Context, args []string) error {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		return fmt.Errorf("%w\n%s", errUsage, list())
	}
	switch args[0] {
	case "bare": // the other server of the benchmark load
		return serveBare(args[1:])
	case "shop": // the server of the benchmark recommend
		return serveShop(ctx, args[1:])
	}
	for _, b := range benchmarks() {
		if b.name == args[0] {
			return b.measure(ctx, args)
		}
	}
	return fmt.Errorf("%w\nthere is no benchmark %q\n%s", errUsage, args[0], list())
}

// measure runs the benchmark that args name and prints its report.
func (b benchmark) measure(ctx context.Context, args []string) error {
	flags := pflag.NewFlagSet(b.name, pflag.ContinueOnError)
	asJSON := flags.Bool("json", false, "print one JSON object")
	write := flags.Bool("write", false, "put the table into docs/benchmarks.md")
	if b.flags != nil {
		b.flags(flags)
	}
	if err := flags.Parse(args[1:]); err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	r, err := b.run(ctx)
	if err != nil || r == nil { // nil: a process of the benchmark's own
		return err
	}
	if r.Name == "" {
		r.Name = b.name
	}
	r.About, r.Command = b.about, "go run ./cmd/bench "+strings.Join(withoutSwitches(args), " ")
	r.Headline, r.Machine, r.Commit = headline(b.name, r.Values), machine(), commit(ctx)
	if *write {
		if err := r.writeInto("docs/benchmarks.md"); err != nil {
			return err
		}
	}
	if *asJSON {
		return json.NewEncoder(os.Stdout).Encode(r)
	}
	fmt.Print(r.markdown())
	return nil
}

func list() string {
	var b strings.Builder
	for _, x := range benchmarks() {
		fmt.Fprintf(&b, "  %-10s %s\n", x.name, x.about)
	}
	return b.String()
}
