package postfix

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// ErrNotInstalled says that the machine has no Postfix.
var ErrNotInstalled = errors.New("no Postfix is installed: run `scripts/install-deps postfix` as root")

// ErrNotRoot says that only root can start Postfix's master.
var ErrNotRoot = errors.New("a private Postfix needs root: run as root, or call AsRoot first")

// installation is what is known of the machine's Postfix programs.
type installation struct {
	daemons  string // daemon_directory
	postfix  owner  // the user that owns the queue
	mailbox  owner  // the user that owns delivered mail
	postdrop int    // the group that may drop mail
}

// owner is a user and its group.
type owner struct{ uid, gid int }

func findInstallation() (*installation, error) {
	if os.Geteuid() != 0 {
		return nil, ErrNotRoot
	}
	daemons, err := exec.Command("postconf", "-d", "-h", "daemon_directory").Output()
	if errors.Is(err, exec.ErrNotFound) {
		return nil, ErrNotInstalled
	}
	if err != nil {
		return nil, fmt.Errorf("ask postconf for daemon_directory: %w", err)
	}
	i := &installation{daemons: strings.TrimSpace(string(daemons))}
	if i.postfix, err = lookUpOwner("postfix"); err != nil {
		return nil, err
	}
	if i.mailbox, err = lookUpOwner("nobody"); err != nil {
		return nil, err
	}
	group, err := user.LookupGroup("postdrop")
	if err != nil {
		return nil, fmt.Errorf("find Postfix's group: %w", err)
	}
	i.postdrop, err = strconv.Atoi(group.Gid)
	return i, err
}

func lookUpOwner(name string) (owner, error) {
	found, err := user.Lookup(name)
	if err != nil {
		return owner{}, fmt.Errorf("find the user of Postfix's files: %w", err)
	}
	uid, err := strconv.Atoi(found.Uid)
	if err != nil {
		return owner{}, fmt.Errorf("uid of %s: %w", name, err)
	}
	gid, err := strconv.Atoi(found.Gid)
	if err != nil {
		return owner{}, fmt.Errorf("gid of %s: %w", name, err)
	}
	return owner{uid, gid}, nil
}

// AsRoot makes sure that the process runs as root: another user's process is replaced by itself under sudo, which
// asks for the password on the terminal. It is the first call of a command that starts Postfix, and of the TestMain
// of such tests.
func AsRoot() {
	if os.Geteuid() == 0 {
		return
	}
	fmt.Fprintf(os.Stderr, "%s: a private Postfix needs root, going through sudo\n", filepath.Base(os.Args[0]))
	fmt.Fprintf(os.Stderr, "%v\n", reexec())
	os.Exit(1)
}

// reexec only returns when it fails.
func reexec() error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	sudo, err := exec.LookPath("sudo")
	if err != nil {
		return fmt.Errorf("%w (%w)", ErrNotRoot, err)
	}
	// -E keeps QUISHMILTER_* and GOCOVERDIR, but PATH would be sudo's own, without Go and maybe without sbin.
	path := "PATH=" + os.Getenv("PATH") + ":/usr/sbin:/sbin"
	args := append([]string{"sudo", "-E", "--", "env", path, self}, os.Args[1:]...)
	return fmt.Errorf("run sudo: %w", syscall.Exec(sudo, args, os.Environ()))
}
