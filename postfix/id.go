package postfix

import (
	"errors"
	"fmt"
	"regexp"
)

// A queue id is short (at least six upper-case hexadecimal digits, of microseconds and the file's number) or long: ten or more characters out of 51
// consonants and digits, with a z between time and file number (Postfix's mail_queue.h). Both begin with no hyphen and
// hold no slash, so that one of them is never an option or a path; "ALL", which postsuper understands, is neither.
var (
	shortID = regexp.MustCompile(`^[0-9A-F]{6,20}$`)
	longID  = regexp.MustCompile(`^[0-9BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxy]{10}z[0-9BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxy]{1,16}$`)
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
