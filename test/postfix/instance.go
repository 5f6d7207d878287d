// Package postfix runs a private Postfix on loopback, for tests, the demo and the benchmark.
//
// In goes the address of a milter and what main.cf shall say besides; out comes a running Postfix with folders,
// ports and log of its own, wired by the parameters of postfix-example.cf, which keeps every mail that it accepts
// in one Maildir. An installed Postfix of the machine is neither read nor touched, and several instances run side
// by side. No mail leaves: every domain counts as local.
//
// # Limits
//
// It needs root (see AsRoot) and Debian's package postfix. XCLIENT is open to 127.0.0.1, so that a test can be any
// client: this instance is for tests only.
package postfix

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// startTime is how long Start waits for the greeting; a loaded machine needs well under a second.
const startTime = 15 * time.Second

// Config says what is special about an instance.
type Config struct {
	Milter  string            // address in Postfix's notation, "inet:127.0.0.1:8895" or "unix:/path"; "" for no milter
	Example string            // path of a file in main.cf's syntax whose parameters are used, postfix-example.cf; "" for none
	Params  map[string]string // parameters of main.cf that win over all others
}

// Instance is a running Postfix.
type Instance struct {
	Addr string // host and port of smtpd
	Dir  string // everything of this instance lies here, and is removed by Stop

	install *installation
	master  *exec.Cmd
	ended   chan struct{} // closed when master has ended
	stop    sync.Once
}

// Start makes the folders and the configuration, starts Postfix and returns when it greets. The context bounds the
// start alone; Stop ends the instance.
func Start(ctx context.Context, config Config) (*Instance, error) {
	install, err := findInstallation()
	if err != nil {
		return nil, err
	}
	dir, err := install.makeFolders()
	if err != nil {
		return nil, err
	}
	p := &Instance{Dir: dir, install: install}
	if err := p.start(ctx, config); err != nil {
		return nil, errors.Join(err, p.Stop())
	}
	return p, nil
}

// start writes the configuration for a port that was free just now. That another process takes the port before
// Postfix does is possible, so a second and third port are tried.
func (p *Instance) start(ctx context.Context, config Config) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	params, err := p.parameters(config)
	if err != nil {
		return err
	}
	for attempt := 0; ; attempt++ {
		if p.Addr, err = freeAddress(); err != nil {
			return err
		}
		if err := p.writeConfig(params); err != nil {
			return err
		}
		if err := p.launch(); err != nil {
			return err
		}
		err := p.waitGreeting(ctx)
		if err == nil || attempt == 2 || !taken(p.Addr) {
			return err
		}
	}
}

// launch starts master(8) itself rather than `postfix start`, which checks the whole installation first and takes
// most of a second. As leader of a process group it takes its daemons with it when it is told to end.
func (p *Instance) launch() error {
	master := exec.Command(filepath.Join(p.install.daemons, "master"), "-c", p.ConfigDir(), "-d")
	master.Dir = p.QueueDir()
	master.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "MAIL_CONFIG=" + p.ConfigDir(), "TZ=UTC"}
	master.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	return p.begin(master)
}

func (p *Instance) begin(master *exec.Cmd) error {
	if err := master.Start(); err != nil {
		return fmt.Errorf("start Postfix's master: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		_ = master.Wait() // how it ended stands in its log
		close(ended)
	}()
	p.master, p.ended = master, ended
	return nil
}

// waitGreeting returns when smtpd answers and its log is written, or says why that does not happen. Before postlogd is
// at work master can neither log that it ends, nor end.
func (p *Instance) waitGreeting(ctx context.Context) error {
	return poll(ctx, func() (bool, error) {
		select {
		case <-p.ended:
			return false, fmt.Errorf("the private Postfix ended at once: %s\n%s", p.complaint(ctx), p.lastLog())
		default:
		}
		return p.greets(ctx) && p.logs(), nil
	}, func() error {
		return fmt.Errorf("the private Postfix does not greet on %s; its log says:\n%s", p.Addr, p.lastLog())
	})
}

// greets tells whether smtpd says its 220. Its banner names our folder: with the port taken, another server answers.
func (p *Instance) greets(ctx context.Context) bool {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", p.Addr)
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "220 ") || !strings.Contains(line, filepath.Base(p.Dir)) {
		return false
	}
	_, _ = conn.Write([]byte("QUIT\r\n"))
	return true
}

// logs tells whether postlogd writes: it makes the file.
func (p *Instance) logs() bool {
	_, err := os.Stat(p.LogFile())
	return err == nil
}

// Stop ends Postfix by its process id and removes its folders. Only the first call does something.
func (p *Instance) Stop() error {
	var err error
	p.stop.Do(func() {
		if p.master != nil {
			p.endMaster()
		}
		err = os.RemoveAll(p.Dir)
	})
	return err
}

// Restart ends Postfix and starts it again on the same folders and port. The context bounds the wait for its greeting.
func (p *Instance) Restart(ctx context.Context) error {
	p.endMaster()
	if err := p.launch(); err != nil {
		return err
	}
	return p.waitGreeting(ctx)
}

// endMaster asks master to end, which ends its daemons, and kills the group when that takes too long.
func (p *Instance) endMaster() {
	_ = p.master.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(startTime):
	}
	_ = syscall.Kill(-p.master.Process.Pid, syscall.SIGKILL)
	<-p.ended
}

func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	return listener.Addr().String(), listener.Close()
}

// taken tells whether somebody listens on the address.
func taken(addr string) bool {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return true
	}
	_ = listener.Close()
	return false
}

// poll asks until the answer is yes or an error. When the context ends it returns what late says.
func poll(ctx context.Context, ask func() (bool, error), late func() error) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if done, err := ask(); done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", late(), ctx.Err())
		case <-tick.C:
		}
	}
}
