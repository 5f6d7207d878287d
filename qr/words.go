package qr

import "encoding/binary"

// load8 reads eight pixels as one word, the leftmost in the lowest byte.
func load8(p []uint8) uint64 { return binary.LittleEndian.Uint64(p) }

// store4 writes four pixels, the leftmost from the lowest byte.
func store4(p []uint8, v uint32) { binary.LittleEndian.PutUint32(p, v) }
