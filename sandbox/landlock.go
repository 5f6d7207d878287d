package sandbox

import (
	"errors"
	"fmt"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// landlockRules is struct landlock_ruleset_attr as of version 6 of the interface.
type landlockRules struct{ files, network, scoped uint64 }

// landlockRights is what there is to be denied in each version of the interface (landlock(7)).
func landlockRights(version int) (rules landlockRules, size uintptr) {
	const first = unix.LANDLOCK_ACCESS_FS_MAKE_SYM<<1 - 1
	rules.files = first
	if version >= 2 {
		rules.files |= unix.LANDLOCK_ACCESS_FS_REFER
	}
	if version >= 3 {
		rules.files |= unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	if version >= 5 {
		rules.files |= unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	}
	size = unsafe.Sizeof(rules.files)
	if version >= 4 {
		rules.network = unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
		size += unsafe.Sizeof(rules.network)
	}
	if version >= 6 {
		rules.scoped = unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | unix.LANDLOCK_SCOPE_SIGNAL
		size += unsafe.Sizeof(rules.scoped)
	}
	return rules, size
}

// closeFiles denies all that landlock can, with no exception, to every thread.
func closeFiles() (version int, err error) {
	v, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		return 0, fmt.Errorf("the kernel has none: %w", errno)
	}
	rules, size := landlockRights(int(v))
	set, err := ruleset(rules, size)
	if err != nil {
		return 0, err
	}
	_, _, errno = syscall.AllThreadsSyscall(unix.SYS_LANDLOCK_RESTRICT_SELF, set, 0, 0)
	closed := unix.Close(int(set))
	if errno == syscall.ENOTSUP {
		return 0, errors.New("not in a program that was built with cgo")
	}
	if errno != 0 {
		return 0, errno
	}
	return int(v), closed
}

func ruleset(rules landlockRules, size uintptr) (fd uintptr, err error) {
	fd, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&rules)), size, 0)
	if errno != 0 {
		return 0, fmt.Errorf("making its rules: %w", errno)
	}
	return fd, nil
}
