package state

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"
)

// open opens a fresh file, and at the end of the test closes it and checks every page of it.
func open(t testing.TB) *DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "state.db")
	db, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		checkPages(t, path)
	})
	return db
}

func checkPages(t testing.TB, path string) {
	t.Helper()
	raw, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, PreLoadFreelist: true})
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	err = raw.View(func(tx *bbolt.Tx) error {
		var all []error
		for err := range tx.Check() {
			all = append(all, err)
		}
		return errors.Join(all...)
	})
	if err != nil {
		t.Errorf("the file is inconsistent: %v", err)
	}
}

func put(key, value string) func(*Tx) error {
	return func(tx *Tx) error { return tx.Bucket("a", "b").Put([]byte(key), []byte(value)) }
}

func get(t testing.TB, db *DB, key string) string {
	t.Helper()
	var value string
	err := db.View(func(tx *Tx) error {
		value = string(tx.Bucket("a", "b").Get([]byte(key)))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestOpenCreatesAPrivateFileAndKeepsIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "er", "state.db")
	for round, want := range []string{"", "v"} {
		db, err := Open(path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := get(t, db, "k"); got != want {
			t.Errorf("round %d: k is %q, want %q", round, got, want)
		}
		if err := db.Update(context.Background(), put("k", "v")); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]fs.FileMode{path: 0o600, filepath.Dir(path): 0o700 | fs.ModeDir} {
		if info, err := os.Stat(name); err != nil || info.Mode() != want {
			t.Errorf("%s: mode %v (%v), want %v", name, info.Mode(), err, want)
		}
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	cases := []struct {
		name    string
		prepare func(t *testing.T, path string)
		want    error
		words   string
	}{
		{"text", func(t *testing.T, path string) { write(t, path, []byte(strings.Repeat("hello\n", 5000))) }, ErrForeign, "move this file away"},
		{"nothing", func(t *testing.T, path string) { write(t, path, nil) }, ErrEmpty, "restore a backup, or delete the file"},
		{"short text", func(t *testing.T, path string) { write(t, path, []byte("x")) }, ErrForeign, ""},
		{"another program's bbolt file", func(t *testing.T, path string) { rawPut(t, path, "theirs", "k", "v") }, ErrForeign, ""},
		{"version of letters", func(t *testing.T, path string) { rawPut(t, path, formatBucket, formatKey, "x") }, ErrForeign, ""},
		{"both meta pages overwritten", func(t *testing.T, path string) { spoil(t, path, 0, 2) }, ErrForeign, ""},
		{"every page overwritten but the first two", func(t *testing.T, path string) { spoil(t, path, 2, 40) }, ErrDamaged, "quishmilter restore FILE"},
		{"truncated", func(t *testing.T, path string) { shorten(t, path) }, ErrDamaged, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "state.db")
			c.prepare(t, path)
			_, err := Open(path, Options{})
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.words) || !strings.Contains(err.Error(), path) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestOpenRefusesANewerVersionAndNamesBoth(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	rawPut(t, path, formatBucket, formatKey, "7")
	_, err := Open(path, Options{})
	var version *VersionError
	if !errors.As(err, &version) || version.File != 7 || version.Program != Format {
		t.Fatalf("got %v", err)
	}
	if text := err.Error(); !strings.Contains(text, "7") || !strings.Contains(text, "1") || !strings.Contains(text, "newer quishmilter") {
		t.Errorf("it says %q", text)
	}
}

func TestOpenSaysThatAnotherHoldsTheFile(t *testing.T) {
	db := open(t)
	if _, err := Open(db.Path(), Options{LockWait: 1}); !errors.Is(err, ErrLocked) {
		t.Errorf("got %v, want ErrLocked", err)
	}
}

func TestOpenBelowAFileFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	write(t, path, nil)
	if _, err := Open(filepath.Join(path, "state.db"), Options{}); err == nil || !strings.Contains(err.Error(), "folder") {
		t.Errorf("got %v", err)
	}
}

// A program that dies while it makes the file leaves none of that name, and the next start makes one. A file without our
// first commit is new.
func TestAFileThatDiedBeforeItsFirstCommitIsNew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	write(t, path+".new-1", nil)
	if err := prepare(path); err != nil { // and no more
		t.Fatal(err)
	}
	left, err := filepath.Glob(path + "*")
	if err != nil || len(left) != 2 {
		t.Errorf("%q, %v", left, err)
	}
	db, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestBucketsAndCursors(t *testing.T) {
	db := open(t)
	ctx := context.Background()
	err := db.Update(ctx, func(tx *Tx) error {
		empty := tx.Bucket("x", "y", "z")
		if key, _ := empty.Cursor().First(); key != nil || empty.Get([]byte("k")) != nil || empty.Delete([]byte("k")) != nil {
			t.Error("a missing bucket is not empty")
		}
		for _, key := range []string{"a", "c", "e"} {
			if err := empty.Put([]byte(key), []byte(key+key)); err != nil {
				return err
			}
		}
		return tx.Bucket("x").Put([]byte("beside"), nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	err = db.View(func(tx *Tx) error {
		c := tx.Bucket("x", "y", "z").Cursor()
		var got [][]byte
		for _, move := range []func() ([]byte, []byte){c.First, c.Next, c.Last, c.Prev, func() ([]byte, []byte) { return c.Seek([]byte("d")) }, c.Next} {
			key, _ := move()
			got = append(got, key)
		}
		if text := string(bytes.Join(got, []byte(" "))); text != "a c e c e " {
			t.Errorf("the cursor went %q", text)
		}
		if tx.Bucket("x").Put([]byte("k"), nil) == nil {
			t.Error("a view could write")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func rawPut(t *testing.T, path, bucket, key, value string) {
	t.Helper()
	raw, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	err = raw.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists([]byte(bucket))
		if err != nil {
			return err
		}
		return b.Put([]byte(key), []byte(value))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// filled is the content of a file of ours with a few pages of data.
func filled(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "filled.db")
	rawPut(t, path, formatBucket, formatKey, "1")
	for _, key := range []string{"a", "b", "c", "d"} {
		rawPut(t, path, "data", key, strings.Repeat("x", 20_000))
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// spoil writes a file whose pages from..to-1 are noise.
func spoil(t *testing.T, path string, from, to int) {
	t.Helper()
	data, page := filled(t), os.Getpagesize()
	for i := from * page; i < min(to*page, len(data)); i++ {
		data[i] = byte(i*7 + 13)
	}
	write(t, path, data)
}

func shorten(t *testing.T, path string) {
	t.Helper()
	write(t, path, filled(t)[:3*os.Getpagesize()])
}
