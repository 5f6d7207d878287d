package faults

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"quishmilter/test/daemon"
	"quishmilter/test/redis"
)

func TestWorkersKilled(t *testing.T) {
	tr := start(t, daemon.Config{})
	tr.send()
	killed := 0
	for range 5 {
		tr.more(20)
		for _, pid := range tr.workers() {
			if syscall.Kill(pid, syscall.SIGKILL) == nil {
				killed++
			}
		}
	}
	tr.count()
	if killed == 0 {
		t.Error("no worker was found")
	}
}

func TestDaemonKilled(t *testing.T) {
	tr := start(t, daemon.Config{})
	tr.send()
	for range 3 {
		tr.more(30)
		tr.filter.Kill()
		if err := tr.filter.Restart(tr.ctx); err != nil {
			t.Fatal(err)
		}
	}
	tr.count()
}

// Postfix promises to deliver at least once: an agent that is stopped between writing the mailbox and marking the queue file
// delivers again after the restart. So nothing is delivered before the last restart, and a second copy is the filter's fault.
func TestPostfixRestarted(t *testing.T) {
	tr := start(t, daemon.Config{}, "defer_transports", "virtual")
	tr.send()
	for last := range 3 {
		tr.more(30)
		if last == 2 {
			if _, _, err := tr.mta.Postconf("-e", "defer_transports="); err != nil {
				t.Fatal(err)
			}
		}
		if err := tr.mta.Restart(tr.ctx); err != nil {
			t.Fatal(err)
		}
	}
	tr.count()
}

func TestDiskFullAndFreed(t *testing.T) {
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=8m,mode=0700"); err != nil {
		t.Fatalf("mounting a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	tr := start(t, daemon.Config{State: filepath.Join(disk, "state")})
	tr.send()
	tr.more(30)
	full := filepath.Join(disk, "full")
	file, err := os.Create(full)
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = file.Write(make([]byte, 4096))
	}
	file.Close()
	tr.says("cannot write to the state file")
	tr.refused()
	if err := os.Remove(full); err != nil {
		t.Fatal(err)
	}
	tr.count()
}

// immutableFlag is FS_IMMUTABLE_FL of linux/fs.h: what `chattr +i` sets.
const immutableFlag = 0x10

// The file refuses to be written while it is open, as on a disk that the kernel has made read-only.
func TestStateReadOnly(t *testing.T) {
	tr := start(t, daemon.Config{})
	file, err := os.Open(filepath.Join(tr.filter.StateDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	immutable := func(on bool) {
		flags, err := unix.IoctlGetInt(int(file.Fd()), unix.FS_IOC_GETFLAGS)
		if err != nil {
			t.Fatal(err)
		}
		flags &^= immutableFlag
		if on {
			flags |= immutableFlag
		}
		if err := unix.IoctlSetPointerInt(int(file.Fd()), unix.FS_IOC_SETFLAGS, flags); err != nil {
			t.Fatal(err)
		}
	}
	tr.send()
	tr.more(30)
	immutable(true)
	t.Cleanup(func() { immutable(false) })
	tr.says("cannot write to the state file")
	immutable(false)
	tr.count()
}

func TestRedisGone(t *testing.T) {
	server := redis.Start(t)
	tr := start(t, daemon.Config{TOML: fmt.Sprintf("store = %q\n", server.URL())})
	tr.send()
	tr.more(20)
	server.Kill()
	tr.more(30)
	server.Run()
	tr.more(20)
	server.Freeze()
	tr.more(20)
	server.Thaw()
	tr.count()
}

func TestSocketRemoved(t *testing.T) {
	tr := start(t, daemon.Config{})
	tr.send()
	tr.more(30)
	if err := os.Remove(strings.TrimPrefix(tr.filter.Address, "unix:")); err != nil {
		t.Fatal(err)
	}
	tr.says("was removed or replaced, and is there again")
	tr.more(30)
	tr.count()
}

func TestDescriptorsExhausted(t *testing.T) {
	tr := start(t, daemon.Config{})
	tr.send()
	tr.more(30)
	var before unix.Rlimit
	if err := unix.Prlimit(tr.filter.PID, unix.RLIMIT_NOFILE, nil, &before); err != nil {
		t.Fatal(err)
	}
	few := before
	few.Cur = 4
	if err := unix.Prlimit(tr.filter.PID, unix.RLIMIT_NOFILE, &few, nil); err != nil {
		t.Fatal(err)
	}
	tr.says("too many open files")
	if err := unix.Prlimit(tr.filter.PID, unix.RLIMIT_NOFILE, &before, nil); err != nil {
		t.Fatal(err)
	}
	tr.count()
}

func TestBrokenConfiguration(t *testing.T) {
	tr := start(t, daemon.Config{})
	good, err := os.ReadFile(tr.filter.ConfigFile())
	if err != nil {
		t.Fatal(err)
	}
	tr.send()
	tr.more(30)
	if err := os.WriteFile(tr.filter.ConfigFile(), []byte("policy = \"no such\"\nfailure = [\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := tr.filter.Reload(); err != nil {
		t.Fatal(err)
	}
	tr.says("the old one stays")
	if err := os.WriteFile(tr.filter.ConfigFile(), good, 0o644); err != nil {
		t.Fatal(err)
	}
	tr.count()
}

// Clients that connect and say nothing, or half a packet, keep nobody out.
func TestIdleAndHalfOpenClients(t *testing.T) {
	tr := start(t, daemon.Config{TCP: true})
	idle := 200
	if messages(t) > 60 {
		idle = 2000
	}
	address := strings.TrimPrefix(tr.filter.Address, "inet:")
	tr.send()
	tr.more(10)
	for n := range idle {
		conn, err := net.DialTimeout("tcp", address, 10*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		switch n % 3 {
		case 1: // the length of a packet that never comes
			_, _ = conn.Write([]byte{0, 0, 0, 13})
		case 2: // option negotiation, and an octet now and then
			_, _ = conn.Write([]byte("\x00\x00\x00\x0dO\x00\x00\x00\x06\x00\x00\x01\xff\x00\x1f\xff\xff"))
			go drip(conn)
		}
	}
	tr.count()
}

// drip sends the beginning of a packet an octet at a time, for as long as the connection lives.
func drip(conn net.Conn) {
	go func() { _, _ = io.Copy(io.Discard, conn) }()
	for _, octet := range append([]byte{0, 0, 16, 0, 'L'}, make([]byte, 4000)...) {
		if _, err := conn.Write([]byte{octet}); err != nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}
