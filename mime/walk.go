package mime

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// Limits bound the walk over one message.
type Limits struct {
	Parts int // leaves that are handed out
	Depth int // multiparts and messages inside one another
}

// Tree is a message taken apart.
type Tree struct {
	Parts    []Part // the leaves, in the order of the message
	Problems []Problem
}

// container is an entity that holds others and is still open at the place where the walk stands.
type container struct {
	path       string
	boundaries []string // none for a message/rfc822
	children   int
	preamble   int    // octets of what stands before the first part
	child      string // type of the parts that name none
}

// walker goes over the body once, whatever the nesting: the open multiparts are a stack, and a delimiter line is
// looked up among all of them. Walking each level by itself, as go-message does, costs the square of the depth.
type walker struct {
	limits   Limits
	stack    []container
	open     map[string]int // delimiter → index in the stack of the innermost multipart that uses it
	tree     Tree
	overflow bool
	strays   int // that were walked
}

// Walk takes a message apart into its leaves. It never fails: what does not parse is read as the most lenient mail
// client would, and said in Problems.
func Walk(header []Field, body []byte, limits Limits) Tree {
	w := &walker{limits: limits, open: map[string]int{}}
	w.entity(header, body, "")
	w.leave(0) // what nobody closed ends with the message
	return w.tree
}

// entity walks an entity whose header is known, and everything in it.
// The loop replaces recursion, since a message may nest deeper than a stack should grow.
func (w *walker) entity(header []Field, body []byte, path string) {
	rest := body
	head := describe(header, defaultType)
	for {
		if head.isMultipart() && len(head.boundaries) == 0 {
			head.boundaries = guessBoundary(rest)
		}
		if !w.enter(&head, path) {
			var leaf []byte
			leaf, rest = w.untilDelimiter(rest)
			w.leaf(head, path, leaf)
		} else if head.isMessage() {
			var inner []Field
			inner, rest = parseHeader(rest, w.isDelimiter)
			head = describe(inner, defaultType)
			continue
		} else {
			var preamble []byte
			preamble, rest = w.untilDelimiter(rest)
			w.stack[len(w.stack)-1].preamble = len(bytes.TrimSpace(preamble))
			w.stray(preamble, path, "preamble")
		}
		var more bool
		head, path, rest, more = w.next(rest)
		if !more {
			return
		}
	}
}

// enter pushes a multipart or an attached message onto the stack; false means that the entity is a leaf.
func (w *walker) enter(head *Part, path string) bool {
	switch {
	case head.isMultipart():
		if len(head.boundaries) == 0 {
			w.problem(path, Broken, "multipart without a boundary")
			return false
		}
	case head.isMessage():
	default:
		return false
	}
	if len(w.stack) >= w.limits.Depth {
		w.over("nested deeper than " + strconv.Itoa(w.limits.Depth) + " levels")
		return false
	}
	w.stack = append(w.stack, container{path: path, boundaries: head.boundaries, child: childType(head.Type)})
	for _, b := range head.boundaries {
		w.open[b] = len(w.stack) - 1
	}
	return true
}

// next reads the delimiter line at the start of rest and returns the entity that follows it. A closing delimiter
// ends its multipart; what stands behind it, up to the next delimiter of an outer one, is the epilogue.
func (w *walker) next(rest []byte) (head Part, path string, after []byte, more bool) {
	for len(rest) > 0 {
		line, after := cutLine(rest)
		level, closing := w.delimiter(line)
		w.leave(level + 1)
		rest = after
		if closing {
			outer := w.stack[level].path
			w.leave(level)
			var epilogue []byte
			epilogue, rest = w.untilDelimiter(rest)
			w.stray(epilogue, outer, "epilogue")
			continue
		}
		w.stack[level].children++
		path := childPath(w.stack[level].path, w.stack[level].children)
		fields, body := parseHeader(rest, w.isDelimiter)
		return describe(fields, w.stack[level].child), path, body, true
	}
	return Part{}, "", nil, false // a multipart that nobody closes ends with the message
}

// leave pops everything from the given level of the stack on.
func (w *walker) leave(level int) {
	for len(w.stack) > level {
		top := w.stack[len(w.stack)-1]
		w.stack = w.stack[:len(w.stack)-1]
		if len(top.boundaries) > 0 && top.children == 0 && top.preamble >= littleContent {
			// Its delimiters are other ones than it says, or encoded, or longer than we read. A mail client may know how.
			w.problem(top.path, Broken, "multipart with content and without parts")
		}
		for _, b := range top.boundaries {
			delete(w.open, b)
			// An outer multipart with the same boundary becomes visible again. Rare, so the search may cost.
			for i := len(w.stack) - 1; i >= 0 && i > len(w.stack)-16; i-- {
				if contains(w.stack[i].boundaries, b) {
					w.open[b] = i
					break
				}
			}
		}
	}
}

