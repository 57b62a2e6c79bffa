package segmentlog_test

import (
	"context"
	"fmt"
	"os"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/store/segmentlog"
)

func Example() {
	dir, err := os.MkdirTemp("", "segmentlog")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)

	log, err := segmentlog.Open(dir, segmentlog.Options{Partitions: 4})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	// Part 6 lies in partition 2 of 4. Append returns when both are on disk.
	err = log.Append(ctx, []events.Entry{
		{Part: 6, Data: []byte("deposit paid")},
		{Part: 6, Data: []byte("final payment")},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	stored, err := log.Read(ctx, 2, 0, 100)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range stored {
		fmt.Printf("%d %s\n", e.Position, e.Data)
	}
	fmt.Println(log.Close())
	// Output:
	// 1 deposit paid
	// 2 final payment
	// <nil>
}
