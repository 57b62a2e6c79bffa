package app

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"time"
	_ "time/tzdata" // shops name zones that a bare machine may not know

	"github.com/spf13/pflag"

	"github.com/peakday/peakday/events"
)

// Config is every setting of the service. Each has a flag, and an environment
// variable of the flag's name: --data is PEAKDAY_DATA.
type Config struct {
	Addr     string // where HTTP listens
	Data     string // directory of the embedded store, the log and snapshots
	Postgres string // URL; the embedded SQLite if empty
	Redis    string // URL of the profile store; in process if empty
	Timezone string // IANA name; fixed at the first start
	Currency string // ISO 4217; fixed at the first start
	LogLevel string // debug, info, warn, error

	// Clock is the service's clock; time.Now if nil. Only the demo sets it.
	Clock func() time.Time
	// TrainByHand leaves out the training of models by the wall clock, for the
	// demo, whose numbers must not depend on it.
	TrainByHand bool

	// StopByHand leaves experiments running whose guardrail is broken. A
	// simulated play lives through days in seconds: when the clock on the wall
	// stops an experiment would differ from run to run.
	StopByHand bool

	// Logger gets what happens; one to stderr if nil.
	Logger *slog.Logger
}

// defaults of what is fixed at the first start.
const (
	defaultTimezone = "UTC"
	defaultCurrency = "CNY"
)

// storeFlags are the settings that every command with a store shares.
func (c *Config) storeFlags(f *pflag.FlagSet) {
	f.StringVar(&c.Data, "data", "peakday-data", "directory of the embedded store, the event log and snapshots")
	f.StringVar(&c.Postgres, "postgres", "", "URL of a PostgreSQL database to use instead of the embedded one")
	f.StringVar(&c.Redis, "redis", "", "URL of a Redis server that keeps visitors' profiles")
	f.StringVar(&c.Timezone, "timezone", "", "the shop's time zone, fixed at the first start (default "+defaultTimezone+")")
	f.StringVar(&c.Currency, "currency", "", "the shop's currency, fixed at the first start (default "+defaultCurrency+")")
	f.StringVar(&c.LogLevel, "log-level", "info", "debug, info, warn or error")
}

// serveFlags are those of a command that listens.
func (c *Config) serveFlags(f *pflag.FlagSet) {
	f.StringVar(&c.Addr, "addr", "127.0.0.1:8080", "address to listen on; one that is not loopback needs access keys")
}

// fromEnvironment gives every flag that was not set the value of its
// environment variable, if there is one.
func fromEnvironment(f *pflag.FlagSet, lookup func(string) (string, bool)) error {
	var errs []error
	f.VisitAll(func(flag *pflag.Flag) {
		name := "PEAKDAY_" + strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_"))
		if value, set := lookup(name); set && !flag.Changed {
			if err := f.Set(flag.Name, value); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", name, err))
			}
		}
	})
	return errors.Join(errs...)
}

// check reports everything that is wrong with the settings, and fills in what
// only the program sets.
func (c *Config) check() error {
	var errs []error
	if c.Timezone != "" {
		if _, err := time.LoadLocation(c.Timezone); err != nil {
			errs = append(errs, fmt.Errorf("--timezone must be an IANA name such as Asia/Shanghai, got %q", c.Timezone))
		}
	}
	if c.Currency != "" && !events.Currency(c.Currency).Valid() {
		errs = append(errs, fmt.Errorf("--currency must be an ISO 4217 code such as CNY, got %q", c.Currency))
	}
	if _, _, err := net.SplitHostPort(c.Addr); c.Addr != "" && err != nil {
		errs = append(errs, fmt.Errorf("--addr must have the form HOST:PORT such as 127.0.0.1:8080, got %q", c.Addr))
	}
	if c.Postgres != "" && !strings.HasPrefix(c.Postgres, "postgres://") && !strings.HasPrefix(c.Postgres, "postgresql://") {
		errs = append(errs, errors.New("--postgres must be a URL of the form postgres://user:password@host:5432/database"))
	}
	var level slog.Level
	if c.LogLevel == "" {
		c.LogLevel = "info"
	}
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		errs = append(errs, fmt.Errorf("--log-level must be debug, info, warn or error, got %q", c.LogLevel))
	}
	if c.Data == "" {
		errs = append(errs, errors.New("--data must name a directory"))
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	}
	if len(errs) > 0 {
		return &usageError{errors.Join(errs...)}
	}
	return nil
}

// loopback reports whether addr can be reached from this machine only.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