// untilDelimiter cuts body before the next delimiter line of any open multipart, without the line break that
// belongs to the delimiter (RFC 2046, section 5.1.1).
func (w *walker) untilDelimiter(body []byte) (content, rest []byte) {
	if len(w.open) == 0 {
		return body, nil
	}
	for at := 0; ; {
		if bytes.HasPrefix(body[at:], []byte("--")) {
			if line, _ := cutLine(body[at:]); w.isDelimiter(line) {
				return trimLineBreak(body[:at]), body[at:]
			}
		}
		i := bytes.Index(body[at:], []byte("\n--"))
		if i < 0 {
			return body, nil
		}
		at += i + 1
	}
}

func (w *walker) isDelimiter(line []byte) bool {
	level, _ := w.delimiter(line)
	return level >= 0
}

// delimiter tells which open multipart a line delimits, -1 for none, and whether it closes it.
func (w *walker) delimiter(line []byte) (level int, closing bool) {
	if len(line) < 2 || line[0] != '-' || line[1] != '-' || len(line) > maxBoundary+8 {
		return -1, false
	}
	text := strings.TrimRight(string(line[2:]), " \t\r\n")
	if level, ok := w.open[text]; ok {
		return level, false
	}
	if inner, ok := strings.CutSuffix(text, "--"); ok {
		if level, ok := w.open[inner]; ok {
			return level, true
		}
	}
	return -1, false
}

// leaf hands out a part, as long as there is room for it.
func (w *walker) leaf(head Part, path string, raw []byte) {
	if path == "" {
		path = "1"
	} else if n := len(w.stack); n > 0 && w.stack[n-1].path == path && len(w.stack[n-1].boundaries) == 0 {
		path = childPath(path, 1) // the only part of an attached message
	}
	if len(w.tree.Parts) >= w.limits.Parts {
		w.over(fmt.Sprintf("more than %d parts", w.limits.Parts))
		return
	}
	head.Path, head.Raw = path, raw
	w.tree.Parts = append(w.tree.Parts, head)
	if head.isMultipart() {
		w.carve(raw, path)
	}
	w.inline(&head)
}

// stray hands out what stands before the first or behind the last part, since some mail clients show it: as text, and
// as the parts that somebody forgot to announce.
func (w *walker) stray(raw []byte, path, where string) {
	if len(bytes.TrimSpace(raw)) < shortestStray {
		return
	}
	if path != "" {
		path += "."
	}
	path += where
	w.leaf(Part{Type: "text/plain", Encoding: "7bit"}, path, raw)
	if boundaries := guessBoundary(raw); len(boundaries) > 0 && w.strays < mostStrays {
		w.strays++
		inner := &walker{limits: w.limits, open: map[string]int{}, tree: w.tree, overflow: w.overflow, strays: w.strays}
		inner.entity([]Field{{Name: "Content-Type", Value: "multipart/mixed"}}, raw, path)
		inner.leave(0)
		w.tree, w.overflow, w.strays = inner.tree, inner.overflow, inner.strays
		return
	}
	w.carve(raw, path)
}

const (
	shortestStray = 16 // a link to a code is hardly shorter
	mostStrays    = 8  // that are walked, inside each other too
	littleContent = 200
)

func (w *walker) problem(path string, kind Kind, detail string) {
	if len(w.tree.Problems) < maxProblems {
		w.tree.Problems = append(w.tree.Problems, Problem{Part: path, Kind: kind, Detail: detail})
	}
}

const maxProblems = 32

// over notes a limit once.
func (w *walker) over(detail string) {
	if !w.overflow {
		w.overflow = true
		w.tree.Problems = append(w.tree.Problems, Problem{Kind: OverLimit, Detail: detail})
	}
}

// defaultType is what a part without a type is (RFC 2045, section 5.2).
const defaultType = "text/plain"

// childType is what the parts of a multipart are that name no type: those of a digest are messages (RFC 2046, section
// 5.1.5).
func childType(multipart string) string {
	if multipart == "multipart/digest" {
		return "message/rfc822"
	}
	return defaultType
}

// guessBoundary finds the delimiter of a multipart whose header names none: the first line that begins with "--" and
// has a Content- field below it.
func guessBoundary(body []byte) []string {
	for rest := body; len(rest) > 0; {
		var line []byte
		line, rest = cutLine(rest)
		if len(line) > maxBoundary+4 {
			continue // one that we would not know again
		}
		if text := strings.TrimRight(string(line), " \t\r\n"); len(text) > 2 && strings.HasPrefix(text, "--") && fieldFollows(rest) {
			return []string{text[2:]}
		}
	}
	return nil
}

func childPath(parent string, n int) string {
	if parent == "" {
		return strconv.Itoa(n)
	}
	return parent + "." + strconv.Itoa(n)
}

func contains(list []string, s string) bool {
	for _, have := range list {
		if have == s {
			return true
		}
	}
	return false
}

// cutLine splits off the first line, line break included.
func cutLine(b []byte) (line, rest []byte) {
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		return b[:i+1], b[i+1:]
	}
	return b, nil
}

func trimLineBreak(b []byte) []byte {
	b = bytes.TrimSuffix(b, []byte("\n"))
	return bytes.TrimSuffix(b, []byte("\r"))
}
