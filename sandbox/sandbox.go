// Package sandbox takes rights away from the process that calls it, for good: files, network, other processes.
//
// In goes what to give up; out comes what the kernel took away, in words. A process that decodes hostile bytes enters
// the sandbox when it has opened all that it needs, and before it sees the first of them. What it is refused fails with
// EPERM or EACCES, so that a decoder that tries becomes evidence about its message, and not the loss of it.
//
// # Layers
//
//   - another user, where the process is root's
//   - resource limits: no new descriptors, no octet written to a file, no core, a bound on processes and CPU time
//   - no_new_privs, so that no set-user-ID program gives anything back
//   - seccomp (Linux 3.17): the system calls that Go's runtime needs to compute, and no others; amd64 and arm64
//   - landlock (Linux 5.13): no file, from 6.7 on no TCP port, from 6.12 on no abstract socket and no signal to others
//
// A kernel that lacks a layer is not an error: the report says which are active. It does not use namespaces, which many
// hosts refuse to unprivileged users. Sources: seccomp(2), landlock(7), prctl(2), setrlimit(2).
package sandbox

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Config says what to give up.
type Config struct {
	User    *User    `json:"user,omitempty"`    // whom a process of root's becomes; nil: it stays what it is
	Without []string `json:"without,omitempty"` // layers that are left out, as on a kernel that lacks them
	CPU     uint64   `json:"cpu"`               // seconds of CPU time after which the kernel ends the process; 0: no bound
}

// User is who a process becomes.
type User struct {
	Name string `json:"name"`
	UID  int    `json:"uid"`
	GID  int    `json:"gid"`
}

// The layers by their names.
const (
	Seccomp  = "seccomp"
	Landlock = "landlock"
)

// Report is what is active.
type Report struct {
	User     string   `json:"user,omitempty"`     // whom the process became; "" when it stayed
	Root     bool     `json:"root,omitempty"`     // it is root's all the same
	Seccomp  bool     `json:"seccomp,omitempty"`  // system calls are filtered
	Landlock int      `json:"landlock,omitempty"` // version of landlock's interface; 0: it is not active
	Missing  []string `json:"missing,omitempty"`  // layers that are not active, each with its reason
}

// Complete says that nothing is missing.
func (r Report) Complete() bool { return len(r.Missing) == 0 && !r.Root }

// String is the report for an operator, in one line.
func (r Report) String() string {
	var has []string
	if r.Seccomp {
		has = append(has, Seccomp)
	}
	if r.Landlock > 0 {
		has = append(has, fmt.Sprintf("landlock %d", r.Landlock))
	}
	has = append(has, "no new privileges", "resource limits")
	if r.User != "" {
		has = append(has, "user "+r.User)
	}
	text := strings.Join(has, ", ")
	if r.Root {
		text += "; still root"
	}
	if len(r.Missing) > 0 {
		text += "; missing: " + strings.Join(r.Missing, ", ")
	}
	return text
}

// Enter gives up what the config says, for all threads of the process. The process must have opened everything before,
// Go's poller included, which Enter sees to. An error means that the process has more rights than it was to have and
// must not go on; a layer that the kernel lacks, or a user that it does not let us become, as in some containers, is none.
func Enter(c Config) (Report, error) {
	var r Report
	startPoller()
	if os.Geteuid() == 0 {
		r.add("another user", c, func() error { return become(c.User) })
		if r.Root = os.Geteuid() == 0; !r.Root {
			r.User = c.User.Name
		}
	}
	runtime.LockOSThread() // with cgo, one thread gives up new privileges and hands that on with the filter
	defer runtime.UnlockOSThread()
	if err := prctl(unix.PR_SET_NO_NEW_PRIVS, 1); err != nil {
		return r, fmt.Errorf("giving up new privileges: %w", err)
	}
	r.add(Landlock, c, func() (err error) { r.Landlock, err = closeFiles(); return err })
	if err := limit(c.CPU); err != nil { // after landlock, whose rules are a descriptor
		return r, err
	}
	r.add(Seccomp, c, func() error {
		err := filterCalls()
		r.Seccomp = err == nil
		return err
	})
	return r, nil
}

// add takes one layer more, or says why not.
func (r *Report) add(name string, c Config, enter func() error) {
	for _, without := range c.Without {
		if name == without {
			r.Missing = append(r.Missing, name+" (left out)")
			return
		}
	}
	if err := enter(); err != nil {
		r.Missing = append(r.Missing, fmt.Sprintf("%s (%v)", name, err))
	}
}

// become makes a process of root's another user's. Go changes all threads. The kernel forgets at that moment that the
// process is to die with its parent, so it is asked again.
func become(u *User) error {
	if u == nil {
		return errors.New("none is named")
	}
	if err := syscall.Setgroups(nil); err != nil {
		return fmt.Errorf("leaving root's groups: %w", err)
	}
	if err := syscall.Setresgid(u.GID, u.GID, u.GID); err != nil {
		return fmt.Errorf("becoming group %d: %w", u.GID, err)
	}
	if err := syscall.Setresuid(u.UID, u.UID, u.UID); err != nil {
		return fmt.Errorf("becoming user %s: %w", u.Name, err)
	}
	if os.Geteuid() == 0 {
		return errors.New("it is root's still")
	}
	if err := prctl(unix.PR_SET_PDEATHSIG, uintptr(syscall.SIGKILL)); err != nil {
		return fmt.Errorf("asking to die with the daemon: %w", err)
	}
	return nil
}

// prctl asks for something that each thread has for itself, on all threads; in a program with cgo on this one alone.
func prctl(option int, value uintptr) error {
	_, _, errno := syscall.AllThreadsSyscall6(unix.SYS_PRCTL, uintptr(option), value, 0, 0, 0, 0)
	if errno == syscall.ENOTSUP {
		return unix.Prctl(option, value, 0, 0, 0)
	}
	if errno != 0 {
		return errno
	}
	return nil
}
