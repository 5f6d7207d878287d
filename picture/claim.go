package picture

import (
	"bytes"
	"path"
	"strings"

	"quishmilter/mime"
)

// claimsDocument reports whether a part was meant to be an Office document or an archive. Unlike pictures, these are
// often something else by rights: every CSV file from Windows is declared as Excel's, and Word opens texts and web pages
// under any of its names. So only content that is no text is a damaged document.
func claimsDocument(p Part) bool {
	t := strings.ToLower(p.Type)
	for _, prefix := range []string{"application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument.", "application/vnd.ms-word",
		"application/vnd.ms-excel", "application/vnd.ms-powerpoint", "application/vnd.ms-outlook", "application/msword", "application/zip", "application/x-zip",
		"application/rtf", "text/rtf", "application/ms-tnef", "application/vnd.ms-tnef"} {
		if strings.HasPrefix(t, prefix) {
			return true
		}
	}
	switch strings.ToLower(path.Ext(p.Name)) {
	case ".doc", ".docx", ".docm", ".dot", ".dotx", ".dotm", ".xls", ".xlsx", ".xlsm", ".xlsb", ".xlt", ".xltx", ".ppt", ".pptx", ".pptm", ".pps", ".ppsx", ".pot", ".potx",
		".odt", ".ods", ".odp", ".odg", ".ott", ".rtf", ".msg", ".zip", ".rar", ".7z":
		return true
	}
	return false
}

// textual reports whether content begins as text: no control characters but white space. UTF-16 with its mark is text.
func textual(head []byte) bool {
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
		return true
	}
	for _, c := range head {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1b {
			return false
		}
	}
	return true
}

// damagedDocument reports whether a part was meant to be a document and is neither one nor a text.
func damagedDocument(p Part) bool { return claimsDocument(p) && !textual(p.head()) }

// isWebDocument knows web pages under the name of a document, which Word and Excel open.
func isWebDocument(p Part) bool {
	head := bytes.TrimLeft(p.head(), "\xef\xbb\xbf \t\r\n")
	return claimsDocument(p) && bytes.HasPrefix(head, []byte("<")) && textual(head) && !isFlatOffice(p)
}

func openWebDocument(v *view) {
	v.within(Part{Type: "text/html", Charset: v.part.Charset, Data: v.part.Data}, "as web page", v.carrier)
}

// openEncrypted is for content that only its recipient can read.
func openEncrypted(what string) func(*view) {
	return func(v *view) { v.problem(mime.Encrypted, "", "%s", what) }
}
