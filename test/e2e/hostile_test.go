package e2e

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"strings"
	"sync"
	"testing"

	"quishmilter/test/daemon"
	"quishmilter/test/mailmaker"
	"quishmilter/test/postfix"
)

// pngBomb is a PNG of side×side black pixels in a few kilobytes.
func pngBomb(side int) []byte {
	out := bytes.NewBufferString("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, data []byte) {
		binary.Write(out, binary.BigEndian, uint32(len(data)))
		body := append([]byte(kind), data...)
		out.Write(body)
		binary.Write(out, binary.BigEndian, crc32.ChecksumIEEE(body))
	}
	header := binary.BigEndian.AppendUint32(nil, uint32(side))
	chunk("IHDR", append(binary.BigEndian.AppendUint32(header, uint32(side)), 1, 0, 0, 0, 0))
	var packed bytes.Buffer
	w, _ := zlib.NewWriterLevel(&packed, zlib.BestCompression)
	for row := make([]byte, side/8+1); side > 0; side-- {
		w.Write(row)
	}
	w.Close()
	chunk("IDAT", packed.Bytes())
	chunk("IEND", nil)
	return out.Bytes()
}

// finders is a picture full of finder patterns.
func finders(side int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, side, side))
	for i := range img.Pix {
		x, y := i%side%16-8, i/side%16-8
		if ring := max(max(x, -x), max(y, -y)); ring == 5 || ring == 4 || ring > 7 {
			img.Pix[i] = 255
		}
	}
	return img
}

func hostile() map[string]mailmaker.Part {
	many := make([]mailmaker.Part, 10000)
	for i := range many {
		many[i] = mailmaker.Text("x")
	}
	deep := mailmaker.Text("bottom")
	for range 5000 {
		deep = mailmaker.Mixed(deep)
	}
	return map[string]mailmaker.Part{
		"PNG of 30,000 × 30,000":   mailmaker.Attached("image/png", "bomb.png", pngBomb(30000)),
		"PDF that nests forms":     mailmaker.Attached("application/pdf", "nested.pdf", mailmaker.PDFNested(20)),
		"picture full of finders":  mailmaker.Attached("image/png", "finders.png", mailmaker.PNG(finders(500))),
		"10,000 parts":             mailmaker.Mixed(many...),
		"5,000 levels":             deep,
		"PDF that ends early":      mailmaker.Attached("application/pdf", "cut.pdf", mailmaker.PDFDrawn(mailmaker.Modules("https://example.net/"))[:700]),
		"picture that ends early":  mailmaker.Attached("image/jpeg", "cut.jpg", mailmaker.JPEG(mailmaker.Photo(400, 300, 1), 80)[:2000]),
		"a document that is noise": mailmaker.Attached("application/pdf", "noise.pdf", []byte("%PDF-1.7\n"+strings.Repeat("\x00\xff<<", 5000))),
	}
}

// Nothing that a message holds loses it, holds up plain mail, or makes it look clean.
func TestHostileMessages(t *testing.T) {
	r := start(t, daemon.Config{TOML: "[limits]\ntime = \"4s\"\n"})
	var all sync.WaitGroup
	for name, part := range hostile() {
		all.Go(func() {
			l := mailmaker.Letter{From: "evil@example.net", To: "reader@example.org", Subject: name, ID: fmt.Sprintf("%x@evil.example", name), Body: part}
			reply, err := sendOnce(r, mailOf(l))
			if err != nil || reply.Code != 250 {
				t.Errorf("%s: %+v %v", name, reply, err)
				return
			}
			if line := r.logLine(reply.QueueID); strings.Contains(line, "scan=complete") {
				t.Errorf("%s: %s", name, line)
			}
		})
	}
	for n := range 50 {
		r.accepted(letter(n))
	}
	all.Wait()
	if n := strings.Count(r.filter.Log(), "verdict=accept"); n < 50 {
		t.Errorf("%d messages accepted", n)
	}
	r.accepted(mailOf(mailmaker.PNGCode())) // and it goes on
}

func sendOnce(r *rig, m postfix.Mail) (postfix.Reply, error) {
	c, err := postfix.Dial(r.mta.Addr)
	if err != nil {
		return postfix.Reply{}, err
	}
	defer func() { _ = c.Quit() }()
	return c.Send(m)
}
