// Package daemon runs the built quishmilter, for tests, the demo and the benchmark.
//
// In goes the path of the program and what its configuration shall say; out comes a running daemon with a
// configuration, a state folder and a log of its own below one temporary folder.
package daemon

import (
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

const (
	startTime = 30 * time.Second // the first start compiles the PDF renderer
	drainTime = 30 * time.Second // for the messages that are being scanned
)

// Config says what is special about a daemon.
type Config struct {
	Program   string   // path of the program
	TCP       bool     // listen on a free port of 127.0.0.1; else on a unix socket in the daemon's folder, open to all users
	Unwatched bool     // without a postmaster, so that it holds nothing
	Policy    string   // "standard", "strict" or "observe"; "" for the default
	TOML      string   // more lines of the configuration file
	State     string   // folder of the state; "" for one in the daemon's own folder
	MailBy    string   // how it mails people; "" for a way that leads nowhere, so that no mail but the test's is about
	Temp      string   // folder of its temporary files; "" for the system's
	Learn     [][]byte // messages that `quishmilter learn` takes in before the start
}

// Daemon is a running quishmilter.
type Daemon struct {
	Dir     string // everything lies here, and is removed by Stop
	Address string // for Postfix's smtpd_milters
	PID     int

	temp    string // folder of its temporary files; "" for the system's
	command *exec.Cmd
	ended   chan struct{} // closed when the process has ended
	exit    error         // how it ended; to be read after ended
	stop    sync.Once
	stopErr error
}

// Start writes the configuration, lets the program learn, starts it and returns when it accepts connections.
func Start(ctx context.Context, config Config) (*Daemon, error) {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	dir, err := os.MkdirTemp("", "quishmilter-daemon-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the daemon: %w", err)
	}
	d := &Daemon{Dir: dir, Address: "unix:" + filepath.Join(dir, "milter.sock")}
	if err := d.start(ctx, config); err != nil {
		return nil, errors.Join(err, d.Stop())
	}
	return d, nil
}

func (d *Daemon) start(ctx context.Context, config Config) error {
	if config.TCP {
		address, err := FreeAddress()
		if err != nil {
			return err
		}
		d.Address = "inet:" + address
	}
	if err := d.configure(config); err != nil {
		return err
	}
	if err := d.learn(ctx, config); err != nil {
		return err
	}
	d.temp = config.Temp
	if err := d.launch(config.Program); err != nil {
		return err
	}
	return d.waitListening(ctx)
}

// FreeAddress is an address on 127.0.0.1 that nobody listened on just now.
func FreeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	return listener.Addr().String(), listener.Close()
}

// noMail is a way on which nobody listens.
const noMail = "smtp:127.0.0.1:1"

// configure writes the configuration file. The folder is open to Postfix's users, for the socket.
func (d *Daemon) configure(config Config) error {
	lines := []string{
		fmt.Sprintf("listen = %q", d.Address),
		`socket_mode = "0666"`,
	}
	if config.State == "" {
		config.State = d.StateDir()
	}
	lines = append(lines, fmt.Sprintf("state = %q", config.State))
	if !config.Unwatched {
		lines = append(lines, `postmaster = "postmaster@example.org"`)
	}
	if config.MailBy == "" {
		config.MailBy = noMail
	}
	lines = append(lines, fmt.Sprintf("mail_by = %q", config.MailBy))
	if config.Policy != "" {
		lines = append(lines, fmt.Sprintf("policy = %q", config.Policy))
	}
	text := strings.Join(append(lines, config.TOML), "\n") + "\n"
	if err := os.WriteFile(d.ConfigFile(), []byte(text), 0o644); err != nil {
		return fmt.Errorf("write the daemon's configuration: %w", err)
	}
	if err := os.Chmod(d.Dir, 0o755); err != nil {
		return fmt.Errorf("open the daemon's folder: %w", err)
	}
	return nil
}

// learn hands the messages to `quishmilter learn` as files.
func (d *Daemon) learn(ctx context.Context, config Config) error {
	if len(config.Learn) == 0 {
		return nil
	}
	args := []string{"learn", "-c", d.ConfigFile()}
	for i, message := range config.Learn {
		file := filepath.Join(d.Dir, fmt.Sprintf("learn-%d.eml", i+1))
		if err := os.WriteFile(file, message, 0o644); err != nil {
			return fmt.Errorf("write a message to learn: %w", err)
		}
		args = append(args, file)
	}
	if said, err := exec.CommandContext(ctx, config.Program, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("quishmilter learn: %w: %s", err, said)
	}
	return nil
}

