package main

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

// process is one line of /proc/PID/stat, as far as it is of use here (proc(5)).
type process struct {
	pid, parent int
	cpu         time.Duration // user and system time, of it and of its children that have ended and been waited for
}

// tree returns a process and all its living descendants, the process itself first.
func tree(root int) ([]process, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	children := map[int][]process{}
	var found []process
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
		found = append(found, children[found[i].pid]...)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("process %d has ended", root)
	}
	return found, nil
}

// errEnded says that a process ended between the opening and the reading of its file.
var errEnded = errors.New("the process has ended")

func readProcess(pid int) (process, error) {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		if strings.Contains(err.Error(), "no such process") {
			return process{}, errEnded
		}
		return process{}, err
	}
	return parseStat(pid, text)
}

// parseStat skips the program's name, which may hold anything, by its last parenthesis. Counted from there, the
// parent is field 1, and utime, stime, cutime and cstime are fields 11 to 14.
func parseStat(pid int, text []byte) (process, error) {
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 15 {
		return process{}, fmt.Errorf("/proc/%d/stat has %d fields", pid, len(fields))
	}
	parent, err := strconv.Atoi(fields[1])
	if err != nil {
		return process{}, fmt.Errorf("/proc/%d/stat: %w", pid, err)
	}
	p := process{pid: pid, parent: parent}
	for _, field := range fields[11:15] {
		ticks, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return process{}, fmt.Errorf("/proc/%d/stat: %w", pid, err)
		}
		p.cpu += time.Duration(ticks) * tick
	}
	return p, nil
}

// cpuTime is the CPU time of the whole tree up to now.
func cpuTime(root int) (time.Duration, error) {
	processes, err := tree(root)
	var sum time.Duration
	for _, p := range processes {
		sum += p.cpu
	}
	return sum, err
}

// pss is a process's proportional share of memory in octets, where pages that several processes share count in parts.
func pss(pid int) (int64, error) {
	name := filepath.Join("/proc", strconv.Itoa(pid), "smaps_rollup")
	text, err := os.ReadFile(name)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "Pss:"); ok {
			kilobytes, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kilobytes << 10, err
		}
	}
	return 0, fmt.Errorf("%s has no Pss", name)
}

// memory is the PSS of the root process and of its largest descendant, and the sum over all.
type memory struct{ root, largest, sum int64 }

func memoryOf(root int) (memory, error) {
	processes, err := tree(root)
	if err != nil {
		return memory{}, err
	}
	var m memory
	for _, p := range processes {
		share, err := pss(p.pid)
		if err != nil {
			return memory{}, err
		}
		m.sum += share
		if p.pid == root {
			m.root = share
		} else {
			m.largest = max(m.largest, share)
		}
	}
	return m, nil
}
