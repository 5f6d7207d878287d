package state

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
)

// A backup is a copy of the state file with a seal behind it: a line with the digest and the length of the copy. bbolt
// has checksums on two pages only, so that without it a bit that a disk turned would come back as a sender's history.
// The seal lies beyond the file's last page, where bbolt never looks.
const (
	sealForm = "\nquishmilter backup sha256=%x length=%020d\n"
	sealSize = len("\nquishmilter backup sha256=") + 2*sha256.Size + len(" length=") + 20 + len("\n")
)

var (
	// ErrNoBackup: there is no seal at the end.
	ErrNoBackup = errors.New("it is cut off, or no backup of quishmilter at all: its last line is missing; take another backup")

	// ErrBackupDamaged: the seal is of other content.
	ErrBackupDamaged = errors.New("it is damaged: it holds something else than was written; take another backup")
)

// WriteBackup writes a copy of the whole file, all of one moment, and its seal. See WriteTo.
func (db *DB) WriteBackup(w io.Writer) (n int64, err error) {
	digest := sha256.New()
	if n, err = db.WriteTo(io.MultiWriter(w, digest)); err != nil {
		return n, err
	}
	if _, err := fmt.Fprintf(w, sealForm, digest.Sum(nil), n); err != nil {
		return n, fmt.Errorf("state: sealing the copy: %w", err)
	}
	return n + int64(sealSize), nil
}

// CheckBackup reads a backup through and says whether it is whole. seen, where it is not nil, gets what was read.
func CheckBackup(path string, seen io.Writer) error {
	return readBackup(path, io.Discard, seen)
}

// readBackup writes the state file of a backup to w, and fails at its end when it was not whole.
func readBackup(path string, w, seen io.Writer) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("state: reading the backup: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("state: reading the backup: %w", err)
	}
	length, seal := info.Size()-int64(sealSize), make([]byte, sealSize)
	if !info.Mode().IsRegular() || length < 0 {
		return fmt.Errorf("state: the backup %s: %w", path, ErrNoBackup)
	}
	if _, err := file.ReadAt(seal, length); err != nil {
		return fmt.Errorf("state: reading the backup: %w", err)
	}
	if !bytes.HasPrefix(seal, []byte(sealForm[:bytes.IndexByte([]byte(sealForm), '%')])) {
		return fmt.Errorf("state: the backup %s: %w", path, ErrNoBackup)
	}
	digest, err := copyHashed(w, seen, io.LimitReader(file, length))
	if err != nil {
		return fmt.Errorf("state: reading the backup: %w", err)
	}
	if want := fmt.Appendf(nil, sealForm, digest.Sum(nil), length); !bytes.Equal(seal, want) {
		return fmt.Errorf("state: the backup %s: %w", path, ErrBackupDamaged)
	}
	return nil
}

func copyHashed(w, seen io.Writer, r io.Reader) (hash.Hash, error) {
	digest := sha256.New()
	if seen == nil {
		seen = io.Discard
	}
	_, err := io.Copy(io.MultiWriter(w, digest, seen), r)
	return digest, err
}

// Restore puts a backup in the place of the state file, which nobody may have open, and gives the file that was there
// the name aside. Until the last step everything stays as it was. seen, where it is not nil, gets what was read.
func Restore(backup, path, aside string, seen io.Writer) error {
	unlock, err := lockAlone(path)
	if err != nil {
		return err
	}
	defer unlock()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("state: cannot create the folder of the state file: %w", err)
	}
	fresh, err := unpack(backup, path, seen)
	if err != nil {
		return err
	}
	defer os.Remove(fresh)
	if err := giveTo(fresh, path); err != nil {
		return fmt.Errorf("state: %w", err)
	}
	if err := os.Link(path, aside); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("state: keeping the file that was there: %w", err)
	}
	if err := os.Rename(fresh, path); err != nil {
		return fmt.Errorf("state: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

// unpack writes the state file of a backup beside path, and opens it once: this program must be able to.
func unpack(backup, path string, seen io.Writer) (fresh string, err error) {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // it has mode 0600
	if err != nil {
		return "", fmt.Errorf("state: %w", err)
	}
	err = readBackup(backup, file, seen)
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		var db *DB
		if db, err = Open(file.Name(), Options{}); err == nil {
			err = db.Close()
		}
	}
	if err != nil {
		return "", errors.Join(err, os.Remove(file.Name()))
	}
	return file.Name(), nil
}
