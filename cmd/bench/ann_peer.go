package main

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
)

//go:embed ann_peer.py
var annPeerScript string

// annPeer is hnswlib in a Python of its own.
type annPeer struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers *bufio.Reader
	name    string
}

// annCommand is a line to the peer.
type annCommand struct {
	Do        string `json:"do"`
	Items     string `json:"items,omitempty"`
	Queries   any    `json:"queries,omitempty"` // build: a file; search: how many
	Dimension int    `json:"dimension,omitempty"`
	Threads   int    `json:"threads,omitempty"`
	Breadth   int    `json:"breadth,omitempty"`
	K         int    `json:"k,omitempty"`
	Labels    bool   `json:"labels"`
	Cache     string `json:"cache,omitempty"` // build: a file to keep the index in
}

// annAnswer is a line from the peer.
type annAnswer struct {
	Version string     `json:"version"`
	Seconds float64    `json:"seconds"`
	CPU     float64    `json:"cpu"`
	Bytes   float64    `json:"bytes"`
	Labels  [][]uint32 `json:"labels"`
	Kept    bool       `json:"kept"` // the index was built by an earlier run
}

// startAnnPeer tries the Pythons in turn; nil when none has hnswlib.
func startAnnPeer(ctx context.Context, pythons ...string) *annPeer {
	for _, python := range pythons {
		if python == "" || exec.CommandContext(ctx, python, "-c", "import hnswlib, numpy").Run() != nil {
			continue
		}
		p := &annPeer{cmd: exec.CommandContext(ctx, python, "-c", annPeerScript)}
		var err error
		if p.in, err = p.cmd.StdinPipe(); err != nil {
			continue
		}
		out, err := p.cmd.StdoutPipe()
		if err != nil || p.cmd.Start() != nil {
			continue
		}
		p.answers = bufio.NewReaderSize(out, 1<<20)
		if a, err := p.ask(annCommand{Do: "version"}); err == nil {
			p.name = "hnswlib " + a.Version
			return p
		}
	}
	return nil
}

func (p *annPeer) ask(c annCommand) (a annAnswer, err error) {
	if err := json.NewEncoder(p.in).Encode(c); err != nil {
		return a, fmt.Errorf("ask hnswlib to %s: %w", c.Do, err)
	}
	line, err := p.answers.ReadBytes('\n')
	if err != nil {
		return a, fmt.Errorf("hnswlib's answer to %s: %w", c.Do, err)
	}
	return a, json.Unmarshal(line, &a)
}

func (p *annPeer) stop() error { return errors.Join(p.in.Close(), p.cmd.Wait()) }
