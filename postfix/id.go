package postfix

import (
	"errors"
	"fmt"
	"regexp"
)

// A queue id is short (at least six upper-case hexadecimal digits, of microseconds and the file number) or long: seconds
// and microseconds in ten characters, digits and consonants, a z, and the file number (mail_queue.h). Neither begins with
// a hyphen or holds a slash, so that it is never an option or a path, and "ALL", which postsuper understands, is neither.
var (
	shortID = regexp.MustCompile(`^[0-9A-F]{6,20}$`)
	longID  = regexp.MustCompile(`^[0-9BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz]{10}z[0-9BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxy]{1,16}$`)
)

// ErrID says that something is no queue id.
var ErrID = errors.New("it is no queue id of Postfix")

// CheckID refuses whatever Postfix would not give out as a queue id.
func CheckID(id string) error {
	if shortID.MatchString(id) || longID.MatchString(id) {
		return nil
	}
	return fmt.Errorf("%.40q: %w", id, ErrID)
}
