package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"quishmilter/state"
)

// bookmarks say how far a broken-off learn came in each path that it was given, so that the same command goes on
// there. They only save time: a message that is learnt twice counts once. A file of their own beside the state, since
// the daemon may hold the state.
type bookmarks struct {
	name string
	all  map[string]bookmark
}

// bookmark is the last message that was committed.
type bookmark struct {
	File   string `json:"file"`
	Offset int64  `json:"offset,omitempty"` // of the message in a mailbox
}

// openBookmarks reads what there is; what cannot be read is as if it were not there.
func openBookmarks(folder string) *bookmarks {
	b := &bookmarks{name: filepath.Join(folder, "learn.json"), all: map[string]bookmark{}}
	if text, err := os.ReadFile(b.name); err == nil && json.Unmarshal(text, &b.all) != nil {
		b.all = map[string]bookmark{}
	}
	return b
}

// get returns the bookmark in a path, if its file is still what it was as far as one can see.
func (b *bookmarks) get(root string) bookmark {
	mark := b.all[root]
	if info, err := os.Lstat(mark.File); err != nil || !info.Mode().IsRegular() || info.Size() < mark.Offset {
		return bookmark{}
	}
	return mark
}

func (b *bookmarks) set(root string, mark bookmark) error {
	b.all[root] = mark
	return b.write()
}

func (b *bookmarks) clear(root string) error {
	delete(b.all, root)
	if len(b.all) == 0 {
		if err := os.Remove(b.name); !errors.Is(err, os.ErrNotExist) {
			return err
		}
		return nil
	}
	return b.write()
}

// write replaces the file as a whole: a process that dies leaves the old one.
func (b *bookmarks) write() error {
	text, err := json.Marshal(b.all)
	if err != nil {
		return err
	}
	if err := os.WriteFile(b.name+".new", text, 0o600); err != nil {
		return err
	}
	if err := state.GiveToOwner(b.name+".new", filepath.Dir(b.name)); err != nil {
		return err
	}
	return os.Rename(b.name+".new", b.name)
}
