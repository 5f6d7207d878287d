package sandbox

import (
	"errors"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// filterCalls has the kernel refuse all system calls but those that a computation in Go needs, to every thread.
func filterCalls() error {
	if architecture == 0 {
		return errors.New("not written for this processor")
	}
	program := filter(uint32(os.Getpid()))
	f := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	other, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&f)))
	if errno != 0 {
		return errno
	}
	if other != 0 {
		return fmt.Errorf("thread %d has a filter of its own", other)
	}
	return nil
}

// Offsets in struct seccomp_data; both processors are little-endian, so the low half of an argument comes first.
const (
	callNumber = 0
	callArch   = 4
	callFirst  = 16
)

// foreignCall is the bit that marks calls of x32, a second table of amd64 (seccomp(2), "Caveats").
const foreignCall = 0x40000000

// Flags of clone(2): a new thread has the first, and none of those that make namespaces.
const (
	threadFlag     = unix.CLONE_THREAD
	namespaceFlags = unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC | unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNET
)

// filter is the program that looks at each call. A call of another architecture ends the process, since no program of
// ours makes one; what is refused fails with EPERM. clone3 hides its flags from filters and is said to be missing, as
// the C library expects it to be on old kernels.
func filter(pid uint32) []unix.SockFilter {
	p := []unix.SockFilter{
		load(callArch),
		jump(unix.BPF_JEQ, architecture, 1, 0),
		give(unix.SECCOMP_RET_KILL_PROCESS),
		load(callNumber),
		jump(unix.BPF_JGE, foreignCall, 0, 1),
		give(unix.SECCOMP_RET_KILL_PROCESS),
		jump(unix.BPF_JEQ, unix.SYS_CLONE3, 0, 1),
		give(unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)),
	}
	p = append(p, special(unix.SYS_CLONE,
		load(callFirst),
		jump(unix.BPF_JSET, namespaceFlags, 2, 0),
		jump(unix.BPF_JSET, threadFlag, 0, 1),
		give(unix.SECCOMP_RET_ALLOW),
		give(refused))...)
	p = append(p, special(unix.SYS_TGKILL, // Go interrupts its own threads with it
		load(callFirst),
		jump(unix.BPF_JEQ, pid, 0, 1),
		give(unix.SECCOMP_RET_ALLOW),
		give(refused))...)
	for _, call := range allowed {
		p = append(p, jump(unix.BPF_JEQ, call, 0, 1), give(unix.SECCOMP_RET_ALLOW))
	}
	return append(p, give(refused))
}

const refused = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)

// special runs steps for one call; they must end with an answer.
func special(call uint32, steps ...unix.SockFilter) []unix.SockFilter {
	return append([]unix.SockFilter{jump(unix.BPF_JEQ, call, 0, uint8(len(steps)))}, steps...)
}

func load(offset uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}
}

func give(answer uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: answer}
}

// jump skips so many steps when the comparison holds, and so many when not.
func jump(test uint16, with uint32, yes, no uint8) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_JMP | test | unix.BPF_K, Jt: yes, Jf: no, K: with}
}

// common are the calls that a computation needs on every processor: reading and writing what is open, memory, threads,
// clocks. None takes a name, an address or another process.
var common = []uint32{
	unix.SYS_READ, unix.SYS_WRITE, unix.SYS_READV, unix.SYS_WRITEV, unix.SYS_CLOSE,
	unix.SYS_MMAP, unix.SYS_MUNMAP, unix.SYS_MPROTECT, unix.SYS_MREMAP, unix.SYS_MADVISE, unix.SYS_MINCORE, unix.SYS_BRK,
	unix.SYS_FUTEX, unix.SYS_NANOSLEEP, unix.SYS_CLOCK_NANOSLEEP, unix.SYS_CLOCK_GETTIME, unix.SYS_GETTIMEOFDAY,
	unix.SYS_SCHED_YIELD, unix.SYS_SCHED_GETAFFINITY, unix.SYS_GETPID, unix.SYS_GETTID, unix.SYS_GETRUSAGE,
	unix.SYS_RT_SIGACTION, unix.SYS_RT_SIGPROCMASK, unix.SYS_RT_SIGRETURN, unix.SYS_SIGALTSTACK, unix.SYS_RESTART_SYSCALL,
	unix.SYS_EPOLL_PWAIT, unix.SYS_EPOLL_CTL, unix.SYS_GETRANDOM,
	unix.SYS_SET_ROBUST_LIST, unix.SYS_RSEQ,
	unix.SYS_EXIT, unix.SYS_EXIT_GROUP,
}
