package picture

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// Sizes of the fixed parts of ZIP's records (APPNOTE.TXT, sections 4.3.7, 4.3.12, 4.3.16).
const (
	zipLocalSize     = 30
	zipDirectorySize = 46
	zipEndSize       = 22
	zipMaxComment    = 1 << 16
)

// list finds the entries: those in the directory at the end, and those between them that only have a header of their
// own. Programs differ in which of these they show, and a file whose directory is damaged still has the latter.
// It reports whether there were more than are looked at.
func (z *zipFile) list() (cut bool) {
	cut = z.directory()
	return z.carve() || cut
}

// directory reads the central directory as far as it makes sense.
func (z *zipFile) directory() (cut bool) {
	at, shift, ok := z.directoryStart()
	if !ok {
		return false
	}
	le := binary.LittleEndian
	for at >= 0 && at+zipDirectorySize <= len(z.bytes) {
		d := z.bytes[at:]
		if string(d[:4]) != "PK\x01\x02" {
			return false
		}
		if len(z.entries) >= maxMembers {
			return true
		}
		nameLen, extraLen, commentLen := int(le.Uint16(d[28:])), int(le.Uint16(d[30:])), int(le.Uint16(d[32:]))
		next := zipDirectorySize + nameLen + extraLen + commentLen
		if next > len(d) {
			return false
		}
		e := zipEntry{
			name: string(d[zipDirectorySize:][:nameLen]), flags: le.Uint16(d[8:]), method: le.Uint16(d[10:]),
			packed: int64(le.Uint32(d[20:])), size: int64(le.Uint32(d[24:])),
		}
		offset := e.widen(d[zipDirectorySize+nameLen:][:extraLen], int64(le.Uint32(d[42:])))
		z.add(e, offset+int64(shift))
		at += next
	}
	return false
}

// add notes an entry of the directory, and what its own header says where that differs: programs believe either.
func (z *zipFile) add(e zipEntry, local int64) {
	e.data = z.dataOf(local)
	z.entries = append(z.entries, e)
	if e.data == 0 {
		return
	}
	own, ok := z.local(int(local))
	if ok && (own.method != e.method || own.flags&1 != e.flags&1 || own.packed > 0 && own.packed != e.packed) {
		z.entries = append(z.entries, own)
	}
}

// directoryStart finds the record at the end, which says where the directory is. shift is by how much its offsets
// fall short because of something that was put before the archive.
func (z *zipFile) directoryStart() (at, shift int, ok bool) {
	from := max(0, len(z.bytes)-zipEndSize-zipMaxComment)
	i := bytes.LastIndex(z.bytes[from:], []byte("PK\x05\x06"))
	if i < 0 || len(z.bytes)-from-i < zipEndSize {
		return 0, 0, false
	}
	end := from + i
	size, offset := int64(binary.LittleEndian.Uint32(z.bytes[end+12:])), int64(binary.LittleEndian.Uint32(z.bytes[end+16:]))
	if locator := end - 20; offset == 1<<32-1 && locator >= 56 && string(z.bytes[locator:][:4]) == "PK\x06\x07" {
		end = locator - 56 // ZIP64 (section 4.3.14), where no writer extends the record
		size, offset = int64(binary.LittleEndian.Uint64(z.bytes[end+40:])), int64(binary.LittleEndian.Uint64(z.bytes[end+48:]))
	}
	if start := int64(end) - size; start >= 0 && start >= offset && offset >= 0 && z.has(start, "PK\x01\x02") {
		return int(start), int(start - offset), true
	}
	return int(offset), 0, z.has(offset, "PK\x01\x02")
}

func (z *zipFile) has(at int64, magic string) bool {
	return at >= 0 && at < int64(len(z.bytes)) && bytes.HasPrefix(z.bytes[at:], []byte(magic))
}

