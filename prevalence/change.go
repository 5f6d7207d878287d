package prevalence

import "encoding/binary"

// change is what a record does to histories, in the form in which it waits in the file. Names stand as the buckets
// have them, hashed where a secret is in use, so that the queue holds no more than the histories.
type change struct {
	at         int64
	class      class
	recipients uint32
	undo       bool  // take the same message out first, which was recorded as was at the time first; where it was,
	was        class // this one is recorded at that time
	first      int64
	id         Fingerprint
	session    uint64 // with the place in the queue the change's name in the shared store
	names      []name
}

// name is where a history lies.
type name struct {
	kind Kind
	key  string // bytes; not always text
}

func (s *Store) changeOf(r Record) change {
	c := change{at: clampTime(r.Time), class: r.class(), id: r.ID,
		recipients: uint32(min(max(r.Recipients, 1), maxRecipients))}
	for _, plain := range r.keys() {
		if n, ok := s.nameOf(plain.kind, plain.key); ok {
			c.names = append(c.names, n)
		}
	}
	return c
}

func (c change) entry() entry {
	return entry{at: c.at, class: c.class, messages: 1, recipients: c.recipients}
}

// What follows the flags of an encoded change.
const (
	hasUndo = 1 << iota
	hasID
	hasSession
	hasFirst // without it the time of the first is that of the change
)

func (c change) encode() []byte {
	out := make([]byte, 1, 64+32*len(c.names))
	out = binary.AppendUvarint(out, uint64(c.at))
	out = append(out, byte(c.class))
	out = binary.AppendUvarint(out, uint64(c.recipients))
	if c.undo {
		out[0] |= hasUndo
		out = append(out, byte(c.was))
	}
	if c.id != (Fingerprint{}) {
		out[0] |= hasID
		out = append(out, c.id[:]...)
	}
	if c.session != 0 {
		out[0] |= hasSession
		out = binary.BigEndian.AppendUint64(out, c.session)
	}
	if c.undo && c.first != c.at {
		out[0] |= hasFirst
		out = binary.AppendUvarint(out, uint64(c.first))
	}
	for _, n := range c.names {
		out = append(out, byte(n.kind))
		out = binary.AppendUvarint(out, uint64(len(n.key)))
		out = append(out, n.key...)
	}
	return out
}

func decodeChange(data []byte) (c change, ok bool) {
	in := reader{data: data, ok: len(data) > 0}
	flags := in.byte()
	c.at = int64(in.uvarint(maxTime))
	c.class = class(in.byte())
	c.recipients = uint32(in.uvarint(maxRecipients))
	if flags&hasUndo != 0 {
		c.undo, c.was, c.first = true, class(in.byte()), c.at
	}
	if flags&hasID != 0 {
		copy(c.id[:], in.bytes(uint64(len(c.id))))
	}
	if flags&hasSession != 0 {
		if session := in.bytes(8); in.ok {
			c.session = binary.BigEndian.Uint64(session)
		}
	}
	if flags&hasFirst != 0 {
		c.first = int64(in.uvarint(maxTime))
		in.ok = in.ok && c.undo // there is no other message whose time it could be
	}
	for in.ok && len(in.data) > 0 {
		kind := Kind(in.byte())
		key := in.bytes(in.uvarint(maxKey))
		if kind >= kinds || len(key) == 0 {
			return c, false
		}
		c.names = append(c.names, name{kind, string(key)})
	}
	return c, in.ok
}
