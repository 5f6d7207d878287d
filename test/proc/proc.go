// Package proc reads what a process and its children use, from /proc.
package proc

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of the times in /proc/PID/stat: USER_HZ is 100 on every Linux that Debian builds.
const tick = 10 * time.Millisecond

// Process is one line of /proc/PID/stat, as far as it is of use here (proc(5)).
type Process struct {
	PID, parent int
	CPU         time.Duration // user and system time, of it and of its children that have ended and been waited for
}

// Tree returns a process and all its living descendants, the process itself first.
func Tree(root int) ([]Process, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	children := map[int][]Process{}
	var found []Process
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		p, err := readProcess(pid)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errEnded) {
			continue // it has ended since
		}
		if err != nil {
			return nil, err
		}
		if pid == root {
			found = append(found, p)
		}
		children[p.parent] = append(children[p.parent], p)
	}
	for i := 0; i < len(found); i++ {
		found = append(found, children[found[i].PID]...)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("process %d has ended", root)
	}
	return found, nil
}

// errEnded says that a process ended between the opening and the reading of its file.
var errEnded = errors.New("the process has ended")

func readProcess(pid int) (Process, error) {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		if strings.Contains(err.Error(), "no such process") {
			return Process{}, errEnded
		}
		return Process{}, err
	}
	return parseStat(pid, text)
}

// parseStat skips the program's name, which may hold anything, by its last parenthesis. Counted from there, the
// parent is field 1, and utime, stime, cutime and cstime are fields 11 to 14.
func parseStat(pid int, text []byte) (Process, error) {
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 15 {
		return Process{}, fmt.Errorf("/proc/%d/stat has %d fields", pid, len(fields))
	}
	parent, err := strconv.Atoi(fields[1])
	if err != nil {
		return Process{}, fmt.Errorf("/proc/%d/stat: %w", pid, err)
	}
	p := Process{PID: pid, parent: parent}
	for _, field := range fields[11:15] {
		ticks, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return Process{}, fmt.Errorf("/proc/%d/stat: %w", pid, err)
		}
		p.CPU += time.Duration(ticks) * tick
	}
	return p, nil
}

// CPUTime is the CPU time of the whole tree up to now.
func CPUTime(root int) (time.Duration, error) {
	processes, err := Tree(root)
	var sum time.Duration
	for _, p := range processes {
		sum += p.CPU
	}
	return sum, err
}

// pss is a process's proportional share of memory in octets, where pages that several processes share count in parts.
func pss(pid int) (int64, error) { return rollup(pid, "Pss:") }

// rollup is one line of /proc/PID/smaps_rollup, in octets.
func rollup(pid int, key string) (int64, error) {
	name := filepath.Join("/proc", strconv.Itoa(pid), "smaps_rollup")
	text, err := os.ReadFile(name)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, key); ok {
			kilobytes, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kilobytes << 10, err
		}
	}
	return 0, fmt.Errorf("%s has no %s", name, key)
}

// Private is the memory of a process and its descendants that lies in no file, in octets.
func Private(root int) (sum int64, err error) {
	processes, err := Tree(root)
	for _, p := range processes {
		share, failed := Anonymous(p.PID)
		sum, err = sum+share, errors.Join(err, failed)
	}
	return sum, err
}

// Anonymous is the memory of one process that lies in no file, in octets.
func Anonymous(pid int) (int64, error) { return rollup(pid, "Anonymous:") }

// Memory is the PSS of the root process and of its largest descendant, and the sum over all.
type Memory struct{ Root, Largest, Sum int64 }

// MemoryOf measures a process and its descendants.
func MemoryOf(root int) (Memory, error) {
	processes, err := Tree(root)
	if err != nil {
		return Memory{}, err
	}
	var m Memory
	for _, p := range processes {
		share, err := pss(p.PID)
		if err != nil {
			return Memory{}, err
		}
		m.Sum += share
		if p.PID == root {
			m.Root = share
		} else {
			m.Largest = max(m.Largest, share)
		}
	}
	return m, nil
}

// Descriptors is how many files, sockets and pipes the whole tree has open.
func Descriptors(root int) (int, error) {
	processes, err := Tree(root)
	if err != nil {
		return 0, err
	}
	sum := 0
	for _, p := range processes {
		open, err := os.ReadDir(filepath.Join("/proc", strconv.Itoa(p.PID), "fd"))
		if errors.Is(err, fs.ErrNotExist) {
			continue // it has ended since
		}
		if err != nil {
			return 0, err
		}
		sum += len(open)
	}
	return sum, nil
}

// String shows megabytes: the root, its largest descendant, and all together.
func (m Memory) String() string {
	if m.Largest == 0 {
		return fmt.Sprintf("%.0f", megabytes(m.Root))
	}
	return fmt.Sprintf("%.0f + %.0f = %.0f", megabytes(m.Root), megabytes(m.Largest), megabytes(m.Sum))
}

func megabytes(octets int64) float64 { return float64(octets) / 1e6 }