// launch starts the daemon in a process group of its own, so that Ctrl-C reaches it through Stop alone.
func (d *Daemon) launch(program string) error {
	log, err := os.Create(d.LogFile())
	if err != nil {
		return fmt.Errorf("make the daemon's log: %w", err)
	}
	defer func() { _ = log.Close() }()
	d.command = exec.Command(program, "serve", "-c", d.ConfigFile())
	d.command.Stdout, d.command.Stderr = log, log
	d.command.Env = os.Environ()
	if cache, err := filepath.Abs(filepath.Join(filepath.Dir(program), "cache")); err == nil { // shared by all daemons of this program
		d.command.Env = append(d.command.Env, "CACHE_DIRECTORY="+cache)
	}
	if d.temp != "" {
		d.command.Env = append(d.command.Env, "TMPDIR="+d.temp)
	}
	d.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if err := d.command.Start(); err != nil {
		d.command = nil
		return fmt.Errorf("start quishmilter: %w", err)
	}
	d.PID, d.ended = d.command.Process.Pid, make(chan struct{})
	go func() {
		d.exit = d.command.Wait()
		close(d.ended)
	}()
	return nil
}

func (d *Daemon) waitListening(ctx context.Context) error {
	network, address := "unix", strings.TrimPrefix(d.Address, "unix:")
	if rest, ok := strings.CutPrefix(d.Address, "inet:"); ok {
		network, address = "tcp", rest
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		var dialer net.Dialer
		if conn, err := dialer.DialContext(ctx, network, address); err == nil {
			return conn.Close()
		}
		select {
		case <-d.ended:
			return fmt.Errorf("quishmilter ended at once (%v):\n%s", d.exit, d.Log())
		case <-ctx.Done():
			return fmt.Errorf("quishmilter does not listen on %s: %w\n%s", d.Address, ctx.Err(), d.Log())
		case <-tick.C:
		}
	}
}

// ConfigFile is the configuration, for other commands of the program (-c).
func (d *Daemon) ConfigFile() string { return filepath.Join(d.Dir, "quishmilter.toml") }

// StateDir holds the history and the journal.
func (d *Daemon) StateDir() string { return filepath.Join(d.Dir, "state") }

// LogFile takes standard output and standard error.
func (d *Daemon) LogFile() string { return filepath.Join(d.Dir, "quishmilter.log") }

// Log returns the log up to now.
func (d *Daemon) Log() string {
	text, err := os.ReadFile(d.LogFile())
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// Reload sends SIGHUP.
func (d *Daemon) Reload() error { return d.command.Process.Signal(syscall.SIGHUP) }

// Kill ends the daemon without any warning, as a crash would, and leaves its folder for Restart.
func (d *Daemon) Kill() {
	_ = d.command.Process.Kill()
	<-d.ended
}

// Attach tells the daemon, which was started before its Postfix, where that has its configuration, and where mail to
// people goes.
func (d *Daemon) Attach(postfixConfig, smtp string) error {
	text, err := os.ReadFile(d.ConfigFile())
	if err != nil {
		return err
	}
	changed := fmt.Sprintf("queue_instances = [%q]\n", postfixConfig) + strings.Replace(string(text), noMail, "smtp:"+smtp, 1)
	if err := os.WriteFile(d.ConfigFile(), []byte(changed), 0o644); err != nil {
		return err
	}
	return d.Reload()
}

// Restart starts the program again on the same folder, after Kill or Drain.
func (d *Daemon) Restart(ctx context.Context) error { return d.RestartBy(ctx, d.command.Path) }

// RestartBy does so by another program, which may start the real one as another user.
func (d *Daemon) RestartBy(ctx context.Context, program string) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	if err := d.launch(program); err != nil {
		return err
	}
	return d.waitListening(ctx)
}

// Drain ends the daemon as systemd would (SIGTERM) and says how it ended: nil is exit status 0.
func (d *Daemon) Drain() error {
	_ = d.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-d.ended:
		return d.exit
	case <-time.After(drainTime):
		d.Kill()
		return errors.New("quishmilter did not end when told to, and was killed")
	}
}

// Stop drains the daemon, unless it has ended, and removes its folder. Only the first call does something.
func (d *Daemon) Stop() error {
	d.stop.Do(func() {
		if d.command != nil && d.running() {
			d.stopErr = d.Drain()
		}
		d.stopErr = errors.Join(d.stopErr, os.RemoveAll(d.Dir))
	})
	return d.stopErr
}

func (d *Daemon) running() bool {
	select {
	case <-d.ended:
		return false
	default:
		return true
	}
}
