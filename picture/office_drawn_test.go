package picture_test

import (
	"fmt"
	"image"
	"strings"
	"testing"

	"quishmilter/picture"
	"quishmilter/test/mailmaker"
)

// wantsDocument checks that a document is looked at and gives the one code, carried by Office, and no complaint.
func wantsDocument(t *testing.T, name string, data []byte) {
	t.Helper()
	part := picture.Part{Path: "2", Name: name, Data: data}
	if !picture.Wanted(part.Type, part.Name, data[:min(len(data), 1024)]) {
		t.Error("not wanted")
	}
	r := readAll(t, part)
	if len(r.codes) == 0 || r.codes[0] != drawnURL || r.carriers[0] != "office" || r.problems != nil {
		t.Errorf("read %q as %q, %d pictures, problems %v", r.codes, r.carriers, r.pictures, r.problems)
	}
}

// TestOfficeDrawings reads codes that Office documents draw with shapes and painted cells.
func TestOfficeDrawings(t *testing.T) {
	rows := mailmaker.Framed(mailmaker.Modules(drawnURL))
	for _, c := range []struct {
		name, file string
		make       func([][]bool, mailmaker.Ink) []byte
	}{
		{"word table", "a.docx", mailmaker.WordTable},
		{"word shapes", "a.docx", mailmaker.WordShapes},
		{"word boxes", "a.docx", mailmaker.WordBoxes},
		{"slide shapes", "a.pptx", mailmaker.SlideShapes},
		{"slide outline", "a.pptx", mailmaker.SlideOutline},
		{"slide table", "a.pptx", mailmaker.SlideTable},
		{"sheet cells", "a.xlsx", mailmaker.SheetCells},
		{"rtf table", "a.rtf", mailmaker.RTFTable},
		{"open table", "a.ods", mailmaker.OpenTable},
		{"open shapes", "a.odg", mailmaker.OpenShapes},
	} {
		for kind, ink := range map[string]mailmaker.Ink{"clean": mailmaker.Black(), "inverted": mailmaker.White(), "tiny": mailmaker.Tiny()} {
			t.Run(c.name+"/"+kind, func(t *testing.T) { wantsDocument(t, c.file, c.make(rows, ink)) })
		}
	}
}

// TestOfficeText reads codes that stand in the text of Office documents as characters.
func TestOfficeText(t *testing.T) {
	rows := mailmaker.Framed(mailmaker.Modules(drawnURL))
	for kind, text := range map[string]string{
		"half blocks": mailmaker.HalfBlocks(rows),
		"inverted":    mailmaker.HalfBlocks(mailmaker.Inverted(rows)),
		"braille":     mailmaker.Braille(rows),
		"letters":     mailmaker.Symbols(rows, "##", ".."),
	} {
		for name, make := range map[string]func(string) []byte{"a.docx": mailmaker.WordLines, "a.pptx": mailmaker.SlideLines, "a.xlsx": mailmaker.SheetLines, "a.odt": mailmaker.OpenLines,
			"a.rtf": mailmaker.RTFLines, "a.doc": mailmaker.DOCLines, "a.ppt": mailmaker.PPTLines} {
			t.Run(name+"/"+kind, func(t *testing.T) { wantsDocument(t, name, make(text)) })
		}
	}
}

// TestOfficeSplitCodes has codes that only the document puts together.
func TestOfficeSplitCodes(t *testing.T) {
	code := mailmaker.CodeImage(drawnURL, 5)
	size := code.Rect.Dx()
	half := size/2 + 8 // neither a square nor the same size, so that the page alone can tell
	piece := func(r image.Rectangle) mailmaker.File {
		return mailmaker.File{Name: fmt.Sprintf("image%d.png", r.Min.X), Data: mailmaker.PNG(code.SubImage(r))}
	}
	left, right := piece(image.Rect(0, 0, half, size)), piece(image.Rect(half, 0, size, size))
	over := overlays(code)
	a, b := mailmaker.File{Name: "a.png", Data: over[0].Data}, mailmaker.File{Name: "b.png", Data: over[1].Data}
	for name, data := range map[string][]byte{
		"in a line": mailmaker.DOCX("<w:p>"+mailmaker.WordPicture(1, half, size)+mailmaker.WordPicture(2, size-half, size)+"</w:p>", left, right),
		"in cells": mailmaker.DOCX("<w:tbl><w:tr><w:tc><w:p>"+mailmaker.WordPicture(1, half, size)+"</w:p></w:tc><w:tc><w:p>"+mailmaker.WordPicture(2, size-half, size)+
			"</w:p></w:tc></w:tr></w:tbl>", left, right),
		"at places":       mailmaker.DOCX("<w:p>"+mailmaker.WordPictureAt(1, 100, 40, half, size)+mailmaker.WordPictureAt(2, 100+half, 40, size-half, size)+"</w:p>", left, right),
		"over each other": mailmaker.DOCX("<w:p>"+mailmaker.WordPictureAt(1, 100, 40, size, size)+mailmaker.WordPictureAt(2, 100, 40, size, size)+"</w:p>", a, b),
	} {
		t.Run(name, func(t *testing.T) { wantsDocument(t, "a.docx", data) })
	}
}

// TestOrdinaryDocumentsAreNotDrawn has what many documents have: ruled tables, a striped sheet, long texts.
func TestOrdinaryDocumentsAreNotDrawn(t *testing.T) {
	stripes := make([][]bool, 60)
	for y := range stripes {
		stripes[y] = make([]bool, 12)
		for x := range stripes[y] {
			stripes[y][x] = y%2 == 1
		}
	}
	text := strings.Repeat("The minutes of the meeting are attached.\n\nPlease read them by Friday.\n", 200)
	for name, data := range map[string][]byte{
		"text.docx":    mailmaker.WordLines(text),
		"text.xlsx":    mailmaker.SheetLines(text),
		"text.odt":     mailmaker.OpenLines(text),
		"stripes.xlsx": mailmaker.SheetCells(stripes, mailmaker.Black()),
	} {
		if r := readAll(t, picture.Part{Path: "2", Name: name, Data: data}); len(r.codes) != 0 || r.problems != nil || r.pictures > 1 {
			t.Errorf("%s: read %q, %d pictures, problems %v", name, r.codes, r.pictures, r.problems)
		}
	}
}
