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
	logs, err := q.logs(ctx)
	if err != nil {
		return nil, err
	}
	l := logReader{name: logs.name, seen: map[string]*logged{}}
	for id := range ids {
		l.seen[id] = &logged{}
	}
	args := []string{"--lines=300000"}
	for _, service := range []string{"postsuper", "qmgr", "cleanup"} {
		args = append(args, "--identifier="+l.name+"/"+service)
	}
	if err := logs.read(ctx, maxLog, args, l.line); err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for id, m := range l.seen {
		out[id] = m.letGo && m.lives <= 1
	}
	return out, nil
}

// mailLog is where an instance logs.
type mailLog struct {
	outside Queue  // runs none of Postfix's commands, so without -c
	name    string // Postfix's syslog_name
	file    string // maillog_file
}

func (q Queue) logs(ctx context.Context) (mailLog, error) {
	var name, file []byte
	_, err := q.run(ctx, text(&name, maxSaid), "postconf", "-hx", "syslog_name")
	if err == nil {
		_, err = q.run(ctx, text(&file, maxSaid), "postconf", "-hx", "maillog_file")
	}
	return mailLog{Queue{Command: q.Command}, strings.TrimSpace(string(name)), strings.TrimSpace(string(file))}, err
}

// read goes to the first log that there is, and hands on the lines at its end: of a file so many bytes, of the system's
// journal what the arguments of journalctl choose.
func (m mailLog) read(ctx context.Context, size int, journalctl []string, line func([]byte)) error {
	files := []string{"/var/log/mail.log", "/var/log/maillog"}
	if m.file != "" {
		files = []string{m.file}
	}
	lines := func(r io.Reader) error { return eachLine(r, line) }
	tail := func(file string) error {
		_, err := m.outside.run(ctx, lines, "tail", "-c", fmt.Sprint(size), file)
		return err
	}
	var wrong error
	for _, file := range files {
		if err := tail(file + ".1"); err != nil && ctx.Err() != nil {
			return err
		}
		err := tail(file)
		if err == nil {
			return nil
		}
		wrong = errors.Join(wrong, err)
	}
	if _, err := m.outside.run(ctx, lines, "journalctl", append([]string{"--quiet", "--no-pager"}, journalctl...)...); err != nil {
		return fmt.Errorf("the mail log: %w", errors.Join(wrong, err))
	}
	return nil
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

// eachLine hands on the lines of a log, each without its rest beyond 64 KiB.
func eachLine(r io.Reader, do func([]byte)) error {
	for lines := bufio.NewReaderSize(r, 64<<10); ; {
		line, err := lines.ReadSlice('\n')
		do(line)
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

// logLine takes "TIME HOST NAME/SERVICE[PID]: ID: SAID" apart. All before the first "]: " is the logger's own, and none
// of it from a message. journalctl sets further lines of one text in.
func logLine(name string, line []byte) (service, id, said string, ok bool) {
	if bytes.HasPrefix(line, []byte(" ")) {
		return "", "", "", false
	}
	head, rest, ok := bytes.Cut(line, []byte("]: "))
	if !ok {
		return "", "", "", false
	}
	service, ok = strings.CutPrefix(string(head[bytes.LastIndexByte(head, ' ')+1:]), name+"/")
	service, _, bracket := strings.Cut(service, "[")
	id, said, colon := strings.Cut(strings.TrimSpace(string(rest)), ": ")
	return service, id, said, ok && bracket && colon
}

// line takes "ID: released from hold" and its like.
func (l *logReader) line(line []byte) {
	service, id, said, ok := logLine(l.name, line)
	m := l.seen[id]
	if !ok || m == nil {
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
