package state

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

func TestACopyIsOfOneMomentWhileMailFlows(t *testing.T) {
	db := open(t)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 0; ; i++ { // both keys of a pair in one commit: a copy has both or none
			select {
			case <-stop:
				return
			default:
			}
			err := db.Update(context.Background(), func(tx *Tx) error {
				if err := put(fmt.Sprintf("left%d", i), "v")(tx); err != nil {
					return err
				}
				return put(fmt.Sprintf("right%d", i), "v")(tx)
			})
			if err != nil {
				t.Error(err)
			}
		}
	})
	for n := range 5 {
		path := filepath.Join(t.TempDir(), fmt.Sprint(n))
		if _, err := db.Copy(path); err != nil {
			t.Fatal(err)
		}
		checkCopy(t, path)
	}
	close(stop)
	wg.Wait()
}

func checkCopy(t *testing.T, path string) {
	t.Helper()
	checkPages(t, path)
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	db, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for i := 0; ; i++ {
		left, right := get(t, db, fmt.Sprintf("left%d", i)), get(t, db, fmt.Sprintf("right%d", i))
		if left != right {
			t.Fatalf("half of commit %d is in the copy", i)
		}
		if left == "" {
			return
		}
	}
}

func TestACopyNeverOverwrites(t *testing.T) {
	db := open(t)
	path := filepath.Join(t.TempDir(), "precious")
	write(t, path, []byte("mine"))
	if _, err := db.Copy(path); err == nil {
		t.Error("it was overwritten")
	}
	if text, err := os.ReadFile(path); string(text) != "mine" {
		t.Errorf("it holds %q (%v)", text, err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("%v is left behind (%v)", left, err)
	}
}

func TestNumbersAreNeverGivenTwice(t *testing.T) {
	db := open(t)
	next := func() (n uint64) {
		err := db.Update(context.Background(), func(tx *Tx) (err error) {
			n, err = tx.Bucket("a", "b").Next()
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if first, second := next(), next(); first != 1 || second != 2 {
		t.Errorf("it gave %d and %d", first, second)
	}
	if err := db.View(func(tx *Tx) error {
		if given := tx.Bucket("a", "b").Given(); given != 2 {
			t.Errorf("the last one given is %d", given)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
