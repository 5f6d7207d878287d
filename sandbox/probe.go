package sandbox

import (
	"errors"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Attempt is something that a process in the sandbox must not be able to do.
type Attempt struct {
	Name   string `json:"name"`
	Denied bool   `json:"denied"`
	Why    string `json:"why"` // the kernel's answer
}

// Probe tries what code that took a decoder over would try, on nothing but this process and well-known places, and says
// what came of each. What works is undone at once; nothing is sent to anybody.
func Probe() []Attempt {
	var all []Attempt
	for _, try := range []struct {
		name string
		do   func() error
	}{
		{"read a file", func() error { return opened(unix.Open("/etc/passwd", unix.O_RDONLY|unix.O_CLOEXEC, 0)) }},
		{"list a folder", func() error { return opened(unix.Open("/", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)) }},
		{"write a file", func() error {
			return opened(unix.Open(os.TempDir(), unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, 0o600))
		}},
		{"open a TCP socket", func() error { return opened(unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)) }},
		{"open a UDP socket", func() error { return opened(unix.Socket(unix.AF_INET6, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)) }},
		{"open a unix socket", func() error { return opened(unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)) }},
		{"open a netlink socket", func() error { return opened(unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)) }},
		{"fork", fork},
		{"start a program", start},
		{"trace a process", traced},
		{"read another process's memory", peek},
		{"signal the daemon", func() error { return unix.Kill(os.Getppid(), 0) }},
		{"make a user namespace", func() error { return unix.Unshare(unix.CLONE_NEWUSER) }},
		{"make memory with a name", func() error { return opened(unix.MemfdCreate("probe", unix.MFD_CLOEXEC)) }},
		{"raise a limit", func() error {
			return unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY})
		}},
		{"call the kernel's BPF", func() error { return call(unix.SYS_BPF, 0, 0) }},
		{"use io_uring", func() error { return call(unix.SYS_IO_URING_SETUP, 0, 0) }},
		{"read the keyring", func() error { return call(unix.SYS_KEYCTL, 0, 0) }},
		{"handle page faults", func() error { return openedCall(unix.SYS_USERFAULTFD, unix.O_CLOEXEC, 0) }},
		{"count another process's events", func() error { return call(unix.SYS_PERF_EVENT_OPEN, 0, uintptr(os.Getppid())) }},
		{"hold a process", func() error { return openedCall(unix.SYS_PIDFD_OPEN, uintptr(os.Getppid()), 0) }},
		{"signal its own group", func() error { return unix.Kill(0, 0) }},
		{"enter another namespace", func() error { return call(unix.SYS_SETNS, ^uintptr(0), 0) }},
		{"mount", func() error { return call(unix.SYS_MOUNT, 0, 0) }},
		{"change its root", func() error { return call(unix.SYS_CHROOT, 0, 0) }},
		{"become another user", func() error { return call(unix.SYS_SETUID, 0, 0) }},
		{"open a pair of sockets", socketPair},
		{"send a descriptor", func() error { return call(unix.SYS_SENDMSG, ^uintptr(0), 0) }},
		{"take a descriptor", func() error { return call(unix.SYS_RECVMSG, ^uintptr(0), 0) }},
		{"share memory", func() error { return call(unix.SYS_SHMGET, 0, 0) }},
		{"watch files", func() error { return openedCall(unix.SYS_INOTIFY_INIT1, unix.IN_CLOEXEC, 0) }},
		{"be dumped again", func() error { return unix.Prctl(unix.PR_SET_DUMPABLE, 1, 0, 0, 0) }},
	} {
		err := try.do()
		a := Attempt{Name: try.name, Denied: isDenial(err), Why: "allowed"}
		if err != nil {
			a.Why = err.Error()
		}
		all = append(all, a)
	}
	return all
}

// isDenial tells "you must not" from "that makes no sense", which is what an allowed call with empty arguments gives. No
// descriptor is to be had where the limit of them is zero.
func isDenial(err error) bool {
	return errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) || errors.Is(err, unix.EMFILE)
}

func opened(fd int, err error) error {
	if err == nil {
		_ = unix.Close(fd)
	}
	return err
}

func call(number, first, second uintptr) error {
	_, _, errno := unix.RawSyscall(number, first, second, 0)
	return answer(errno)
}

// openedCall is a call that gives a descriptor.
func openedCall(number, first, second uintptr) error {
	fd, _, errno := unix.RawSyscall(number, first, second, 0)
	return opened(int(fd), answer(errno))
}

func socketPair() error {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	_ = opened(pair[1], err) // fails as the first does
	return opened(pair[0], err)
}

func answer(errno syscall.Errno) error {
	if errno == 0 {
		return nil
	}
	return errno
}

// start would become another program, if it had arguments: the kernel opens the program first, and says EFAULT where that
// is allowed.
func start() error {
	name, err := unix.BytePtrFromString("/bin/true")
	if err != nil {
		return err
	}
	return call(unix.SYS_EXECVE, uintptr(unsafe.Pointer(name)), 1)
}

// fork makes a process that ends at once, if it can.
func fork() error {
	pid, _, errno := unix.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	if errno != 0 {
		return answer(errno)
	}
	if pid == 0 {
		unix.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
	}
	_, _ = unix.Wait4(int(pid), nil, 0, nil)
	return nil
}

// traced asks for a word of ourselves, whom we do not trace: ESRCH where the call is allowed.
func traced() error {
	return call(unix.SYS_PTRACE, unix.PTRACE_PEEKDATA, uintptr(os.Getpid()))
}

// peek reads an octet of the parent that is mapped nowhere: EFAULT where the call is allowed.
func peek() error {
	var octet byte
	local := unix.Iovec{Base: &octet, Len: 1}
	remote := unix.RemoteIovec{Base: 1, Len: 1}
	_, _, errno := unix.RawSyscall6(unix.SYS_PROCESS_VM_READV, uintptr(os.Getppid()), uintptr(unsafe.Pointer(&local)), 1, uintptr(unsafe.Pointer(&remote)), 1, 0)
	return answer(errno)
}
