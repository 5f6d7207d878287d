package milter

import (
	"fmt"
	"os"
	"sync/atomic"
	"syscall"
)

// body gathers the body of one message: in memory, from spillAfter octets on in a file that has no name, so that
// neither a crash nor a kill leaves mail behind. The first write error is kept, and what follows is dropped.
type body struct {
	dir        string
	spillAfter int64
	limit      int64
	all        *atomic.Int64 // octets that the bodies of all sessions have in memory; nil counts nothing

	size   int64 // octets kept
	cut    bool  // octets were dropped because of limit
	err    error
	mem    []byte
	file   *os.File
	mapped []byte
}

// add takes the next octets.
func (b *body) add(chunk []byte) {
	if room := b.limit - b.size; int64(len(chunk)) > room {
		chunk, b.cut = chunk[:room], true
	}
	if b.err != nil || len(chunk) == 0 {
		return
	}
	if b.file == nil && (b.size+int64(len(chunk)) > b.spillAfter || b.crowded()) {
		b.spill()
	}
	switch {
	case b.err != nil:
		return
	case b.file == nil:
		b.mem = append(b.mem, chunk...)
		b.count(len(chunk))
	default:
		b.write(chunk)
	}
	b.size += int64(len(chunk))
}

// spill moves what is in memory to a file.
func (b *body) spill() {
	f, err := os.CreateTemp(b.dir, "quishmilter-body-")
	if err != nil {
		b.err = fmt.Errorf("temporary file for a long body: %w", err)
		return
	}
	b.file = f
	if err := os.Remove(f.Name()); err != nil {
		b.err = fmt.Errorf("temporary file for a long body: %w", err)
		return
	}
	b.write(b.mem)
	if b.err == nil {
		b.count(-len(b.mem))
		b.mem = nil
	}
}

func (b *body) write(p []byte) {
	if _, err := b.file.Write(p); err != nil {
		b.err = fmt.Errorf("writing a long body to its temporary file: %w", err)
	}
}

// bytes is the body, valid until close. After an error it is what there is in memory.
func (b *body) bytes() []byte {
	if b.file == nil || b.err != nil {
		return b.mem
	}
	if b.mapped == nil {
		b.mapped, b.err = syscall.Mmap(int(b.file.Fd()), 0, int(b.size), syscall.PROT_READ, syscall.MAP_PRIVATE)
		if b.err != nil {
			b.err = fmt.Errorf("mapping the temporary file of a long body: %w", b.err)
		}
	}
	return b.mapped
}

// crowded says that all bodies together have much in memory, and that this one is worth a file.
func (b *body) crowded() bool {
	return b.all != nil && b.all.Load() > maxInMemory && b.size > spillCrowded
}

func (b *body) count(octets int) {
	if b.all != nil {
		b.all.Add(int64(octets))
	}
}

// forget gives back the memory of a body in a file; what is read of it later comes from the file again.
func (b *body) forget() {
	_ = syscall.Madvise(b.mapped, syscall.MADV_DONTNEED) // fails only for what is no mapping
}

// close gives memory, mapping and file back.
func (b *body) close() {
	b.count(-len(b.mem))
	if b.mapped != nil {
		_ = syscall.Munmap(b.mapped) // fails only for what is no mapping
	}
	if b.file != nil {
		_ = b.file.Close() // nothing to lose: the file has no name
	}
	*b = body{}
}
