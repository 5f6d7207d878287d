package picture

import (
	"bytes"
	"path"
	"strings"
)

// format is one kind of content: how to know it, and how to show what is in it.
type format struct {
	name  string
	magic func(Part) bool // looks at the first headSize bytes at most
	open  func(*view)
}

// headSize is how many bytes a magic function may look at: Acrobat, and with it every PDF reader, accepts a header
// that begins within the first 1,024 bytes (ISO 32000-1, annex H.3, note 13).
const headSize = 1024

// formats is the table of everything that is known by its content. Several may match one part (a polyglot), and all
// of these are opened.
func formats() []format {
	return []format{
		{"png", pngDecoder().magic, openPNG},
		single("jpeg", jpegDecoder()),
		{"bmp", isBMP, openBMP},
		{"ico", isICO, openICO},
		{"webp", isWebP, openWebP},
		{"gif", starts("GIF87a", "GIF89a"), openGIF},
		{"tiff", tiffDecoder().magic, openTIFF},
		{"pdf", isPDF, openPDF},
		{"zip", isZIP, openZIP},
		{"flat office", isFlatOffice, openFlatOffice},
		{"message", isMessage, openMessage},
		{"ole", starts("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), openOLE},
		{"rtf", isRTF, openRTF},
		{"pnm", isPNM, openPNM},
		{"psd", starts("8BPS\x00\x01", "8BPS\x00\x02"), openPSD},
		{"heif", isHEIF, openHEIF},
		{"jxl", starts("\xff\x0a", "\x00\x00\x00\x0cJXL \r\n\x87\n"), openJXL},
		{"svg", isSVG, openSVG},
		{"7z", starts(sevenZipMark), openSevenZip},
		{"xz", starts("\xfd7zXZ\x00"), openXZ},
		{"zstd", starts("\x28\xb5\x2f\xfd"), openZstd},
		{"rar", starts("Rar!\x1a\x07"), openRAR},
		{"gzip", starts("\x1f\x8b\x08"), openGzip},
		{"bzip2", isBzip2, openBzip2},
		{"tar", isTar, openTar},
		{"emf", isEMF, openEMF},
		{"wmf", isWMF, openWMF},
		{"cms", isCMS, openCMS},
		{"pgp", starts("-----BEGIN PGP MESSAGE"), openEncrypted("the message is encrypted for its recipient")},
		{"vcard", isVCard, openVCard},
		{"web page as document", isWebDocument, openWebDocument},
		{"tnef", starts("\x78\x9f\x3e\x22"), openTNEF},
	}
}

// Wanted reports whether a worker has to look at a part, from its first bytes (at least 1,024 of them, or all).
// It is cheap, for the daemon: parts that hold no pictures never wait for a worker.
func Wanted(declaredType, name string, head []byte) bool {
	part := Part{Type: declaredType, Name: name, Data: head}
	for _, f := range formats() {
		if f.magic(part) {
			return true
		}
	}
	return claim(declaredType, name) != "" || damagedDocument(part)
}

// Kinds of content, as far as their likelihood to hold a code differs.
const (
	Other    = iota // archives, messages and all else
	Document        // PDF and Office
	Raster          // a picture
)

// Kind tells what a part is, by its first bytes, and for archives by its name or type.
func Kind(declaredType, name string, head []byte) int {
	part := Part{Type: declaredType, Name: name, Data: head}
	for _, f := range formats() {
		if !f.magic(part) {
			continue
		}
		switch f.name {
		case "pdf", "ole", "rtf", "flat office", "web page as document":
			return Document
		case "zip":
			if archive := strings.Contains(strings.ToLower(declaredType), "zip") || strings.EqualFold(path.Ext(name), ".zip"); !archive && claimsDocument(part) {
				return Document
			}
			return Other
		case "png", "jpeg", "bmp", "webp", "gif", "tiff", "heif", "jxl", "svg":
			return Raster
		}
	}
	return Other
}

// starts makes a magic function for content that begins with one of the given strings.
func starts(magics ...string) func(Part) bool {
	return func(p Part) bool {
		for _, m := range magics {
			if bytes.HasPrefix(p.Data, []byte(m)) {
				return true
			}
		}
		return false
	}
}

func (p Part) head() []byte { return p.Data[:min(len(p.Data), headSize)] }

// isSVG looks for the root element behind an XML declaration, comments and white space, or believes the type or name
// of what is markup. A page of HTML with a drawing inside is not one.
func isSVG(p Part) bool {
	head := bytes.ToLower(bytes.TrimLeft(p.head(), "\xef\xbb\xbf \t\r\n"))
	switch {
	case bytes.HasPrefix(head, []byte("<svg")):
		return true
	case p.Type == "image/svg+xml" || strings.EqualFold(path.Ext(p.Name), ".svg"):
		return bytes.HasPrefix(head, []byte("<")) || looksWide(head)
	case bytes.HasPrefix(head, []byte("<?xml")), bytes.HasPrefix(head, []byte("<!--")), bytes.HasPrefix(head, []byte("<!doctype svg")):
		return bytes.Contains(head, []byte("<svg")) && !bytes.Contains(head, []byte("<html"))
	}
	return false
}

// claim names what a part without known content was meant to be: "" for things that hold no pictures.
// Without it, a picture whose first bytes are damaged would be passed over in silence.
func claim(declaredType, name string) string {
	switch t := strings.ToLower(declaredType); {
	case strings.HasPrefix(t, "image/"):
		return strings.TrimPrefix(t, "image/")
	case t == "application/pdf", t == "application/x-pdf":
		return "pdf"
	}
	switch ext := strings.ToLower(path.Ext(name)); ext {
	case ".png", ".jpg", ".jpeg", ".jfif", ".gif", ".bmp", ".dib", ".tif", ".tiff", ".webp", ".ico", ".cur",
		".heic", ".heif", ".avif", ".jxl", ".pbm", ".pgm", ".ppm", ".psd", ".pdf", ".emf", ".wmf":
		return ext[1:]
	}
	return ""
}
