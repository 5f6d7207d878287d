package mailmaker

import (
	"encoding/binary"
	"unicode/utf16"
)

// Entry is a stream of an OLE compound file, or a storage where it has Entries.
type Entry struct {
	Name    string
	Data    []byte
	Entries []Entry
}

const (
	sector     = 512
	miniSector = 64
	miniLimit  = 4096 // shorter streams lie in the mini stream
	endOfChain = 0xFFFFFFFE
	noStream   = 0xFFFFFFFF
)

// compound is a compound file that is being written ([MS-CFB], version 3).
type compound struct {
	sectors   []byte
	fat       []uint32
	mini      []byte
	miniFAT   []uint32
	directory []byte
}

// Compound is an OLE compound file. The entries of a storage are chained as right siblings instead of a balanced tree,
// which readers allow.
func Compound(entries ...Entry) []byte {
	c := &compound{}
	c.entry("Root Entry", 5, nil)
	c.storage(0, entries)
	miniSize := uint32(len(c.mini))
	put(c.directory[116:], c.chain(c.mini))
	put(c.directory[120:], miniSize)
	directory := c.chain(c.directory)
	miniFAT := c.chain(numbers(c.miniFAT))
	miniFATSectors := (len(c.miniFAT)*4 + sector - 1) / sector

	used := len(c.fat)
	fatSectors := 1
	for (used+fatSectors)*4 > fatSectors*sector {
		fatSectors++
	}
	if fatSectors > 109 {
		panic("a test's compound file is too large for a header without more sectors")
	}
	for range fatSectors {
		c.fat = append(c.fat, 0xFFFFFFFD)
	}
	for len(c.fat)*4%sector != 0 {
		c.fat = append(c.fat, noStream)
	}
	header := make([]byte, sector)
	copy(header, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	copy(header[24:], "\x3e\x00\x03\x00\xfe\xff\x09\x00\x06\x00")
	put(header[44:], uint32(fatSectors))
	put(header[48:], directory)
	put(header[56:], miniLimit)
	put(header[60:], miniFAT)
	put(header[64:], uint32(miniFATSectors))
	put(header[68:], endOfChain)
	for i := range 109 {
		n := uint32(noStream)
		if i < fatSectors {
			n = uint32(used + i)
		}
		put(header[76+4*i:], n)
	}
	return append(append(header, c.sectors...), numbers(c.fat)...)
}

// storage writes the entries of the storage whose directory entry has the given number.
func (c *compound) storage(parent int, entries []Entry) {
	link := parent*128 + 76 // its child; then the right sibling of each
	for _, e := range entries {
		kind := byte(2)
		if e.Entries != nil {
			kind = 1
		}
		n := c.entry(e.Name, kind, e.Data)
		put(c.directory[link:], uint32(n))
		link = n*128 + 72
		c.storage(n, e.Entries)
	}
}

// entry writes a directory entry and its stream, and returns its number.
func (c *compound) entry(name string, kind byte, data []byte) int {
	e := make([]byte, 128)
	units := utf16.Encode([]rune(name))
	for i, u := range units {
		binary.LittleEndian.PutUint16(e[2*i:], u)
	}
	binary.LittleEndian.PutUint16(e[64:], uint16(2*len(units)+2))
	e[66], e[67] = kind, 1
	for _, at := range []int{68, 72, 76} {
		put(e[at:], noStream)
	}
	start := uint32(endOfChain)
	switch {
	case len(data) == 0:
	case len(data) < miniLimit:
		start = uint32(len(c.miniFAT))
		c.mini = append(c.mini, padded(data, miniSector)...)
		c.miniFAT = chained(c.miniFAT, len(c.mini)/miniSector)
	default:
		start = c.chain(data)
	}
	put(e[116:], start)
	put(e[120:], uint32(len(data)))
	c.directory = append(c.directory, e...)
	return len(c.directory)/128 - 1
}

// chain writes data into sectors and returns the first.
func (c *compound) chain(data []byte) uint32 {
	if len(data) == 0 {
		return endOfChain
	}
	start := uint32(len(c.fat))
	c.sectors = append(c.sectors, padded(data, sector)...)
	c.fat = chained(c.fat, len(c.sectors)/sector)
	return start
}

// chained lengthens a table to n sectors that follow each other.
func chained(table []uint32, n int) []uint32 {
	for len(table) < n {
		table = append(table, uint32(len(table)+1))
	}
	table[n-1] = endOfChain
	return table
}

func padded(data []byte, unit int) []byte {
	return append(append([]byte(nil), data...), make([]byte, (unit-len(data)%unit)%unit)...)
}

func numbers(list []uint32) []byte {
	var out []byte
	for _, n := range list {
		out = binary.LittleEndian.AppendUint32(out, n)
	}
	for len(out)%sector != 0 {
		out = binary.LittleEndian.AppendUint32(out, noStream)
	}
	return out
}

func put(b []byte, n uint32) { binary.LittleEndian.PutUint32(b, n) }
