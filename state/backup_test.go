package state

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// backUp makes a backup of a state with some content, while more is written.
func backUp(t *testing.T) (text []byte) {
	t.Helper()
	db := open(t)
	if err := db.Update(context.Background(), put("before", "yes")); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var writing sync.WaitGroup
	writing.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			if err := errors.Join(db.Update(context.Background(), func(tx *Tx) error {
				return errors.Join(put(fmt.Sprintf("left%d", i), "v")(tx), put(fmt.Sprintf("right%d", i), "v")(tx))
			})); err != nil {
				t.Error(err)
				return
			}
		}
	})
	var out bytes.Buffer
	n, err := db.WriteBackup(&out)
	close(stop)
	writing.Wait()
	if err != nil || n != int64(out.Len()) {
		t.Fatalf("%d bytes of %d, %v", out.Len(), n, err)
	}
	return out.Bytes()
}

func restored(t *testing.T, text []byte, path string) (aside string, err error) {
	t.Helper()
	backup := filepath.Join(t.TempDir(), "backup")
	write(t, backup, text)
	return path + ".aside", Restore(backup, path, path+".aside", nil)
}

func TestABackupUnderLoadComesBackWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "state.db")
	aside, err := restored(t, backUp(t), path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(aside); err == nil {
		t.Error("something was put aside where nothing was")
	}
	checkCopy(t, path)
	db, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if got := get(t, db, "before"); got != "yes" {
		t.Errorf("it holds %q", got)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("%v is left behind (%v)", left, err)
	}
}

func TestABackupIsAStateFileToo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	write(t, path, backUp(t))
	db, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(context.Background(), put("after", "too")), db.Close()); err != nil {
		t.Fatal(err)
	}
	checkPages(t, path)
}

// Whatever is wrong with a backup, the state that is there stays, and nothing is left behind.
func TestADamagedBackupIsRefused(t *testing.T) {
	good := backUp(t)
	changed := func(at int) []byte {
		text := bytes.Clone(good)
		text[at] ^= 1
		return text
	}
	for name, test := range map[string]struct {
		text []byte
		want error
	}{
		"nothing":            {nil, ErrNoBackup},
		"text":               {[]byte(strings.Repeat("hello\n", 1000)), ErrNoBackup},
		"one byte short":     {good[:len(good)-1], ErrNoBackup},
		"a page short":       {good[:len(good)-4096], ErrNoBackup},
		"half":               {good[:len(good)/2], ErrNoBackup},
		"without its seal":   {good[:len(good)-sealSize], ErrNoBackup},
		"a byte more":        {append(bytes.Clone(good), '\n'), ErrNoBackup},
		"a bit in its midst": {changed(len(good) / 2), ErrBackupDamaged},
		"a bit at its start": {changed(0), ErrBackupDamaged},
		"a bit of the seal":  {changed(len(good) - 10), ErrBackupDamaged},
		"a hole":             {append(bytes.Clone(good[:8192]), good[12288:]...), ErrBackupDamaged},
	} {
		path := filepath.Join(t.TempDir(), "state.db")
		write(t, path, []byte("what was there"))
		aside, err := restored(t, test.text, path)
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
		if text, err := os.ReadFile(path); string(text) != "what was there" {
			t.Errorf("%s: the state is now %q (%v)", name, text, err)
		}
		if left, err := os.ReadDir(filepath.Dir(aside)); len(left) != 1 {
			t.Errorf("%s: %v is left behind (%v)", name, left, err)
		}
	}
}

// A seal can be right about a file that is none of ours, or of a newer program.
func TestABackupOfSomethingElseIsRefused(t *testing.T) {
	dir := t.TempDir()
	backup, path := filepath.Join(dir, "backup"), filepath.Join(dir, "state.db")
	digest, err := copyHashed(&bytes.Buffer{}, nil, strings.NewReader("hello"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, backup, append([]byte("hello"), fmt.Appendf(nil, sealForm, digest.Sum(nil), 5)...))
	if err := CheckBackup(backup, nil); err != nil {
		t.Fatal(err)
	}
	if err := Restore(backup, path, path+".aside", nil); err == nil {
		t.Error("it was taken")
	}
	if left, err := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("%v is left behind (%v)", left, err)
	}
}

func TestAStateInUseIsNotReplaced(t *testing.T) {
	db := open(t)
	aside, err := restored(t, backUp(t), db.Path())
	if !errors.Is(err, ErrLocked) {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(aside); err == nil {
		t.Error("it was put aside")
	}
	if err := db.Update(context.Background(), put("still", "here")); err != nil {
		t.Error(err)
	}
}

func TestWhatWasThereIsPutAside(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	write(t, path, []byte("damaged"))
	aside, err := restored(t, backUp(t), path)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(aside); string(text) != "damaged" {
		t.Errorf("aside is %q (%v)", text, err)
	}
	checkCopy(t, path)
	if aside, err = restored(t, backUp(t), path); err == nil {
		t.Errorf("what was put aside in %s was overwritten", aside)
	}
}

func TestStatsCountCommits(t *testing.T) {
	db := open(t)
	for range 3 {
		if err := db.Update(context.Background(), put("k", "v")); err != nil {
			t.Fatal(err)
		}
	}
	if got := db.Stats(); got != (Stats{Commits: 3, Changes: 3}) {
		t.Errorf("%+v", got)
	}
}
