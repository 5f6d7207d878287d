package main

import (
	"os"
	"path/filepath"

	"quishmilter/inspect"
	"quishmilter/milter"
	"quishmilter/picture"
)

func (s Settings) milterLimits() milter.Limits {
	return milter.Limits{MaxConnections: s.Limits.Connections, MaxBody: int64(s.Limits.Size)}
}

func (s Settings) poolConfig(self, cache string) (inspect.PoolConfig, error) {
	rights, err := s.sandbox()
	return inspect.PoolConfig{
		Sandbox:     rights,
		Room:        uint64(s.memory() - daemonMemory),
		Queue:       s.Workers.Queue,
		Command:     []string{self, "worker"},
		Size:        s.Workers.Count,
		MemoryLimit: uint64(s.Workers.Memory),
		CacheDir:    cache,
		Limits:      s.pictureLimits(),
	}, err
}

// What the ceiling of memory is made of, in bytes.
const (
	daemonMemory  = 100e6    // the daemon itself, and what it holds of messages
	bodyMemory    = 32 << 20 // long bodies while their parts are looked for, within the daemon's
	usualMemory   = 700e6    // the default for two workers
	furtherMemory = 270e6    // for each worker more
	leastMemory   = 300e6    // the daemon and one worker
)

// memory is the ceiling for the daemon and its workers together.
func (s Settings) memory() int64 {
	if s.Limits.Memory > 0 {
		return int64(s.Limits.Memory)
	}
	workers := s.Workers.Count
	if workers == 0 {
		workers = inspect.DefaultSize()
	}
	return usualMemory + int64(max(workers-2, 0))*furtherMemory
}

func (s Settings) pictureLimits() picture.Limits {
	l := s.Limits
	return picture.Limits{Pixels: int64(l.Pixels), Pictures: l.Pictures, Pages: l.Pages, Unpacked: int64(l.Unpacked), Ratio: int64(l.Ratio),
		Message: picture.Budget{Pictures: l.AllPictures, Pixels: int64(l.AllPixels), Pages: l.AllPages, Unpacked: int64(l.AllUnpacked)}}
}

// cacheFolder is where the daemon keeps the compiled PDF renderer: systemd's CacheDirectory= where there is one. Workers
// run in another folder, so it must not be relative, as the state's folder is by default: they would make it below "/",
// or have none and compile at each start.
func (s Settings) cacheFolder() string {
	if dir := os.Getenv("CACHE_DIRECTORY"); filepath.IsAbs(dir) {
		return dir
	}
	state, err := filepath.Abs(s.State)
	if err != nil {
		return "" // our own folder is gone; without a cache PDFs are slower, not unread
	}
	return filepath.Join(state, "cache")
}
