package postfix

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxLog is how much of the end of a mail log is read: some hundred thousand lines.
const maxLog = 64 << 20

// LetGo says which of some messages, by queue id, somebody released from the hold queue, as the mail log has it: with
// postsuper -H or -r, without deleting or expiring them later. The log is that of maillog_file, of the usual files, or
// of the system's journal; of a file its end is read, and the file before it (FILE.1). A queue id that the log has for
// two messages says nothing.
//
// Who may write to the system's log can feign such a line, but not make a held message leave the queue, which is what
// the caller has seen.
func (q Queue) LetGo(ctx context.Context, ids map[string]bool) (map[string]bool, error) {
	var name, file []byte
	_, err := q.run(ctx, text(&name, maxSaid), "postconf", "-hx", "syslog_name")
	if err == nil {
		_, err = q.run(ctx, text(&file, maxSaid), "postconf", "-hx", "maillog_file")
	}
	if err != nil {
		return nil, err
	}
	l := logReader{name: strings.TrimSpace(string(name)), seen: map[string]*logged{}}
	for id := range ids {
		l.seen[id] = &logged{}
	}
	if err := q.readLog(ctx, strings.TrimSpace(string(file)), &l); err != nil {
		return nil, fmt.Errorf("the mail log: %w", err)
	}
	out := map[string]bool{}
	for id, m := range l.seen {
		out[id] = m.letGo && m.lives <= 1
	}
	return out, nil
}

// readLog goes to the first log that there is.
func (q Queue) readLog(ctx context.Context, file string, l *logReader) error {
	files := []string{"/var/log/mail.log", "/var/log/maillog"}
	if file != "" {
		files = []string{file}
	}
	outside := Queue{Command: q.Command} // none of Postfix's commands, so without -c
	var wrong error
	for _, file := range files {
		if err := outside.tail(ctx, file+".1", l); err != nil && ctx.Err() != nil {
			return err
		}
		err := outside.tail(ctx, file, l)
		if err == nil {
			return nil
		}
		wrong = errors.Join(wrong, err)
	}
	args := []string{"--quiet", "--no-pager", "--lines=300000"}
	for _, service := range []string{"postsuper", "qmgr", "cleanup"} {
		args = append(args, "--identifier="+l.name+"/"+service)
	}
	if _, err := outside.run(ctx, l.read, "journalctl", args...); err != nil {
		return errors.Join(wrong, err)
	}
	return nil
}

func (q Queue) tail(ctx context.Context, file string, l *logReader) error {
	_, err := q.run(ctx, l.read, "tail", "-c", fmt.Sprint(maxLog), file)
	return err
}

// logReader notes what a log says of some messages.
type logReader struct {
	name string // Postfix's syslog_name
	seen map[string]*logged
}

type logged struct {
	lives int // messages that had this id
	letGo bool
}

func (l *logReader) read(r io.Reader) error {
	for lines := bufio.NewReaderSize(r, 64<<10); ; {
		line, err := lines.ReadSlice('\n')
		l.line(line)
		for err == bufio.ErrBufferFull { // what is so long is none of these
			_, err = lines.ReadSlice('\n')
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// line takes "TIME HOST NAME/postsuper[PID]: ID: released from hold" and its like. All before the first "]: " is the
// logger's own, and none of it from a message. journalctl sets further lines of one text in.
func (l *logReader) line(line []byte) {
	if bytes.HasPrefix(line, []byte(" ")) {
		return
	}
	head, rest, ok := bytes.Cut(line, []byte("]: "))
	if !ok {
		return
	}
	service, ok := strings.CutPrefix(string(head[bytes.LastIndexByte(head, ' ')+1:]), l.name+"/")
	service, _, bracket := strings.Cut(service, "[")
	id, said, colon := strings.Cut(strings.TrimSpace(string(rest)), ": ")
	m := l.seen[id]
	if !ok || !bracket || !colon || m == nil {
		return
	}
	switch {
	case service == "cleanup" && strings.HasPrefix(said, "message-id="):
		m.lives++
	case service == "postsuper" && (said == "released from hold" || said == "requeued"):
		m.letGo = true
	case service == "postsuper" && (said == "placed on hold" || said == "removed" || said == "expired"),
		service == "qmgr" && strings.Contains(said, "expired, returned to sender"):
		m.letGo = false
	}
}
