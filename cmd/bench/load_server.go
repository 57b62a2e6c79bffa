package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"time"
)

// server is a child process that serves on the loopback.
type server struct {
	addr    string
	process *exec.Cmd
}

// startServer runs a program on the last core, where taskset is there to pin
// it, and waits until it answers.
func startServer(ctx context.Context, port int, program string, args ...string) (*server, error) {
	if pin, err := exec.LookPath("taskset"); err == nil && runtime.NumCPU() > 1 {
		args = append([]string{"-c", fmt.Sprint(runtime.NumCPU() - 1), program}, args...)
		program = pin
	}
	s := &server{addr: fmt.Sprintf("127.0.0.1:%d", port), process: exec.CommandContext(ctx, program, args...)}
	s.process.Env = append(os.Environ(), "GOMAXPROCS=1")
	if err := s.process.Start(); err != nil {
		return nil, err
	}
	deadline := time.Now().Add(30 * time.Second)
	for {
		res, err := http.Get(s.url() + "/readyz")
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return s, nil
			}
		}
		if time.Now().After(deadline) || ctx.Err() != nil {
			s.stop()
			return nil, fmt.Errorf("%s does not become ready: %w", s.addr, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (s *server) url() string { return "http://" + s.addr }

func (s *server) stop() {
	_ = s.process.Process.Kill()
	_ = s.process.Wait() // how it ended says nothing about the measurement
}
