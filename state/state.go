// Package state hides the one file in which everything durable lies: histories, events, and what later joins them.
//
// In go functions that read or change buckets; out comes the promise that a change whose Update returned nil
// survives the death of the process and of the machine. Changes that arrive while a commit is on its way to the
// disk share the next one (group commit), so that 64 sessions cost little more than one. Other packages own
// buckets in the file; this one owns the file, its lock, its format version and its transactions.
//
// # Limits
//
//   - One process at a time: a second one gets ErrLocked after a second.
//   - A key has 1 to 32,768 bytes, as bbolt's; a batch has at most 256 changes.
//   - The file never shrinks; pages of what was deleted are used again, and hold the old bytes until then.
//
// It does not know what it stores, has no clock, and does not expire anything by itself.
package state

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"go.etcd.io/bbolt"
)

// Options are the choices at opening; the zero value is right for the daemon.
type Options struct {
	LockWait time.Duration // how long to wait for another process to let go of the file; 0 is one second
}

// DB is the open file. Its methods may be called from any goroutine.
type DB struct {
	path    string
	bolt    *bbolt.DB
	session uint64
	stats   stats

	mu     sync.Mutex // guards queue and closed
	queue  []*change
	closed bool
	wake   chan struct{} // holds one token when the queue may not be empty, or when closing
	done   chan struct{} // closed when the committer has ended
}

// mapped is how much address space the file gets at opening. Growing beyond what is mapped must wait for
// every reader to finish, so that no journal listing may stall the mail; address space costs nothing.
const mapped = 1 << 30

// Open opens the state file, and creates it (mode 0600) with its folder (0700) when it is missing. It fails with
// ErrLocked, ErrForeign, ErrDamaged, ErrEmpty or a *VersionError, or with what the operating system said.
func Open(path string, opts Options) (*DB, error) {
	if err := prepare(path); err != nil {
		return nil, err
	}
	if opts.LockWait <= 0 {
		opts.LockWait = time.Second
	}
	bolt, err := openFile(path, opts.LockWait)
	if err != nil {
		return nil, err
	}
	db := &DB{path: path, bolt: bolt, session: rand.Uint64(), wake: make(chan struct{}, 1), done: make(chan struct{})}
	if err := db.checkFormat(); err != nil {
		return nil, errors.Join(err, bolt.Close())
	}
	go db.commitLoop()
	return db, nil
}

// Path is where the file lies.
func (db *DB) Path() string { return db.path }

// Session is a random number of this opening. With it a number that Next gave stays unique in the world even when an
// older copy of the file is put back.
func (db *DB) Session() uint64 { return db.session }

// prepare makes sure that the folder and the file are there.
func prepare(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("state: cannot create the folder of the state file: %w", err)
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return create(dir, path)
	case err == nil && info.Mode().IsRegular() && info.Size() == 0:
		return fmt.Errorf("state: %s: %w", path, ErrEmpty)
	}
	return nil // what else is wrong is said when it is opened
}

// create makes the file under another name and gives it its own when it is whole: whoever dies meanwhile leaves no file
// of that name, so that an empty one is always somebody else's loss. The folder is synced, because a file whose name
// never reached the disk is lost however well its content was.
func create(dir, path string) error {
	file, err := os.CreateTemp(dir, filepath.Base(path)+".new-")
	if err != nil {
		return fmt.Errorf("state: cannot create the state file: %w", err)
	}
	defer os.Remove(file.Name())
	if err := errors.Join(file.Close(), GiveToOwner(file.Name(), dir)); err != nil {
		return fmt.Errorf("state: cannot create the state file: %w", err)
	}
	bolt, err := bbolt.Open(file.Name(), 0o600, nil) // writes and syncs its first pages
	if err == nil {
		err = bolt.Close()
	}
	if err == nil {
		err = os.Link(file.Name(), path)
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		err = os.Rename(file.Name(), path) // a file system without links
	}
	if err != nil && !errors.Is(err, fs.ErrExist) { // another process was faster
		return fmt.Errorf("state: cannot create the state file: %w", err)
	}
	return syncDir(dir)
}

func syncDir(dir string) error {
	folder, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("state: %w", err)
	}
	defer folder.Close()
	if err := folder.Sync(); err != nil {
		return fmt.Errorf("state: cannot sync the folder %s: %w", dir, err)
	}
	return nil
}

// openFile opens the file with bbolt. A damaged file may make bbolt read beyond its end or fail an assertion;
// both arrive here as a panic and leave as ErrDamaged, with the lock given back.
func openFile(path string, wait time.Duration) (bolt *bbolt.DB, err error) {
	var file *os.File
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("state: %s: %w (%v)", path, ErrDamaged, p)
			if file != nil {
				file.Close()
			}
		}
	}()
	bolt, err = bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout:         wait,
		FreelistType:    bbolt.FreelistMapType,
		InitialMmapSize: mapped,
		OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
			opened, err := os.OpenFile(name, flag, mode)
			file = opened
			return opened, err
		},
	})
	if err != nil {
		return nil, explainOpen(path, err)
	}
	if !stillThere(file, path) {
		return nil, errors.Join(fmt.Errorf("state: %s: %w", path, ErrLocked), bolt.Close())
	}
	return bolt, nil
}

// Close lets what is queued commit, then closes the file. A change that comes later gets ErrClosed.
func (db *DB) Close() error {
	db.mu.Lock()
	again := db.closed
	db.closed = true
	db.mu.Unlock()
	if again {
		<-db.done
		return nil
	}
	db.signal()
	<-db.done
	if err := db.bolt.Close(); err != nil {
		return fmt.Errorf("state: closing %s: %w", db.path, err)
	}
	return nil
}

// Size is the file's length in bytes, free pages included.
func (db *DB) Size() (int64, error) {
	info, err := os.Stat(db.path)
	if err != nil {
		return 0, fmt.Errorf("state: %w", err)
	}
	return info.Size(), nil
}

// Free is how many bytes of the file are free pages, to be used again.
func (db *DB) Free() int64 { return int64(db.bolt.Stats().FreeAlloc) }
