package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// lockAlone takes the lock of a state file, as bbolt does, without reading it: the file may be the damaged one that a
// backup is to replace. Where there is no file there is nothing to lock.
func lockAlone(path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return func() {}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("state: %s: %w", path, ErrLocked), file.Close())
	}
	return func() { file.Close() }, nil
}

// giveTo makes a file that root restores one of the user whose state it is.
func giveTo(fresh, path string) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		path = filepath.Dir(path)
	}
	return GiveToOwner(fresh, path)
}

// GiveToOwner makes a file that root wrote one of the user to whom something else belongs, the state's folder for
// example: the daemon runs as that user, and could not open what is root's.
func GiveToOwner(fresh, like string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(like)
	if err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	return os.Chown(fresh, int(owner.Uid), int(owner.Gid))
}

// stillThere says whether the file that was opened is the one of that name: while one waited for its lock, a backup may
// have taken its place.
func stillThere(file *os.File, path string) bool {
	opened, err := file.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(path)
	return err == nil && os.SameFile(opened, named)
}
