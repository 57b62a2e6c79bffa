package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/internal/app"
)

// shopConfig tells the process that serves a shop what to do.
type shopConfig struct {
	Shop    shopData
	Data    string // directory
	Whole   bool   // through intake, log and database; else into the online states alone
	Profile string // a directory for CPU profiles of loading, training and answering; empty: none
}

// shopState is what it reports before it answers.
type shopState struct {
	URL          string
	Events       int
	Load, Train  cost
	Heap, Empty  uint64 // bytes alive, and before there was anything
	Items, Steps int    // that the model knows
	Ranking      string // what orders its candidates
}

// cost is what something took.
type cost struct{ Wall, CPU time.Duration }

// serveShop fills and trains a shop and answers for it until the standard
// input ends. For each line that comes it prints the CPU time it has used, in
// microseconds.
func serveShop(ctx context.Context, args []string) error {
	var config shopConfig
	if len(args) != 1 || json.Unmarshal([]byte(args[0]), &config) != nil {
		return fmt.Errorf("%w: shop takes its configuration as JSON", errUsage)
	}
	shop, err := app.OpenShop(ctx, app.Config{Addr: "127.0.0.1:0", Data: config.Data, Clock: config.Shop.end})
	if err != nil {
		return err
	}
	defer func() { _ = shop.Close() }() // the directory is thrown away
	ready, err := config.fill(ctx, shop)
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	if err := out.Encode(ready); err != nil {
		return err
	}
	_, err = config.watch("answer", func() error {
		for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
			if err := out.Encode(processCPU().Microseconds()); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// watch says what do took, and writes a profile of it if one is wanted.
func (c *shopConfig) watch(name string, do func() error) (used cost, err error) {
	if c.Profile != "" {
		file, err := os.Create(filepath.Join(c.Profile, c.Shop.Name+"-"+name+".prof"))
		if err != nil {
			return used, err
		}
		defer file.Close()
		if err := pprof.StartCPUProfile(file); err != nil {
			return used, err
		}
		defer pprof.StopCPUProfile()
	}
	began, cpu := time.Now(), processCPU()
	err = do()
	return cost{time.Since(began), processCPU() - cpu}, err
}

// fill makes the data, loads it, and trains.
func (c *shopConfig) fill(ctx context.Context, shop *app.Shop) (ready shopState, err error) {
	ready = shopState{URL: shop.URL(), Empty: shop.Memory()}
	products, acts := c.Shop.make()
	ready.Events = len(acts)
	ready.Load, err = c.watch("load", func() error {
		if c.Whole {
			return shop.Fill(ctx, func(in *events.Intake) error {
				return each(c.Shop.batches(products, acts), func(batch []events.Event) error { return accept(ctx, in, batch) })
			})
		}
		return each(c.Shop.batches(products, acts), func(batch []events.Event) error { return shop.Fold(ctx, batch) })
	})
	if err != nil {
		return ready, err
	}
	ready.Train, err = c.watch("train", func() error {
		if c.Whole {
			return shop.Train(ctx)
		}
		return shop.Learn(ctx, c.Shop.interactions(acts))
	})
	ready.Items, ready.Steps, ready.Ranking = shop.Model()
	ready.Heap = shop.Memory()
	return ready, err
}

func each(batches iter.Seq[[]events.Event], do func([]events.Event) error) error {
	for batch := range batches {
		if err := do(batch); err != nil {
			return err
		}
	}
	return nil
}

func accept(ctx context.Context, in *events.Intake, batch []events.Event) error {
	decoded := make([]events.Decoded, len(batch))
	for i, e := range batch {
		decoded[i] = events.Decoded{Index: i, Event: e}
	}
	receipt, err := in.Accept(ctx, decoded, events.Channel{Trusted: true, Imported: true})
	if err == nil && len(receipt.Rejected) > 0 {
		err = receipt.Rejected[0].Problem
	}
	return err
}

// shopServer is the process of serveShop, seen from outside.
type shopServer struct {
	shopState
	addr    string
	process *exec.Cmd
	out     *bufio.Scanner
	in      interface {
		Write([]byte) (int, error)
		Close() error
	}
}

// startShop runs serveShop in a process of its own, on one core or on all.
func startShop(ctx context.Context, config shopConfig, cores int) (*shopServer, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	args := []string{self, "shop", string(text)}
	if pin, err := exec.LookPath("taskset"); err == nil && cores < runtime.NumCPU() {
		args = append([]string{pin, "-c", fmt.Sprintf("%d-%d", runtime.NumCPU()-cores, runtime.NumCPU()-1)}, args...)
	}
	s := &shopServer{process: exec.CommandContext(ctx, args[0], args[1:]...)}
	s.process.Env = append(os.Environ(), fmt.Sprint("GOMAXPROCS=", cores))
	s.process.Stderr = os.Stderr
	out, err := s.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if s.in, err = s.process.StdinPipe(); err != nil {
		return nil, err
	}
	if err := s.process.Start(); err != nil {
		return nil, err
	}
	s.out = bufio.NewScanner(out)
	if !s.out.Scan() || json.Unmarshal(s.out.Bytes(), &s.shopState) != nil {
		return nil, fmt.Errorf("the shop did not open: %w", s.stop())
	}
	s.addr = strings.TrimPrefix(s.URL, "http://")
	return s, nil
}

// cpu is the CPU time that the server has used so far.
func (s *shopServer) cpu() (time.Duration, error) {
	var micros int64
	if _, err := s.in.Write([]byte("\n")); err != nil {
		return 0, err
	}
	if !s.out.Scan() {
		return 0, fmt.Errorf("the shop has gone: %w", s.out.Err())
	}
	err := json.Unmarshal(s.out.Bytes(), &micros)
	return time.Duration(micros) * time.Microsecond, err
}

// stop lets the server end by itself.
func (s *shopServer) stop() error {
	_ = s.in.Close() // the process says how it ended
	return s.process.Wait()
}
