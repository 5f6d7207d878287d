package main

import (
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
		Limits:      picture.Limits{Pixels: int64(s.Limits.Pixels), Pictures: s.Limits.Pictures, Pages: s.Limits.Pages},
	}
}

// cacheFolder is where the daemon keeps the compiled PDF renderer.
func (s Settings) cacheFolder() string { return filepath.Join(s.State, "cache") }
