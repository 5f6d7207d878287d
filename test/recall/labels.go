package main

import (
	"bufio"
	"os"
	"strings"
)

// label is a picture and the payloads it should give.
type label struct {
	path    string
	want    []string // several where the picture holds several codes; without "-" and "?"
	unknown bool     // "?": whatever is read is neither right nor wrong
}

// negative tells whether the picture is known to hold no code.
func (l label) negative() bool { return len(l.want) == 0 && !l.unknown }

// readLabels reads a labels.tsv, one entry per picture in the order of the file.
func readLabels(path string) ([]label, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var labels []label
	at := map[string]int{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		name, text, ok := strings.Cut(strings.TrimRight(lines.Text(), "\r\n"), "\t")
		if name == "" {
			continue
		}
		if _, seen := at[name]; !seen {
			at[name] = len(labels)
			labels = append(labels, label{path: name})
		}
		l := &labels[at[name]]
		switch {
		case !ok || text == "?":
			l.unknown = true
		case text != "-":
			for _, payload := range strings.Split(text, "\t") {
				if payload == "?" {
					l.unknown = true
				} else {
					l.want = append(l.want, unescape(payload))
				}
			}
		}
	}
	return labels, lines.Err()
}

// unescape undoes the \n \r \t \\ of the labels.
func unescape(s string) string {
	return strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\r`, "\r", `\t`, "\t").Replace(s)
}

// same compares payloads as the peers' score does: without carriage returns and surrounding white space, and texts
// beyond ASCII by their ASCII part, since guesses of the charset differ.
func same(a, b string) bool {
	a, b = tidy(a), tidy(b)
	if a == b {
		return true
	}
	return (beyondASCII(a) || beyondASCII(b)) && printable(a) == printable(b)
}

func tidy(s string) string {
	return strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s))
}

func beyondASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > 126 }) >= 0
}

func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r > 0x20 && r < 0x7f {
			return r
		}
		return -1
	}, s)
}