// widen takes the sizes that do not fit 32 bits from the ZIP64 extra field (section 4.5.3), which streaming writers use
// for small files too, and returns the widened offset.
func (e *zipEntry) widen(extra []byte, offset int64) int64 {
	for len(extra) >= 4 {
		id, n := binary.LittleEndian.Uint16(extra), int(binary.LittleEndian.Uint16(extra[2:]))
		if extra = extra[4:]; n > len(extra) {
			break
		}
		if field := extra[:n]; id == 1 {
			for _, wide := range []*int64{&e.size, &e.packed, &offset} {
				if *wide == 1<<32-1 && len(field) >= 8 {
					*wide = int64(binary.LittleEndian.Uint64(field) & (1<<62 - 1))
					field = field[8:]
				}
			}
		}
		extra = extra[n:]
	}
	return offset
}

// dataOf finds the bytes behind the local header at an offset, 0 where there is none.
func (z *zipFile) dataOf(local int64) int {
	if !z.has(local, "PK\x03\x04") || local+zipLocalSize > int64(len(z.bytes)) {
		return 0
	}
	h := z.bytes[local:]
	data := local + zipLocalSize + int64(binary.LittleEndian.Uint16(h[26:])) + int64(binary.LittleEndian.Uint16(h[28:]))
	if data > int64(len(z.bytes)) {
		return 0
	}
	return int(data)
}

// span is a stretch of the file that belongs to an entry.
type span struct{ from, to int }

// carve adds the entries that the directory does not name: those whose local header stands where no entry of the
// directory has its bytes.
func (z *zipFile) carve() (cut bool) {
	known := make([]span, 0, len(z.entries))
	for _, e := range z.entries {
		if e.data > 0 {
			to := min(int64(e.data)+max(e.packed, 0), int64(len(z.bytes)))
			known = append(known, span{e.data, int(to)})
		}
	}
	slices.SortFunc(known, func(a, b span) int { return a.from - b.from })
	for at := 0; ; {
		i := bytes.Index(z.bytes[at:], []byte("PK\x03\x04"))
		if i < 0 {
			z.dropLost()
			return false
		}
		at += i
		e, ok := z.local(at)
		for len(known) > 0 && known[0].to <= at {
			known = known[1:]
		}
		switch {
		case len(known) > 0 && (known[0].from <= at || known[0].from == e.data):
			at = max(at+4, known[0].to)
			continue
		case !ok:
			at += 4
			continue
		case len(z.entries) >= maxMembers:
			return true
		}
		z.entries = append(z.entries, e)
		at = min(e.data+int(max(e.packed, 0)), len(z.bytes))
	}
}

// dropLost forgets the entries of the directory that lead nowhere and were found by their own headers.
func (z *zipFile) dropLost() {
	found := map[string]bool{}
	for _, e := range z.entries {
		found[e.name] = found[e.name] || e.data > 0
	}
	z.entries = slices.DeleteFunc(z.entries, func(e zipEntry) bool { return e.data == 0 && found[e.name] })
}

// local reads the local header at a place.
func (z *zipFile) local(at int) (zipEntry, bool) {
	data := z.dataOf(int64(at))
	if data == 0 {
		return zipEntry{}, false
	}
	le, h := binary.LittleEndian, z.bytes[at:]
	e := zipEntry{flags: le.Uint16(h[6:]), method: le.Uint16(h[8:]), packed: int64(le.Uint32(h[18:])), size: int64(le.Uint32(h[22:])), data: data}
	e.name = string(h[zipLocalSize:][:le.Uint16(h[26:])])
	if e.method != zipStored && e.method != zipDeflate && e.method != zipBzip2 && e.method > 99 {
		return zipEntry{}, false
	}
	e.widen(z.bytes[data-int(le.Uint16(h[28:])):data], 0)
	if e.flags&8 != 0 && e.packed == 0 {
		e.packed = z.untilMark(data, e.method) // the sizes follow the data (section 4.3.9)
	}
	return e, true
}

// untilMark is how many bytes a stored entry of unknown size has: up to the next record. Compressed bytes tell their
// end themselves: -1.
func (z *zipFile) untilMark(data int, method uint16) int64 {
	if method != zipStored {
		return -1
	}
	rest := z.bytes[data:]
	for _, mark := range []string{"PK\x07\x08", "PK\x01\x02", "PK\x03\x04"} {
		if i := bytes.Index(rest, []byte(mark)); i >= 0 {
			rest = rest[:i]
		}
	}
	return int64(len(rest))
}
