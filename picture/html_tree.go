package picture

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
)

// Bounds of a tree of HTML or SVG. A code of version 40 drawn with one cell for each module has 31,329 cells and
// two tags for each; deeper than treeDepth, elements become siblings, as browsers do from 512 on.
const (
	treeNodes    = 300_000
	treeDepth    = 256
	treeComments = 64
)

// node is an element, or a text when its tag is empty. Names are in lower case.
type node struct {
	tag      string
	text     string
	attrs    []markupAttr
	parent   *node
	children []*node
	nth      int // place among its sibling elements, from 1
	look     *style
}

type markupAttr struct{ name, value string }

// attr returns an attribute's value, "" without one. Of repeated ones the first counts, as in browsers.
func (n *node) attr(name string) string {
	for _, a := range n.attrs {
		if a.name == name {
			return a.value
		}
	}
	return ""
}

// tree is a parsed document.
type tree struct {
	root     *node
	sheets   []string // contents of style elements
	scripts  []string // contents of script elements
	comments []string // of conditional comments, which Outlook shows
	nodes    int
	cut      bool // the document has more elements than are looked at
}

// grower builds a tree from tokens. html.Parse is not used: it refuses what is nested deeper than 512 elements, which
// browsers and mail clients show.
type grower struct {
	tree
	tokens  *html.Tokenizer
	at      *node
	depth   int
	foreign int // open svg elements
}

// growTree parses HTML or SVG. It never fails: what is no markup is text.
func growTree(data []byte) *tree { return growTreeWith(data, 0) }

// growXML parses XML in the same way: as in foreign elements, a slash closes each.
func growXML(data []byte) *tree { return growTreeWith(data, 1) }

func growTreeWith(data []byte, foreign int) *tree {
	root := &node{tag: "#root"}
	g := &grower{tree: tree{root: root}, tokens: html.NewTokenizer(bytes.NewReader(data)), at: root, foreign: foreign}
	g.tokens.AllowCDATA(true)
	for g.step() {
	}
	return &g.tree
}

// step takes one token; false at the end or the limit.
func (g *grower) step() bool {
	if g.nodes >= treeNodes {
		g.cut = true
		return false
	}
	switch kind := g.tokens.Next(); kind {
	case html.ErrorToken:
		return false
	case html.TextToken:
		g.addText(string(g.tokens.Text()))
	case html.StartTagToken, html.SelfClosingTagToken:
		g.start(kind == html.SelfClosingTagToken)
	case html.EndTagToken:
		name, _ := g.tokens.TagName()
		g.end(string(name))
	case html.CommentToken:
		g.comment(string(g.tokens.Text()))
	}
	return true
}

func (g *grower) addText(text string) {
	if g.at.tag == "style" {
		g.sheets = append(g.sheets, text)
		return
	}
	if g.at.tag == "script" {
		g.scripts = append(g.scripts, text)
		return
	}
	if text != "" {
		g.nodes++
		g.at.children = append(g.at.children, &node{text: text, parent: g.at})
	}
}

// start opens an element. Only foreign elements close themselves with a slash (HTML, section 13.2.6).
func (g *grower) start(slash bool) {
	raw, more := g.tokens.TagName()
	n := &node{tag: string(raw)}
	for more {
		var key, value []byte
		key, value, more = g.tokens.TagAttr()
		if len(n.attrs) < 64 {
			n.attrs = append(n.attrs, markupAttr{string(key), string(value)})
		}
	}
	switch n.tag {
	case "noscript", "noembed", "noframes": // mail clients run no scripts, so they show these
		g.tokens.NextIsNotRawText()
	case "title":
		if g.foreign > 0 {
			g.tokens.NextIsNotRawText()
		}
	case "style":
		if g.foreign > 0 && !slash {
			g.tokens.NextIsNotRawText()
		}
	}
	g.implyEnds(n.tag)
	g.nodes++
	n.parent = g.at
	if k := len(g.at.children); k > 0 {
		for i := k - 1; i >= 0 && n.nth == 0; i-- {
			n.nth = g.at.children[i].nth
		}
	}
	n.nth++
	g.at.children = append(g.at.children, n)
	if voidElement(n.tag) || slash && g.foreign > 0 || slash && n.tag == "svg" || g.depth >= treeDepth {
		return
	}
	g.at, g.depth = n, g.depth+1
	if n.tag == "svg" {
		g.foreign++
	}
}

func voidElement(tag string) bool {
	switch tag {
	case "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr":
		return true
	}
	return false
}

// implyEnds closes what an element of this name ends without an end tag: tables in mail are full of that.
func (g *grower) implyEnds(tag string) {
	switch tag {
	case "td", "th":
		g.closeUpTo("tr", "td", "th")
	case "tr":
		g.closeUpTo("table", "td", "th", "tr")
	case "tbody", "thead", "tfoot":
		g.closeUpTo("table", "td", "th", "tr", "tbody", "thead", "tfoot")
	case "li":
		if g.at.tag == "li" {
			g.pop()
		}
	case "p", "div", "table", "ul", "ol", "pre":
		if g.at.tag == "p" && tag != "table" {
			g.pop()
		}
	}
}

// closeUpTo pops to the topmost of the given elements that is open, looking no further than the boundary.
func (g *grower) closeUpTo(boundary string, tags ...string) {
	var top *node
	for n := g.at; n.parent != nil && n.tag != boundary && n.tag != "table"; n = n.parent {
		for _, tag := range tags {
			if n.tag == tag {
				top = n
			}
		}
	}
	for top != nil && g.at != top.parent {
		g.pop()
	}
}

// end closes an element, if one of that name is open in the same table.
func (g *grower) end(tag string) {
	for n := g.at; n.parent != nil; n = n.parent {
		if n.tag == tag {
			for g.at != n.parent {
				g.pop()
			}
			return
		}
		if n.tag == "table" {
			return
		}
	}
}

func (g *grower) pop() {
	if g.at.tag == "svg" {
		g.foreign--
	}
	g.at, g.depth = g.at.parent, g.depth-1
}

// comment keeps what stands in a conditional comment; every desktop Outlook shows it.
func (g *grower) comment(text string) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), "[if ")
	if !ok || len(g.comments) >= treeComments {
		return
	}
	if _, body, ok := strings.Cut(rest, "]>"); ok {
		body, _, _ = strings.Cut(body, "<![endif]")
		g.comments = append(g.comments, body)
	}
}

// walk visits elements and texts in the order of the document, until visit returns false for a subtree.
func (n *node) walk(visit func(*node) bool) {
	if !visit(n) {
		return
	}
	for _, c := range n.children {
		c.walk(visit)
	}
}
