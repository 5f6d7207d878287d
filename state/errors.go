package state

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	berrors "go.etcd.io/bbolt/errors"
)

var (
	// ErrLocked: another process holds the file.
	ErrLocked = errors.New("another process holds the state file; is quishmilter running? Stop it, or ask it through its control socket")

	// ErrForeign: the file is none of ours.
	ErrForeign = errors.New("not a quishmilter state file; name another path, or move this file away to start with an empty history")

	// ErrDamaged: the file is ours, or was, and cannot be read.
	ErrDamaged = errors.New("the state file is damaged; stop the daemon and put a backup back (quishmilter restore FILE), or move the file away to start with an empty history")

	// ErrEmpty: the file has lost all that it held. This program never leaves one like it.
	ErrEmpty = errors.New("the state file is empty (0 bytes): a copy that broke off, a full disk or a power cut took what it held; restore a backup, or delete the file to start with an empty history")

	// ErrClosed: the file was closed by us.
	ErrClosed = errors.New("the state file is closed")

	// ErrInDoubt: the caller's time was up while its change was being written; it may become durable or not.
	ErrInDoubt = errors.New("the time was up while the change was being written, which may still succeed")
)

// VersionError says that a newer program wrote the file.
type VersionError struct {
	Path    string
	File    int // the format version of the file
	Program int // the newest format version that this program knows
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("state: %s has format version %d, this program knows versions up to %d; start the newer quishmilter that wrote it, or restore a backup from before the upgrade",
		e.Path, e.File, e.Program)
}

// PanicError is what a function that was given to View or Update left behind when it panicked.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string {
	if e.Unwrap() != nil {
		return fmt.Sprintf("%v (%v)", ErrDamaged, e.Value)
	}
	return fmt.Sprintf("panic in a state transaction: %v", e.Value)
}

// Unwrap is ErrDamaged where the panic says that the file is: a fault in its mapping, or an assertion of bbolt.
func (e *PanicError) Unwrap() error {
	fault, isFault := e.Value.(interface{ Addr() uintptr })
	if isFault && fault.Addr() != 0 || panickedInBolt(e.Stack) {
		return ErrDamaged
	}
	return nil
}

// panickedInBolt looks at the first function below the panic that is not the runtime's.
func panickedInBolt(stack []byte) bool {
	_, below, found := bytes.Cut(stack, []byte("\npanic("))
	for line := range bytes.Lines(below) {
		switch {
		case !found, bytes.HasPrefix(line, []byte("\t")), bytes.HasPrefix(line, []byte("runtime.")), !bytes.Contains(line, []byte("(")):
		case bytes.HasPrefix(line, []byte("{")), bytes.HasPrefix(line, []byte("0x")):
		default:
			return bytes.HasPrefix(line, []byte("go.etcd.io/bbolt"))
		}
	}
	return false
}

func explainOpen(path string, err error) error {
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return fmt.Errorf("state: %s: %w", path, ErrLocked)
	case errors.Is(err, berrors.ErrChecksum), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("state: %s: %w (%v)", path, ErrDamaged, err)
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrVersionMismatch):
		return fmt.Errorf("state: %s: %w", path, ErrForeign)
	}
	return fmt.Errorf("state: cannot open the state file: %w", err)
}
