package picture

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/references"

	"quishmilter/mime"
)

// Readers rebuild a file whose table of objects is lost by looking for the objects themselves, each in its own way
// and with its own limits; the renderer gives up on files without a trailer. So a table is made here.

// maxPDFObjects bounds the objects of a damaged file that are listed.
const maxPDFObjects = 50_000

// openMended opens what can be made of a damaged file. That it is damaged is said in any case.
func (v *view) openMended(pdf pdfium.Pdfium, data []byte) (references.FPDF_DOCUMENT, error) {
	f := v.findObjects(data)
	root, pages := f.find("/Catalog"), f.findAll("/Page")
	err := fmt.Errorf("no pages in %d objects", len(f.at))
	for _, mended := range [][]byte{f.mended(root, nil), f.mended(0, pages)} {
		if mended == nil {
			continue
		}
		var ref references.FPDF_DOCUMENT
		if ref, err = openWith(pdf, mended, v.part.Passwords); err == nil && pageCount(pdf, ref) > 0 {
			v.problem(mime.Broken, "", "the PDF is damaged; what could be put together again was looked at")
			return ref, nil
		}
		if err == nil {
			err = fmt.Errorf("no pages")
		}
	}
	return "", err
}

// objects is a file taken apart: where each numbered object begins.
type objects struct {
	data []byte
	at   map[int64]int
	end  int // of the file as it came; what was unpacked stands behind it
}

// findObjects lists a file's objects, those in compressed object streams too.
func (v *view) findObjects(data []byte) objects {
	f := objects{data: data[:len(data):len(data)], at: map[int64]int{}, end: len(data)}
	f.scan(0)
	if bytes.Contains(data, []byte("/Encrypt")) {
		return f
	}
	for _, n := range f.findAll("/ObjStm") {
		f.unpack(v, f.at[n])
	}
	return f
}

// scan finds "12 0 obj" from there on. A later object of the same number is a newer version of it.
func (f *objects) scan(from int) {
	for at := from; len(f.at) < maxPDFObjects; {
		i := bytes.Index(f.data[at:], []byte("obj"))
		if i < 0 {
			return
		}
		at += i
		if n, start, ok := objectNumber(f.data, at); ok {
			f.at[n] = start
		}
		at += len("obj")
	}
}

// objectNumber reads the two numbers before "obj", backwards.
func objectNumber(data []byte, at int) (number int64, start int, ok bool) {
	back := func(end int, in string) int {
		for end > 0 && bytes.IndexByte([]byte(in), data[end-1]) >= 0 {
			end--
		}
		return end
	}
	const space, digits = "\x00\t\n\f\r ", "0123456789"
	generation := back(back(at, space), digits)
	gap := back(generation, space)
	start = back(gap, digits)
	if gap == generation || start == gap || gap-start > 10 {
		return 0, 0, false
	}
	for _, c := range data[start:gap] {
		number = number*10 + int64(c-'0')
	}
	const most = 8_388_607 // ISO 32000-1, annex C.2
	return number, start, number > 0 && number <= most
}

// dictionary is the beginning of an object, as far as its stream, with white space after names taken out.
func (f objects) dictionary(n int64) []byte {
	body := f.data[f.at[n]:]
	body = body[:min(len(body), 4096)]
	for _, end := range []string{"endobj", "stream"} {
		if i := bytes.Index(body, []byte(end)); i >= 0 {
			body = body[:i]
		}
	}
	return bytes.ReplaceAll(body, []byte("/Type /"), []byte("/Type/"))
}

// findAll lists the objects of a type, in the order in which they stand in the file.
func (f objects) findAll(kind string) []int64 {
	want := []byte("/Type" + kind)
	var found []int64
	for _, n := range slices.SortedFunc(maps.Keys(f.at), func(a, b int64) int { return f.at[a] - f.at[b] }) {
		d := f.dictionary(n)
		if i := bytes.Index(d, want); i >= 0 && (i+len(want) == len(d) || !isLetter(d[i+len(want)])) {
			found = append(found, n)
		}
	}
	return found
}

