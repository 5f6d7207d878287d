package mailmaker

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"

	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"
)

// SevenZip is a 7z archive: one folder, compressed by LZMA2, with all the files, and a plain list.
func SevenZip(files ...File) []byte {
	var packed bytes.Buffer
	w, err := lzma.Writer2Config{DictCap: 1 << 20}.NewWriter2(&packed)
	if err != nil {
		panic(err)
	}
	total := 0
	for _, f := range files {
		if _, err := w.Write(f.Data); err != nil {
			panic(err)
		}
		total += len(f.Data)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	list := []byte{0x01, 0x04, 0x06}
	list = append(append(sevenNumber(list, 0), 1, 0x09), sevenNumber(nil, packed.Len())...)
	list = append(list, 0x00, 0x07, 0x0B, 1, 0, 1, 0x21, 0x21, 1, 16) // one coder: LZMA2 with a window of 1 MB
	list = append(sevenNumber(append(list, 0x0C), total), 0x00, 0x08, 0x0D)
	list = append(sevenNumber(list, len(files)), 0x09)
	var names []byte
	for i, f := range files {
		if i < len(files)-1 {
			list = sevenNumber(list, len(f.Data))
		}
		names = append(append(names, wide(f.Name)...), 0, 0)
	}
	list = append(list, 0x00, 0x00, 0x05)
	list = append(sevenNumber(list, len(files)), 0x11)
	list = append(append(sevenNumber(list, len(names)+1), 0), names...)
	list = append(list, 0x00, 0x00)

	head := append([]byte("7z\xbc\xaf\x27\x1c\x00\x04"), make([]byte, 24)...)
	binary.LittleEndian.PutUint64(head[12:], uint64(packed.Len()))
	binary.LittleEndian.PutUint64(head[20:], uint64(len(list)))
	put(head[28:], crc32.ChecksumIEEE(list))
	put(head[8:], crc32.ChecksumIEEE(head[12:32]))
	return append(append(head, packed.Bytes()...), list...)
}

// sevenNumber writes a number in the form of eight bytes.
func sevenNumber(out []byte, n int) []byte {
	return binary.LittleEndian.AppendUint64(append(out, 0xff), uint64(n))
}

// XZ is the data as an xz file.
func XZ(data []byte) []byte {
	var out bytes.Buffer
	w, err := xz.NewWriter(&out)
	if err == nil {
		_, err = w.Write(data)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err)
	}
	return out.Bytes()
}

// RAR is an archive of RAR 2.0 to 4 whose files are stored without compression.
func RAR(files ...File) []byte {
	out := []byte("Rar!\x1a\x07\x00")
	out = append(out, rarBlock(0x73, 0, make([]byte, 6))...)
	for _, f := range files {
		head := binary.LittleEndian.AppendUint32(nil, uint32(len(f.Data)))
		head = binary.LittleEndian.AppendUint32(head, uint32(len(f.Data)))
		head = append(head, 3)
		head = binary.LittleEndian.AppendUint32(head, crc32.ChecksumIEEE(f.Data))
		head = append(head, 0, 0, 0x21, 0x5a, 20, 0x30)
		head = binary.LittleEndian.AppendUint16(head, uint16(len(f.Name)))
		head = append(binary.LittleEndian.AppendUint32(head, 0x81A4), f.Name...)
		out = append(append(out, rarBlock(0x74, 0x8000, head)...), f.Data...)
	}
	return append(out, rarBlock(0x7B, 0x4000, nil)...)
}

// rarBlock is the header of a block, checksum first.
func rarBlock(kind byte, flags uint16, rest []byte) []byte {
	b := append([]byte{kind}, byte(flags), byte(flags>>8))
	b = binary.LittleEndian.AppendUint16(b, uint16(7+len(rest)))
	b = append(b, rest...)
	return append(binary.LittleEndian.AppendUint16(nil, uint16(crc32.ChecksumIEEE(b))), b...)
}
