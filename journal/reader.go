package journal

import "encoding/binary"

// reader takes values off the front of some bytes, and keeps the first error.
type reader struct {
	data []byte
	err  error
}

func (in *reader) number() int64 {
	n, size := binary.Varint(in.data)
	if size <= 0 {
		in.data, in.err = nil, errDamaged
		return 0
	}
	in.data = in.data[size:]
	return n
}

func (in *reader) length() uint64 {
	n, size := binary.Uvarint(in.data)
	if size <= 0 {
		in.data, in.err = nil, errDamaged
		return 0
	}
	in.data = in.data[size:]
	return n
}

func (in *reader) count(most uint64) uint64 {
	n := in.length()
	if n > most {
		in.data, in.err = nil, errDamaged
		return 0
	}
	return n
}

// word takes what appendText wrote.
func (in *reader) word() []byte {
	n := in.length()
	if n&1 == 0 {
		return in.take(n >> 1)
	}
	if n>>1 >= uint64(len(wordBytes)) {
		in.data, in.err = nil, errDamaged
		return nil
	}
	return wordBytes[n>>1]
}

// text is a word as a string; those of the list cost nothing.
func (in *reader) text() string {
	if n, size := binary.Uvarint(in.data); size > 0 && n&1 == 1 && n>>1 < uint64(len(words)) {
		in.data = in.data[size:]
		return words[n>>1]
	}
	return string(in.word())
}

// wordNumbers are the words' places in the list.
var wordNumbers = func() map[string]uint64 {
	numbers := make(map[string]uint64, len(words))
	for n, word := range words {
		numbers[word] = uint64(n)
	}
	return numbers
}()

// wordBytes are the words as bytes, which are not to be changed.
var wordBytes = func() (all [][]byte) {
	for _, word := range words {
		all = append(all, []byte(word))
	}
	return all
}()

func (in *reader) take(n uint64) []byte {
	if n > uint64(len(in.data)) {
		in.data, in.err = nil, errDamaged
		return nil
	}
	taken := in.data[:n]
	in.data = in.data[n:]
	return taken
}
