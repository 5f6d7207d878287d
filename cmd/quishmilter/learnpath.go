package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"quishmilter/prevalence"
)

// headerLimit is how much of a message's file is looked at; longer headers are cut.
const headerLimit = 1 << 20

// path learns from a folder or file named by the user, from its bookmark on. A symbolic link that is named is followed,
// since the walk follows none. What cannot be read is noted, and does not stop the rest.
func (t *teacher) path(path string) error {
	named, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	root, err := filepath.EvalSymlinks(named)
	if err != nil {
		t.cannotRead(path, err)
		return nil
	}
	info, err := os.Stat(root)
	if err != nil {
		t.cannotRead(path, err)
		return nil
	}
	places := append(places(named, info.IsDir()), places(root, info.IsDir())...)
	for _, place := range places {
		if why := whyLeftOut(place); why != "" && !t.judge.junk {
			t.skipped[why]++
			return nil
		}
	}
	t.root, t.at = root, bookmark{}
	w := walk{teacher: t, from: t.marks.get(root), sent: t.sent || slices.ContainsFunc(places, func(place string) bool { return isFolder(place, sentNames) })}
	w.waiting = w.from.File != ""
	if err := filepath.WalkDir(root, w.visit); err != nil {
		return err
	}
	if err := t.flush(); err != nil {
		return err
	}
	return t.marks.clear(root)
}

// walk goes through what lies below a named path.
type walk struct {
	*teacher
	from    bookmark
	waiting bool // for the file with the bookmark
	sent    bool // all of it is sent mail
}

func (w *walk) visit(name string, entry fs.DirEntry, err error) error {
	if errors.Is(err, fs.ErrNotExist) && name != w.root {
		return nil // a mail client moved it meanwhile; the walk meets it again, or the next run does
	}
	if err != nil {
		w.cannotRead(name, err)
		return nil
	}
	if name != w.root && !w.judge.junk && (entry.IsDir() || filepath.Ext(name) != ".eml") {
		if why := whyLeftOut(name); why != "" {
			w.skipped[why]++
			return passOver(entry)
		}
	}
	if entry.IsDir() {
		return ofMaildir(name, entry)
	}
	if !entry.Type().IsRegular() || isIndex(entry.Name()) {
		return nil
	}
	begin := int64(0)
	if w.waiting {
		if name != w.from.File {
			return nil
		}
		w.waiting, begin = false, w.from.Offset
	}
	if why := whyFlagged(name); why != "" && !w.judge.junk {
		w.skipped[why]++
		return nil
	}
	w.sentHere = w.sent || isSent(w.root, name)
	err = w.file(name, begin)
	var bad unreadable
	if errors.As(err, &bad) {
		w.cannotRead(name, bad.err)
		return nil
	}
	return err
}

// unreadable is an error of a file, which does not stop the others.
type unreadable struct{ err error }

func (u unreadable) Error() string { return u.err.Error() }
func (u unreadable) Unwrap() error { return u.err }

// whyFlagged says why the flags in the name of a Maildir's file keep it out.
func whyFlagged(name string) string {
	switch set := flags(name); {
	case strings.Contains(set, "T"):
		return becauseDeleted
	case strings.Contains(set, "D"):
		return becauseDraft
	}
	return ""
}

// passOver leaves a folder or an mbox file out.
func passOver(entry fs.DirEntry) error {
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
		return unreadable{err}
	}
	defer f.Close()
	in := bufio.NewReaderSize(io.NewSectionReader(f, from, headerLimit+16<<10), 16<<10)
	start, err := in.Peek(len("From "))
	if err != nil && !errors.Is(err, io.EOF) {
		return unreadable{err}
	}
	if string(start) == "From " {
		return t.mailbox(f, from)
	}
	header, err := headerOf(in)
	if err != nil {
		return unreadable{err}
	}
	t.at = bookmark{File: name}
	return t.message(header)
}

// mailbox learns from the messages of an mbox file.
func (t *teacher) mailbox(f *os.File, from int64) error {
	broken := error(nil) // what came from us, not from the file
	glued, err := prevalence.Mbox(f, from, func(offset int64, header []byte) error {
		t.at = bookmark{File: f.Name(), Offset: offset}
		broken = t.message(header)
		return broken
	})
	if glued > 0 {
		t.skipped[becauseGlued] += glued
	}
	if err != nil && broken == nil {
		return unreadable{err}
	}
	return err
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
