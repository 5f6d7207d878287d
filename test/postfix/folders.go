package postfix

import (
	"fmt"
	"os"
	"path/filepath"
)

// ConfigDir is for Postfix's commands (-c).
func (p *Instance) ConfigDir() string { return filepath.Join(p.Dir, "etc") }

// QueueDir is queue_directory; relative paths of unix sockets begin here.
func (p *Instance) QueueDir() string { return filepath.Join(p.Dir, "spool") }

// LogFile is where Postfix logs.
func (p *Instance) LogFile() string { return filepath.Join(p.Dir, "log", "mail.log") }

// Maildir is where all accepted mail ends.
func (p *Instance) Maildir() string { return filepath.Join(p.Dir, "mail", "inbox") }

// folder is one folder with whom Postfix expects as its owner (`postfix check` would create them likewise).
type folder struct {
	path string
	mode os.FileMode
	uid  int
	gid  int
}

func (i *installation) folders() []folder {
	p := i.postfix
	list := []folder{
		{"etc", 0o755, 0, 0},
		{"log", 0o755, 0, 0},
		{"data", 0o700, p.uid, p.gid},
		{"mail", 0o755, i.mailbox.uid, i.mailbox.gid},
		{"spool", 0o755, 0, 0},
		{"spool/pid", 0o755, 0, 0},
		{"spool/private", 0o700, p.uid, p.gid},
		{"spool/public", 0o710, p.uid, i.postdrop},
		{"spool/maildrop", 0o730, p.uid, i.postdrop},
	}
	for _, name := range []string{"active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "saved", "trace"} {
		list = append(list, folder{"spool/" + name, 0o700, p.uid, p.gid})
	}
	return list
}

// makeFolders makes a new folder for an instance, with all that Postfix wants in it. It lies in the folder for
// temporary files, which other users must be able to enter: the daemons give up root's rights.
func (i *installation) makeFolders() (string, error) {
	dir, err := os.MkdirTemp("", "quishmilter-postfix-")
	if err != nil {
		return "", fmt.Errorf("make a folder for Postfix: %w", err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		return "", fmt.Errorf("open the folder for Postfix: %w", err)
	}
	for _, f := range i.folders() {
		if err := f.make(dir); err != nil {
			return "", fmt.Errorf("make a folder for Postfix: %w", err)
		}
	}
	return dir, nil
}

// make sets the mode apart from the creation, which the umask would narrow.
func (f folder) make(dir string) error {
	path := filepath.Join(dir, f.path)
	if err := os.Mkdir(path, f.mode); err != nil {
		return err
	}
	if err := os.Chmod(path, f.mode); err != nil {
		return err
	}
	return os.Chown(path, f.uid, f.gid)
}
