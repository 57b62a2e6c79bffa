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
	took      []time.Duration // by each request, rising
}

// at is a quantile of the time that requests took, in microseconds.
func (t *turn) at(q float64) float64 {
	return float64(t.took[int(q*float64(len(t.took)-1))].Nanoseconds()) / 1000
}

// closedLoop sends requests over the connections, each the next one when the answer
// is there, until the turn is over. The client writes prepared bytes and reads
// no more than it must: net/http's own would cost more than the servers.
func closedLoop(ctx context.Context, addr string, requests [][]byte, connections int, length time.Duration) (turn, error) {
	until := time.Now().Add(length)
	return together(connections, func(number int) (took []time.Duration, err error) {
		c, err := dial(ctx, addr)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, c.Close()) }()
		for i := number * 131; ctx.Err() == nil; i++ {
			began := time.Now()
			if began.After(until) {
				break
			}
			if err := c.ask(requests[i%len(requests)]); err != nil {
				return took, err
			}
			took = append(took, time.Since(began))
		}
		return took, nil
	})
}

// mostOpen is how many connections openLoop opens.
const mostOpen = 128

// openLoop sends requests by a schedule that does not wait for answers, rate a
// second. A request's time begins when it was due, so that one which waits
// behind a slow one is slow as well.
func openLoop(ctx context.Context, addr string, requests [][]byte, rate int, length time.Duration) (turn, error) {
	n := int(length.Seconds() * float64(rate))
	type due struct {
		request []byte
		at      time.Time
	}
	schedule := make(chan due, n)                   // holds all that is late
	began := time.Now().Add(100 * time.Millisecond) // to open the connections
	go func() {
		defer close(schedule)
		for i := range n {
			at := began.Add(time.Duration(i) * time.Second / time.Duration(rate))
			time.Sleep(time.Until(at))
			schedule <- due{requests[i%len(requests)], at}
		}
	}()
	return together(mostOpen, func(int) (took []time.Duration, err error) {
		c, err := dial(ctx, addr)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, c.Close()) }()
		for d := range schedule {
			if err := c.ask(d.request); err != nil {
				return took, err
			}
			took = append(took, time.Since(d.at))
		}
		return took, nil
	})
}

// together runs n clients at a time.
func together(n int, client func(number int) ([]time.Duration, error)) (turn, error) {
	var (
		mu     sync.Mutex
		all    []time.Duration
		failed error
		group  sync.WaitGroup
		began  = time.Now()
	)
	for number := range n {
		group.Go(func() {
			took, err := client(number)
			mu.Lock()
			defer mu.Unlock()
			all, failed = append(all, took...), errors.Join(failed, err)
		})
	}
	group.Wait()
	elapsed := time.Since(began)
	if failed == nil && len(all) == 0 {
		failed = errors.New("no request was answered")
	}
	slices.Sort(all)
	return turn{float64(len(all)) / elapsed.Seconds(), all}, failed
}

// connection asks one request after the other.
type connection struct {
	net.Conn
	in *bufio.Reader
}

func dial(ctx context.Context, addr string) (*connection, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return &connection{conn, bufio.NewReaderSize(conn, 64<<10)}, nil
}

// ask reads the answer and looks at nothing but its status.
func (c *connection) ask(request []byte) error {
	if _, err := c.Write(request); err != nil {
		return err
	}
	res, err := http.ReadResponse(c.in, nil)
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
