package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// privateRoot says that this process has a /dev and a /run of its own.
const privateRoot = "QUISHMILTER_TEST_PRIVATE_ROOT"

// The sockets of syslog and of the systemd journal have fixed places. So the test runs itself again where these places
// are its own.
func inPrivateRoot(t *testing.T) bool {
	t.Helper()
	if os.Getenv(privateRoot) != "" {
		if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
			t.Fatal(err)
		}
		for _, place := range []string{"/dev", "/run"} {
			if err := unix.Mount("none", place, "tmpfs", 0, ""); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Mkdir("/dev/shm", 0o1777); err != nil { // for entries that are longer than a datagram
			t.Fatal(err)
		}
		return true
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	child.Env = append(os.Environ(), privateRoot+"=1", "TMPDIR="+t.TempDir())
	child.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if uid := os.Getuid(); uid != 0 {
		child.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		child.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: uid, Size: 1}}
		child.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	if said, err := child.CombinedOutput(); err != nil || !strings.Contains(string(said), "--- PASS: "+t.Name()) {
		t.Errorf("%v\n%s", err, said)
	}
	return false
}

func listenDatagrams(t *testing.T, path string) *net.UnixConn {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// datagram is the next one, or what is in the file that came in its place.
func datagram(t *testing.T, c *net.UnixConn) string {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	data, oob := make([]byte, 1<<20), make([]byte, 1024)
	n, extra, _, _, err := c.ReadMsgUnix(data, oob)
	if err != nil {
		t.Fatal(err)
	}
	if extra == 0 {
		return string(data[:n])
	}
	messages, err := syscall.ParseSocketControlMessage(oob[:extra])
	if err != nil {
		t.Fatal(err)
	}
	descriptors, err := syscall.ParseUnixRights(&messages[0])
	if err != nil {
		t.Fatal(err)
	}
	file := os.NewFile(uintptr(descriptors[0]), "message")
	defer file.Close()
	text, err := io.ReadAll(io.NewSectionReader(file, 0, 1<<30))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A line goes to syslog in the form of RFC 3164, with our facility and the level that it says, and again when syslog was
// restarted.
func TestLinesToSyslog(t *testing.T) {
	if !inPrivateRoot(t) {
		return
	}
	if _, err := openTarget("syslog"); err == nil || !strings.Contains(err.Error(), "opening syslog") {
		t.Errorf("without a syslog: %v", err)
	}
	c := listenDatagrams(t, "/dev/log")
	w, err := openTarget("syslog")
	if err != nil {
		t.Fatal(err)
	}
	send := func(line string) error { _, err := w.Write([]byte(line)); return err }
	const mail = 2 << 3
	for line, level := range map[string]int{"4jcF: verdict=accept\n": 6, "error: the disk is full\n": 3, "warning: 3 lines\n": 4,
		`{"log.level":"warn","message":"x"}` + "\n": 4, "4jcF: verdict=tag subject=\"error: \"\n": 6} {
		if err := send(line); err != nil {
			t.Fatal(err)
		}
		form := regexp.MustCompile(fmt.Sprintf(`^<%d>[A-Z][a-z]{2} [ 1-3]\d \d\d:\d\d:\d\d quishmilter\[%d\]: %s$`, mail|level, os.Getpid(), regexp.QuoteMeta(line)))
		if got := datagram(t, c); !form.MatchString(got) {
			t.Errorf("%q is sent as %q", line, got)
		}
	}
	c.Close()
	if err := os.Remove("/dev/log"); err != nil {
		t.Fatal(err)
	}
	if send("lost\n") == nil {
		t.Error("nobody took it, and nothing is said")
	}
	c = listenDatagrams(t, "/dev/log")
	if err := send("again\n"); err != nil {
		t.Fatal(err)
	}
	if got := datagram(t, c); !strings.HasSuffix(got, ": again\n") {
		t.Errorf("%q", got)
	}
}

// journalFields reads what the systemd journal's native protocol says: NAME=value lines, or a name in a line, the length of
// the value in 8 octets, the value.
func journalFields(t *testing.T, entry string) map[string]string {
	t.Helper()
	fields := map[string]string{}
	for entry != "" {
		line, rest, _ := strings.Cut(entry, "\n")
		name, value, inLine := strings.Cut(line, "=")
		if !inLine {
			if len(rest) < 8 || uint64(len(rest)) < 9+binary.LittleEndian.Uint64([]byte(rest)) {
				t.Fatalf("%q breaks off", entry)
			}
			n := binary.LittleEndian.Uint64([]byte(rest))
			value, rest = rest[8:8+n], rest[9+n:]
		}
		if _, twice := fields[name]; twice {
			t.Errorf("%s comes twice", name)
		}
		fields[name], entry = value, rest
	}
	return fields
}

// A line is one entry of the systemd journal, with fields of ours alone whatever is in it, however long; and again when the
// journal was restarted.
func TestLinesToTheSystemdJournal(t *testing.T) {
	if !inPrivateRoot(t) {
		return
	}
	if _, err := openTarget("journald"); err == nil || !strings.Contains(err.Error(), "its socket is not there") {
		t.Errorf("without a journal: %v", err)
	}
	const place = "/run/systemd/journal/socket"
	c := listenDatagrams(t, place)
	w, err := openTarget("journald")
	if err != nil {
		t.Fatal(err)
	}
	for message, level := range map[string]string{"4jcF: verdict=accept": "6", "error: x": "3", `{"log.level":"warn"}`: "4", "two\nPRIORITY=0\n_UID=0": "6",
		"é\x00\x1b": "6", strings.Repeat("long ", 100_000): "6"} {
		if _, err := w.Write([]byte(message + "\n")); err != nil {
			t.Fatal(err)
		}
		got := journalFields(t, datagram(t, c))
		want := map[string]string{"MESSAGE": message, "PRIORITY": level, "SYSLOG_IDENTIFIER": "quishmilter", "SYSLOG_FACILITY": "2"}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%.200q, want %.200q", fmt.Sprint(got), fmt.Sprint(want))
		}
	}
	c.Close()
	if err := os.Remove(place); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("lost\n")); err == nil {
		t.Error("nobody took it, and nothing is said")
	}
	c = listenDatagrams(t, place)
	if _, err := w.Write([]byte("again\n")); err != nil {
		t.Fatal(err)
	}
	if got := journalFields(t, datagram(t, c)); got["MESSAGE"] != "again" {
		t.Errorf("%q", got)
	}
}
