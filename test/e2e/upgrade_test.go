package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"go.etcd.io/bbolt"

	"quishmilter/state"
)

// setFormat writes the version of the state's format, as another program would have left it, and returns the one before.
func (r *rig) setFormat(version int) (before int) {
	r.t.Helper()
	db, err := bbolt.Open(filepath.Join(r.filter.StateDir(), "state.db"), 0o600, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	defer db.Close()
	if err := db.Update(func(tx *bbolt.Tx) (err error) {
		bucket, key := tx.Bucket([]byte("quishmilter")), []byte("format")
		if before, err = strconv.Atoi(string(bucket.Get(key))); err != nil {
			return err
		}
		return bucket.Put(key, []byte(strconv.Itoa(version)))
	}); err != nil {
		r.t.Fatal(err)
	}
	return before
}

// What the file of the format before holds is there after an upgrade; a program before it refuses the newer file and says
// what to do; and the backup from before the upgrade is the way back.
func TestUpgradeAndRollback(t *testing.T) {
	r := holding(t, nil)
	id := r.accepted(soc251())
	r.heldMail(1)
	kept := [][]string{{"hunt", "--queue-id", id, "--format", "json"}, {"alerts", "list", "--json"}, {"block", "list", "--json"}, {"sender", "security@microsecmfa.com", "--json"}}
	before, held := r.answers(kept), len(lines(t, r.must("quarantine", "list", "--json")))
	saved := filepath.Join(t.TempDir(), "before")
	r.must("backup", saved)

	for version := state.Format - 1; version > 0; version-- {
		if err := r.filter.Drain(); err != nil {
			t.Fatal(err)
		}
		if was := r.setFormat(version); was != state.Format {
			t.Errorf("the file had format %d, and this program writes %d", was, state.Format)
		}
		if err := r.filter.Restart(limited(t)); err != nil {
			t.Fatalf("format %d: %v", version, err)
		}
		if after := r.answers(kept); after != before {
			t.Errorf("format %d:\n%s\nafter the upgrade:\n%s", version, before, after)
		}
		if n := len(lines(t, r.must("quarantine", "list", "--json"))); n != held {
			t.Errorf("format %d: %d on hold, %d before", version, n, held)
		}
	}

	if err := r.filter.Drain(); err != nil {
		t.Fatal(err)
	}
	r.setFormat(state.Format + 1)
	want := fmt.Sprintf("has format version %d, this program knows versions up to %d; start the newer quishmilter that wrote it, or restore a backup from before the upgrade", state.Format+1, state.Format)
	for _, args := range [][]string{{"serve"}, {"hunt"}, {"backup", saved + ".newer"}} {
		if out, status := r.command(args...); status == 0 || !strings.Contains(out, want) {
			t.Errorf("%v: status %d: %s", args, status, out)
		}
	}
	r.must("restore", saved)
	if err := r.filter.Restart(limited(t)); err != nil {
		t.Fatal(err)
	}
	if after := r.answers(kept); after != before {
		t.Errorf("%s\nafter the rollback:\n%s", before, after)
	}
}

// As the settings have it by default, nobody but owner and group may open a socket; the helper's group is queue_group.
func TestSocketsAreForOwnerAndGroup(t *testing.T) {
	r := holding(t, nil)
	if err := os.Chmod(filepath.Dir(program), 0o755); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(r.filter.ConfigFile())
	if err != nil {
		t.Fatal(err)
	}
	control := filepath.Join(r.filter.Dir, "control.sock") // the folder of the state would keep others away by itself
	text = []byte(fmt.Sprintf("control = %q\n", control) + strings.Replace(string(text), "socket_mode = \"0666\"\n", "", 1))
	if err := os.WriteFile(r.filter.ConfigFile(), text, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := r.filter.Drain(); err != nil {
		t.Fatal(err)
	}
	if err := r.filter.Restart(limited(t)); err != nil {
		t.Fatal(err)
	}
	r.helper()
	for path, group := range map[string]uint32{strings.TrimPrefix(r.filter.Address, "unix:"): 0, control: 0, r.helperSocket(): 65534} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		owner := info.Sys().(*syscall.Stat_t)
		if info.Mode() != os.ModeSocket|0o660 || owner.Uid != uint32(os.Getuid()) || owner.Gid != group {
			t.Errorf("%s: %v of %d:%d, want srw-rw---- of %d:%d", filepath.Base(path), info.Mode(), owner.Uid, owner.Gid, os.Getuid(), group)
		}
	}
	for _, c := range []struct{ command, says string }{
		{"hunt", "this user may not ask the daemon"},
		{"quarantine list", "which this user is not in"},
	} {
		if out, status := r.as("12345", strings.Fields(c.command)...); status == 0 || !strings.Contains(out, c.says) {
			t.Errorf("%s by a stranger: %d %s", c.command, status, out)
		}
	}
}
