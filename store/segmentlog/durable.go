package segmentlog

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// file is what the log writes to. Tests put failing ones in its place.
type file interface {
	WriteAt(b []byte, offset int64) (int, error)
	Sync() error
	Close() error
}

// makeDir makes dir and those above it, each durable in the one above.
func makeDir(dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	var made []string
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(d); err == nil || !errors.Is(err, fs.ErrNotExist) {
			break
		}
		made = append(made, d)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, d := range made {
		if err := syncDir(filepath.Dir(d)); err != nil {
			return err
		}
	}
	return nil
}

// syncDir makes the names in dir durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// replaceFile gives the file at path new content, durably and all or nothing.
func replaceFile(path string, content []byte) error {
	fresh := path + ".new"
	f, err := os.Create(fresh)
	if err != nil {
		return err
	}
	if err := writeAndClose(f, content); err != nil {
		return err
	}
	if err := os.Rename(fresh, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// keepAside writes bytes that are cut from the file at path into a new file
// beside it and returns that file's path.
func keepAside(path string, offset int64, content []byte) (string, error) {
	for try := 0; ; try++ {
		aside := fmt.Sprintf("%s.%d.torn", path, offset)
		if try > 0 {
			aside = fmt.Sprintf("%s.%d-%d.torn", path, offset, try)
		}
		f, err := os.OpenFile(aside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		if err := writeAndClose(f, content); err != nil {
			return "", err
		}
		return aside, syncDir(filepath.Dir(path))
	}
}

func writeAndClose(f *os.File, content []byte) error {
	_, err := f.Write(content)
	return errors.Join(err, f.Sync(), f.Close())
}
