package state

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

const keys = 100

// unlistedFile writes a file whose list of free pages counts as long from the first page on, and returns what is on the
// disk while it is open: what a kill leaves.
func unlistedFile(t *testing.T) (path string, killed []byte) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "state.db")
	db, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	db.longList = -1
	for n := range keys {
		if err := db.Update(t.Context(), put(fmt.Sprintf("key%d", n), fmt.Sprintf("%500d", n))); err != nil {
			t.Fatal(err)
		}
	}
	if killed, err = os.ReadFile(path); err != nil || !unlisted(path) {
		t.Fatalf("the list is written with each commit, %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path, killed
}

func TestALongListOfFreePagesIsWrittenAtTheEnd(t *testing.T) {
	path, killed := unlistedFile(t)
	after := filepath.Join(t.TempDir(), "killed.db")
	if err := os.WriteFile(after, killed, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{path, after} {
		db, err := Open(path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for n := range keys {
			if got := get(t, db, fmt.Sprintf("key%d", n)); got != fmt.Sprintf("%500d", n) {
				t.Fatalf("%s: key %d is %q", path, n, got)
			}
		}
		if err := db.Update(t.Context(), put("key", "value")); err != nil {
			t.Fatal(err)
		}
		if db.Free() == 0 || unlisted(path) {
			t.Errorf("%s: %d bytes are free", path, db.Free())
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Without its list the whole tree is read at the start, and a damaged page must not end the process.
func TestADamagedPageOfAFileWithoutItsList(t *testing.T) {
	_, killed := unlistedFile(t)
	size := os.Getpagesize()
	damaged := 0
	whole := int64(len(killed)) // most of it was never written
	killed = bytes.TrimRight(killed, "\x00")
	for page := 0; page*size < len(killed); page++ {
		for _, mask := range []byte{0x5a, 0xff, 0x80} {
			spoilt := append([]byte(nil), killed...)
			for i := page * size; i < (page+1)*size && i < len(spoilt); i++ {
				spoilt[i] ^= mask
				if mask == 0x80 { // one octet of the page's header, or of its first element
					i += 15
				}
			}
			path := filepath.Join(t.TempDir(), "state.db")
			if err := errors.Join(os.WriteFile(path, spoilt, 0o600), os.Truncate(path, whole)); err != nil {
				t.Fatal(err)
			}
			db, err := Open(path, Options{})
			if err == nil {
				err = db.Close()
			} else if damaged++; !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrForeign) {
				t.Errorf("page %d: %v", page, err)
			}
			_ = err // closing what is damaged may fail
		}
	}
	if damaged == 0 {
		t.Error("no page was missed")
	}
}
