package judged

import (
	"bytes"
	"encoding/base64"
	"fmt"
	stdmime "mime"
	"path/filepath"
	"strings"

	"quishmilter/inspect"
	"quishmilter/mime"
)

// WithPicture is a real message with a file attached to it: all of what it was becomes the first part.
func WithPicture(message []byte, name string, data []byte) []byte {
	header, body := mime.ParseMessage(message)
	var top, inner bytes.Buffer
	for _, f := range header {
		to := &top
		if strings.HasPrefix(strings.ToLower(f.Name), "content-") {
			to = &inner
		} else if strings.EqualFold(f.Name, "MIME-Version") {
			continue
		}
		fmt.Fprintf(to, "%s: %s\r\n", f.Name, f.Value)
	}
	const boundary = "=_picture_added_by_us"
	fmt.Fprintf(&top, "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"%s\"\r\n\r\n--%s\r\n%s\r\n", boundary, boundary, &inner)
	top.Write(body)
	kind := stdmime.TypeByExtension(filepath.Ext(name))
	if kind == "" {
		kind = "application/octet-stream"
	}
	fmt.Fprintf(&top, "\r\n--%s\r\nContent-Type: %s; name=%q\r\nContent-Disposition: attachment; filename=%q\r\nContent-Transfer-Encoding: base64\r\n\r\n",
		boundary, kind, name, name)
	encoded := base64.StdEncoding.EncodeToString(data)
	for len(encoded) > 76 {
		top.WriteString(encoded[:76] + "\r\n")
		encoded = encoded[76:]
	}
	fmt.Fprintf(&top, "%s\r\n--%s--\r\n", encoded, boundary)
	return top.Bytes()
}

// JudgeTwice judges a case as the first message of its sender, and again where the same came a month before and was let
// through, or released by its reader.
func (c *Court) JudgeTwice(name, preset string, of Case) (cold, warm inspect.Report, err error) {
	if cold, err = c.Judge(preset, of, nil); err != nil {
		return cold, warm, err
	}
	past, err := c.NewPast(name)
	if err != nil {
		return cold, warm, err
	}
	defer past.Close()
	if err = past.Add(Accepted(cold, of.At.Add(-month))...); err != nil {
		return cold, warm, err
	}
	warm, err = c.Judge(preset, of, past)
	return cold, warm, err
}
