package main

// ballastSize is how much memory is held so that it counts, and is never touched, so that it takes none of the machine's.
const ballastSize = 16 << 20

// ballast makes the garbage collector run less often. Go collects when the heap has doubled, and at 4 MB at least: with
// plain mail alone the daemon needs 2 MB, a message makes 180 kB of garbage, and a collection every dozen messages took
// a sixth of the processor time. Another percentage (GOGC) would do as well there, and let a heap of large messages grow
// to five times what it needs.
func ballast() []byte { return make([]byte, ballastSize) }
