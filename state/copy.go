package state

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// WriteTo writes a copy of the whole file, all of one moment, while reads and commits go on. The pages that it reads
// cannot be used again before it has ended, so a slow w makes the file grow: write to a disk, then move it away. The
// copy is a state file; free pages with what was deleted are in it too.
func (db *DB) WriteTo(w io.Writer) (n int64, err error) {
	err = db.View(func(tx *Tx) error {
		n, err = tx.bolt.WriteTo(w)
		return err
	})
	if err != nil {
		return n, fmt.Errorf("state: copying %s: %w", db.path, err)
	}
	return n, nil
}

// Copy writes a copy to a new file (mode 0600) beside its final name, and gives it that name when it is whole and on
// the disk. A file that is there already is never overwritten.
func (db *DB) Copy(path string) (n int64, err error) {
	if _, err := os.Lstat(path); err == nil {
		return 0, fmt.Errorf("state: %s is there already; name a new file", path)
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // it has mode 0600
	if err != nil {
		return 0, fmt.Errorf("state: cannot create the copy: %w", err)
	}
	defer os.Remove(file.Name())
	n, err = db.WriteTo(file)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return n, err
	}
	if err := os.Link(file.Name(), path); err != nil { // unlike a rename it refuses a name that is taken
		return n, fmt.Errorf("state: cannot name the copy: %w", err)
	}
	return n, syncDir(filepath.Dir(path))
}
