package qr

import "encoding/binary"

// load8 reads eight pixels as one word, the leftmost in the lowest byte.
func load8(p []uint8) uint64 { return binary.LittleEndian.Uint64(p) }

// store8 writes eight pixels, the leftmost from the lowest byte.
func store8(p []uint8, v uint64) { binary.LittleEndian.PutUint64(p, v) }
