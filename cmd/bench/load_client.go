package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// turn is what one stretch of load showed.
type turn struct {
	perSecond float64
	p50, p99  float64 // microseconds
}

// ask sends requests over the connections until the turn is over. The client
// writes prepared bytes and reads no more than it must: net/http's own would
// cost more than the servers.
func (l *loading) ask(ctx context.Context, addr, path string) (turn, error) {
	requests := make([][]byte, 2000)
	for i := range requests {
		body := visitor(i)
		requests[i] = append(fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", path, addr, len(body)), body...)
	}
	var (
		mu     sync.Mutex
		all    []time.Duration
		failed error
		group  sync.WaitGroup
		began  = time.Now()
		until  = began.Add(l.each)
	)
	for c := range l.connections {
		group.Go(func() {
			took, err := askOver(ctx, addr, requests, c, until)
			mu.Lock()
			defer mu.Unlock()
			all, failed = append(all, took...), errors.Join(failed, err)
		})
	}
	group.Wait()
	if failed != nil || len(all) == 0 {
		return turn{}, errors.Join(failed, ctx.Err())
	}
	elapsed := time.Since(began)
	slices.Sort(all)
	at := func(q float64) float64 { return float64(all[int(q*float64(len(all)-1))].Nanoseconds()) / 1000 }
	return turn{float64(len(all)) / elapsed.Seconds(), at(.5), at(.99)}, nil
}

// askOver asks over one connection, one request after the other.
func askOver(ctx context.Context, addr string, requests [][]byte, first int, until time.Time) (took []time.Duration, err error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	in := bufio.NewReaderSize(conn, 64<<10)
	for i := first * 131; ctx.Err() == nil; i++ {
		began := time.Now()
		if began.After(until) {
			break
		}
		if _, err := conn.Write(requests[i%len(requests)]); err != nil {
			return took, err
		}
		if err := skipAnswer(in); err != nil {
			return took, err
		}
		took = append(took, time.Since(began))
	}
	return took, nil
}

// skipAnswer reads one answer and looks at nothing but its status.
func skipAnswer(in *bufio.Reader) error {
	res, err := http.ReadResponse(in, nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("status %s", res.Status)
	}
	_, err = io.Copy(io.Discard, res.Body)
	return err
}