// find is the last object of a type, 0 without one.
func (f objects) find(kind string) int64 {
	if all := f.findAll(kind); len(all) > 0 {
		return all[len(all)-1]
	}
	return 0
}

// unpack puts the objects of an object stream behind the file, as objects of their own (ISO 32000-1, 7.5.7).
func (f *objects) unpack(v *view, at int) {
	body := f.data[at:f.end]
	i := bytes.Index(body, []byte("stream"))
	if i < 0 {
		return
	}
	count, ok1 := entry(body[:i], "/N")
	first, ok2 := entry(body[:i], "/First")
	packed := bytes.TrimLeft(body[i+len("stream"):], "\r\n")
	r, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil || !ok1 || !ok2 {
		return
	}
	plain, _ := io.ReadAll(io.LimitReader(r, v.room())) // what unpacks is used
	if !v.spend(int64(len(plain))) || first > int64(len(plain)) {
		return
	}
	var places []int64 // number, offset, number, offset …
	for _, field := range bytes.Fields(plain[:first]) {
		n, ok := pdfNumber(field)
		if !ok || int64(len(places)) >= 2*min(count, maxPDFObjects) {
			break
		}
		places = append(places, n)
	}
	for p := 0; p+1 < len(places); p += 2 {
		from, to := first+places[p+1], int64(len(plain))
		if p+3 < len(places) {
			to = min(first+places[p+3], to)
		}
		if _, known := f.at[places[p]]; known || from > to || len(f.at) >= maxPDFObjects {
			continue
		}
		f.data = append(f.data, '\n')
		f.at[places[p]] = len(f.data)
		f.data = append(fmt.Appendf(f.data, "%d 0 obj\n", places[p]), plain[from:to]...)
		f.data = append(f.data, "\nendobj"...)
	}
}

// mended is the file with a new table of its objects. Without a root a catalogue of the pages is made; nil without
// either.
func (f objects) mended(root int64, pages []int64) []byte {
	if root == 0 && len(pages) == 0 {
		return nil
	}
	out := append(slices.Clone(f.data), "\nendstream\nendobj\n"...) // for an object that was cut off
	at := maps.Clone(f.at)
	if root == 0 {
		free := slices.Max(slices.Collect(maps.Keys(at))) + 1
		at[free], root = len(out), free
		out = fmt.Appendf(out, "%d 0 obj\n<</Type/Catalog/Pages %d 0 R>>\nendobj\n", free, free+1)
		at[free+1] = len(out)
		out = fmt.Appendf(out, "%d 0 obj\n<</Type/Pages/Count %d/Kids[", free+1, len(pages))
		for _, p := range pages {
			out = fmt.Appendf(out, "%d 0 R ", p)
		}
		out = append(out, "]>>\nendobj\n"...)
	}
	table := len(out)
	out = append(out, "xref\n0 1\n0000000000 65535 f \n"...)
	numbers := slices.Sorted(maps.Keys(at))
	for _, n := range numbers {
		out = fmt.Appendf(out, "%d 1\n%010d 00000 n \n", n, at[n])
	}
	out = fmt.Appendf(out, "trailer\n<</Size %d/Root %d 0 R%s>>\nstartxref\n%d\n%%%%EOF\n", numbers[len(numbers)-1]+1, root, f.protection(), table)
	return out
}

// protection is what a trailer says of the file's encryption: a copy of the entries in what is left of the old one.
func (f objects) protection() string {
	i := bytes.LastIndex(f.data, []byte("/Encrypt"))
	if i < 0 {
		return ""
	}
	n, ok := pdfNumber(f.data[i+len("/Encrypt"):])
	if !ok {
		return ""
	}
	text := fmt.Sprintf("/Encrypt %d 0 R", n)
	if i := bytes.LastIndex(f.data, []byte("/ID")); i >= 0 {
		const most = 300 // bytes: two strings of 16, in hexadecimal mostly
		id := f.data[i:min(len(f.data), i+most)]
		if end := bytes.IndexByte(id, ']'); end >= 0 {
			text += string(id[:end+1])
		}
	}
	return text
}
