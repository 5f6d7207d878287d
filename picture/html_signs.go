package picture

import (
	"bytes"
	"html"
)

// signs is what a quick look at a text counts: everything that could be part of a code. Nothing is parsed for it.
type signs struct {
	data      int  // data: URIs of pictures and documents
	svg       int  // svg elements
	empties   int  // elements with next to nothing in them: cells that are only painted
	lists     int  // commas in box-shadow and gradients
	pictures  int  // pictures that are in the message
	blocks    int  // characters that paint parts of their cell
	art       int  // lines of two or three characters, at most in a row
	script    bool // a script that builds what is shown
	generator bool // a URL of a generator of codes
}

// What is few enough to be an ordinary message. The smallest code, 21 modules wide, has about 100 dark runs, and 66
// characters in braille.
const (
	ordinaryEmpties = 56
	ordinaryLists   = 60
	ordinaryBlocks  = 40
	fewestArtLines  = 16
)

func (s signs) painted() bool {
	return s.empties >= ordinaryEmpties || s.lists >= ordinaryLists || s.pictures >= 2
}
func (s signs) written() bool {
	return s.blocks >= ordinaryBlocks || s.art >= fewestArtLines || s.empties >= ordinaryEmpties
}
func (s signs) any() bool {
	return s.data > 0 || s.script || s.svg > 0 || s.generator || s.painted() || s.written()
}

// textGate is how much of a text the daemon looks at; what is longer goes to a worker.
const textGate = 2 << 20

// Text reports whether a part is one that WantedText has to decide about, and by what size of it at most.
func Text(declaredType, name string, head []byte) (bool, int) {
	part := Part{Type: declaredType, Name: name, Data: head}
	for _, f := range textFormats() {
		if f.magic(part) {
			return true, textGate + 1
		}
	}
	return false, 0
}

// WantedText reports whether a worker has to look at a text, from its decoded content. It costs about a millisecond
// for 500 KB.
func WantedText(declaredType, name, charset string, data []byte) bool {
	if len(data) > textGate {
		return true
	}
	part := Part{Type: declaredType, Name: name, Charset: charset, Data: data}
	text := textOf(part)
	if isCalendar(part) {
		return calendarWanted(text)
	}
	s := signsOf(text, isHTML(part))
	s.script = isHTML(part) && opensInBrowser(part) && buildsPage(lowered(text))
	return s.any()
}

// signsOf looks a text over.
func signsOf(text []byte, markup bool) signs {
	c := counter{}
	if !markup {
		c.text(text)
		c.endLine()
		c.generator = generatorIn(text)
		return c.signs
	}
	low := lowered(text)
	c.markup(text, low)
	c.endLine()
	plain := lowered([]byte(html.UnescapeString(string(c.escaped))))
	c.data = countData(low) + countData(plain)
	c.lists = countLists(low)
	c.generator = generatorIn(low) || generatorIn(plain)
	return c.signs
}

// countData counts the data: URIs that may be pictures or documents.
func countData(low []byte) int {
	n := 0
	for from := 0; ; {
		i := bytes.Index(low[from:], []byte("data:"))
		if i < 0 {
			return n
		}
		from += i + 5
		head := low[from:min(len(low), from+100)]
		head, _, ok := bytes.Cut(head, []byte(","))
		if ok && (bytes.Contains(head, []byte("image/")) || bytes.Contains(head, []byte("html")) || bytes.Contains(head, []byte("pdf")) || bytes.Contains(head, []byte("base64")) || bytes.Contains(head, []byte("xml"))) &&
			!bytes.Contains(head, []byte("font")) {
			n++
		}
	}
}

// countLists counts the commas of the longest box-shadow or gradient.
func countLists(low []byte) int {
	most := 0
	for _, word := range []string{"box-shadow", "gradient("} {
		if i := bytes.Index(low, []byte(word)); i >= 0 {
			most = max(most, bytes.Count(low[i:], []byte(","))/2)
		}
	}
	return most
}

// generatorIn looks for hosts of generators.
func generatorIn(text []byte) bool {
	for from := 0; ; {
		i := bytes.Index(text[from:], []byte("//"))
		if i < 0 {
			return false
		}
		from += i + 2
		end := from
		for end < len(text) && end < from+100 && hostByte(text[end]) {
			end++
		}
		if end > from && generatorsAt(string(text[from:end])) != nil {
			return true
		}
	}
}
