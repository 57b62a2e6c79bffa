package main

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
)

func readTime(text string) (time.Time, error) {
	if len(text) == len(time.DateOnly) {
		return time.Parse(time.DateOnly, text)
	}
	return time.Parse(time.DateTime, text)
}

// readTable visits the rows of a CSV file.
func readTable(path string, visit func(get func(string) string) error) error {
	rows, file, err := openTable(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	rows.ReuseRecord = true
	head, err := rows.Read()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	names := slices.Clone(head)
	for line := 2; ; line++ {
		record, err := rows.Read()
		if record == nil {
			if err.Error() == "EOF" {
				return nil
			}
			return fmt.Errorf("%s: %w", path, err)
		}
		get := func(name string) string {
			if i := slices.Index(names, name); i >= 0 {
				return record[i]
			}
			return ""
		}
		if err := visit(get); err != nil {
			return fmt.Errorf("%s:%d: %w", path, line, err)
		}
	}
}

// openTable opens a CSV file, gzipped if its name says so.
func openTable(path string) (*csv.Reader, io.Closer, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	if !strings.HasSuffix(path, ".gz") {
		return csv.NewReader(file), file, nil
	}
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("%s: %w", path, err), file.Close())
	}
	return csv.NewReader(unzipped), file, nil
}
