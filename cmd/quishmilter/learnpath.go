package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"quishmilter/prevalence"
)

// headerLimit is how much of a message's file is looked at; longer headers are cut.
const headerLimit = 1 << 20

// path learns from a folder or file named by the user, from its bookmark on. A symbolic link that is named is followed,
// since the walk follows none.
func (t *teacher) path(path string) error {
	named, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	root, err := filepath.EvalSymlinks(named)
	if err != nil {
		return err
	}
	t.root, t.at = root, bookmark{}
	from := t.marks.get(root)
	waiting := from.File != ""
	err = filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && name != root {
			return nil // a mail client moved it meanwhile; the walk meets it again, or the next run does
		}
		if err != nil {
			return err
		}
		if name != root && isFolder(name, junkNames) && (entry.IsDir() || filepath.Ext(name) != ".eml") {
			return t.passOver(entry)
		}
		if entry.IsDir() {
			return ofMaildir(name, entry)
		}
		if !entry.Type().IsRegular() || isIndex(entry.Name()) {
			return nil
		}
		begin := int64(0)
		if waiting {
			if name != from.File {
				return nil
			}
			waiting, begin = false, from.Offset
		}
		t.sentHere = t.sent || isFolder(named, sentNames) || isSent(root, name)
		return t.file(name, begin)
	})
	if err != nil {
		return err
	}
	if err := t.flush(); err != nil {
		return err
	}
	return t.marks.clear(root)
}

// passOver leaves junk out: what nobody wanted builds no trust. Named itself, it is learnt from.
func (t *teacher) passOver(entry fs.DirEntry) error {
	t.skipped["a folder of junk"]++
	if entry.IsDir() {
		return fs.SkipDir
	}
	return nil
}

// ofMaildir passes over the folder in which a Maildir keeps what is still being written.
func ofMaildir(name string, entry fs.DirEntry) error {
	if entry.Name() != "tmp" {
		return nil
	}
	if info, err := os.Stat(filepath.Join(filepath.Dir(name), "cur")); err == nil && info.IsDir() {
		return fs.SkipDir
	}
	return nil
}

// isIndex knows the files that IMAP servers keep beside messages.
func isIndex(name string) bool {
	for _, start := range []string{"dovecot", "maildirfolder", "maildirsize", "courier", "subscriptions", ".dovecot", ".subscriptions", ".uidvalidity"} {
		if strings.HasPrefix(name, start) {
			return true
		}
	}
	return false
}

// file learns from one message, or from a mailbox of them from an offset on.
func (t *teacher) file(name string, from int64) error {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Seek(from, io.SeekStart); err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	in := bufio.NewReaderSize(f, 16<<10)
	start, err := in.Peek(len("From "))
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	if string(start) == "From " {
		return prevalence.Mbox(in, func(offset int64, header []byte) error {
			t.at = bookmark{File: name, Offset: from + offset}
			return t.message(header)
		})
	}
	header, err := headerOf(in)
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	t.at = bookmark{File: name}
	return t.message(header)
}

// headerOf reads up to the empty line: the body may be large.
func headerOf(in *bufio.Reader) ([]byte, error) {
	var header []byte
	for len(header) < headerLimit {
		line, err := in.ReadSlice('\n')
		header = append(header, line...)
		switch {
		case errors.Is(err, io.EOF), len(bytes.TrimRight(line, "\r\n")) == 0:
			return header, nil
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		}
	}
	return header[:headerLimit], nil
}

// unzipped reads through gzip where the file begins like that.
func unzipped(in *bufio.Reader) (io.Reader, error) {
	if magic, err := in.Peek(2); err != nil || magic[0] != 0x1f || magic[1] != 0x8b {
		return in, nil
	}
	return gzip.NewReader(in)
}
