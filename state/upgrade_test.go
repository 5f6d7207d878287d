package state

import (
	"errors"
	"path/filepath"
	"testing"
)

func TestAnOldFormatIsUpgradedOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	rawPut(t, path, formatBucket, formatKey, "1")
	rawPut(t, path, "theirs", "k", "v")
	for range 2 {
		db, err := Open(path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.View(func(tx *Tx) error {
			if got := string(tx.Bucket(formatBucket).Get([]byte(formatKey))); got != "3" {
				t.Errorf("the file has format %q", got)
			}
			if got := string(tx.Bucket("theirs").Get([]byte("k"))); got != "v" {
				t.Errorf("a bucket holds %q after the upgrade", got)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnUpgradeThatFailsLeavesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	rawPut(t, path, formatBucket, formatKey, "1")
	before := upgrades[1]
	defer func() { upgrades[1] = before }()
	bad := errors.New("bad")
	upgrades[1] = func(tx *Tx) error {
		if err := tx.Bucket("half").Put([]byte("k"), []byte("v")); err != nil {
			return err
		}
		return bad
	}
	if _, err := Open(path, Options{}); !errors.Is(err, bad) {
		t.Fatalf("got %v", err)
	}
	upgrades[1] = before
	db, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.View(func(tx *Tx) error {
		if tx.Bucket("half").Get([]byte("k")) != nil {
			t.Error("half an upgrade is in the file")
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
