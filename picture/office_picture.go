package picture

import (
	"bytes"
	"fmt"
	"html"
	"path"
	"strings"
)

// picture places a picture of the document, so that the layout can put pieces of a code together.
func (o *officePage) picture(local string, n *node) {
	var x, y, w, h float64
	source, standing := "", false
	switch local {
	case "inline": // of Word: in the line
		w, h = decimal(n.child("extent").value("cx"))/pixelEMU, decimal(n.child("extent").value("cy"))/pixelEMU
		source = o.targets[n.child("graphic", "graphicdata", "pic", "blipfill", "blip").value("embed")]
	case "pic":
		off, ext := n.child("sppr", "xfrm", "off"), n.child("sppr", "xfrm", "ext")
		x, y, w, h = decimal(off.value("x"))/pixelEMU, decimal(off.value("y"))/pixelEMU, decimal(ext.value("cx"))/pixelEMU, decimal(ext.value("cy"))/pixelEMU
		source, standing = o.targets[n.child("blipfill", "blip").value("embed")], true
	case "frame": // of OpenDocument
		b, _, _ := o.openBox(n)
		x, y, w, h = b[0], b[1], b[2], b[3]
		source, standing = n.child("image").value("href"), n.value("anchor-type") != "as-char"
	}
	if source == "" || w <= 0 || h <= 0 {
		o.children(n)
		return
	}
	style := ""
	if standing {
		style = fmt.Sprintf("position:absolute;left:%.1fpx;top:%.1fpx;", o.at.x+o.at.sx*x, o.at.y+o.at.sy*y)
	}
	fmt.Fprintf(&o.out, `<img src="%s" style="%swidth:%.1fpx;height:%.1fpx">`, html.EscapeString(source), style, o.at.sx*w, o.at.sy*h)
}

// maxTargets bounds the relations of one XML file that are read.
const maxTargets = 2000

// relations are what an XML file of a document refers to, by the names of its relations: names of files in the ZIP
// file, or URLs of pictures elsewhere (ECMA-376-2, section 9.3).
func (m *members) relations(z *zipFile, name string) (inside map[string]string, linked []string) {
	dir, file := path.Split(name)
	want := dir + "_rels/" + file + ".rels"
	for _, e := range z.entries {
		if e.name != want {
			continue
		}
		text := z.read(e, min(maxOfficeText, m.room()))
		m.spend(int64(len(text)))
		if !bytes.Contains(text, []byte("/image")) {
			return nil, nil
		}
		return targetsOf(growXML(text), dir)
	}
	return nil, nil
}

func targetsOf(t *tree, dir string) (inside map[string]string, linked []string) {
	inside = map[string]string{}
	t.root.walk(func(n *node) bool {
		if localName(n.tag) != "relationship" || !strings.HasSuffix(n.attr("type"), "/image") || len(inside)+len(linked) >= maxTargets {
			return true
		}
		target := strings.TrimSpace(n.attr("target"))
		switch {
		case strings.EqualFold(n.attr("targetmode"), "External"):
			linked = append(linked, target)
		case strings.HasPrefix(target, "/"):
			inside[n.attr("id")] = target[1:]
		default:
			inside[n.attr("id")] = path.Join(dir, target)
		}
		return true
	})
	return inside, linked
}
