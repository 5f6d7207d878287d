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

func (s Settings) poolConfig(self, cache string) inspect.PoolConfig {
	return inspect.PoolConfig{
		Command:     []string{self, "worker"},
		Size:        s.Workers.Count,
		MemoryLimit: uint64(s.Workers.Memory),
		CacheDir:    cache,
		Limits:      s.pictureLimits(),
	}
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
