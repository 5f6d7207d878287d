package payload

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

//go:embed lists/*.txt
var builtin embed.FS

// Lists are the hosts whose links say little about who is behind them, by signal: the file name without ".txt" is the
// signal's name.
type Lists map[string]map[string]bool

// BuiltinLists are the lists that come with the program.
func BuiltinLists() Lists {
	sub, _ := fs.Sub(builtin, "lists") // the name is a constant
	l := Lists{}
	if err := l.read(sub); err != nil {
		panic(err) // the files are part of the program, and a test reads them
	}
	return l
}

// LoadLists adds an admin's files to the lists of the program: one host a line, "#" begins a comment, and a line
// "-host" takes a host off. A new file is a new signal. In opaque-redirect.txt what the path begins with may stand behind
// the host.
func LoadLists(folder string) (Lists, error) {
	l := BuiltinLists()
	if folder == "" {
		return l, nil
	}
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("%s is no folder with lists of hosts", folder)
	}
	return l, l.read(os.DirFS(folder))
}

func (l Lists) read(files fs.FS) error {
	names, err := fs.Glob(files, "*.txt")
	if err != nil {
		return err
	}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		if err := l.add(strings.TrimSuffix(filepath.Base(name), ".txt"), string(text)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (l Lists) add(signal, text string) error {
	if l[signal] == nil {
		l[signal] = map[string]bool{}
	}
	n := 0
	for line := range strings.Lines(text) {
		n++
		line, _, _ = strings.Cut(line, "#")
		line = strings.ToLower(strings.TrimSpace(line))
		host, off := strings.CutPrefix(line, "-")
		if host == "" {
			continue
		}
		path := ""
		if i := strings.IndexByte(host, '/'); i > 0 && signal == SignalOpaque {
			host, path = host[:i], host[i:]
		}
		if hostOf(host) != host || !strings.Contains(host, ".") || len(path) > maxStart {
			return fmt.Errorf("line %d: %.80q is no host; write for example \"example.com\"", n, host+path)
		}
		l[signal][host+path] = !off
	}
	return nil
}

// signals are the names of the lists that have the host, or a domain that it is under.
func (l Lists) signals(host string) []string {
	var found []string
	for _, signal := range slices.Sorted(maps.Keys(l)) {
		if signal != SignalOpaque && l.has(signal, host) { // that one is of links
			found = append(found, signal)
		}
	}
	return found
}

// has looks for the host and every domain above it; the most exact entry counts.
func (l Lists) has(signal, host string) bool {
	for domain := host; domain != ""; {
		if listed, ok := l[signal][domain]; ok {
			return listed
		}
		_, domain, _ = strings.Cut(domain, ".")
	}
	return false
}

// Shared tells whether a host itself is on a list of those where the path says whose a page is, as bit.ly, ipfs.io and
// sites.google.com are. Below it, as on name.pages.dev, the name does.
func (l Lists) Shared(host string) bool {
	host = strings.TrimPrefix(host, "www.")
	return slices.ContainsFunc([]string{SignalIPFS, SignalShortener, SignalQRService, SignalHosting, SignalTunnel, SignalForms}, func(signal string) bool { return l[signal][host] })
}
