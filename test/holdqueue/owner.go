package main

import (
	"os"
	"syscall"
)

// chownLike gives a file the folder's owner.
func chownLike(path string, folder os.FileInfo) error {
	stat := folder.Sys().(*syscall.Stat_t)
	return os.Chown(path, int(stat.Uid), int(stat.Gid))
}
