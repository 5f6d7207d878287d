package inspect

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

func writeFrame(w io.Writer, data []byte) error {
	frame := make([]byte, 4, 4+len(data))
	binary.BigEndian.PutUint32(frame, uint32(len(data)))
	_, err := w.Write(append(frame, data...))
	return err
}

func writeHeader(w io.Writer, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if len(data) > maxHeader {
		return fmt.Errorf("a header of %d bytes for a worker", len(data))
	}
	return writeFrame(w, data)
}

// frameLength reads a frame's length and checks it.
func frameLength(r io.Reader, limit uint32) (int, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, err
	}
	size := binary.BigEndian.Uint32(head[:])
	if size > limit {
		return 0, fmt.Errorf("a frame of %d bytes, at most %d are allowed", size, limit)
	}
	return int(size), nil
}

func readHeader(r io.Reader, v any) error {
	size, err := frameLength(r, maxHeader)
	if err != nil {
		return err
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(r, data); err != nil {
		return err
	}
	return json.Unmarshal(data, v)
}

// writeBody sends a part as frames. It reports whether the part was cut at maxPart, and the reader's own error
// apart from that of the connection: what was read until then is worth looking at.
func writeBody(w io.Writer, r io.Reader) (cut bool, reading, sending error) {
	frame := make([]byte, 4+frameSize)
	for total := 0; ; {
		n, err := io.ReadFull(r, frame[4:])
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			reading = err
		}
		if total += n; total > maxPart {
			n, cut = n-(total-maxPart), true
		}
		last := err != nil || cut
		binary.BigEndian.PutUint32(frame, uint32(n))
		out := frame[:4+n]
		if last && n > 0 {
			out = append(out[:4+n:4+n], 0, 0, 0, 0)
		}
		if _, sending = w.Write(out); sending != nil || last {
			return cut, reading, sending
		}
	}
}

// readBody reads a part's frames into one slice; size is what was announced.
func readBody(r io.Reader, size int64) ([]byte, error) {
	data := make([]byte, 0, min(max(size, 4<<10), maxPart))
	for {
		n, err := frameLength(r, frameSize)
		if err != nil || n == 0 {
			return data, err
		}
		if len(data)+n > maxPart {
			return nil, fmt.Errorf("a part of more than %d bytes", maxPart)
		}
		start := len(data)
		data = append(data, make([]byte, n)...)
		if _, err := io.ReadFull(r, data[start:]); err != nil {
			return nil, err
		}
	}
}
