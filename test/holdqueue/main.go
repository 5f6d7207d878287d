// Command holdqueue measures how long the commands need for a large hold queue: a private Postfix is given many held
// messages, of which quishmilter's journal knows most, and `quarantine list` is run.
//
// The queue is made cheaply: one message is really held by the filter; its queue file is copied under other queue ids,
// and the journal is given a hold for each.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"quishmilter/journal"
	"quishmilter/state"
	"quishmilter/test/daemon"
	"quishmilter/test/postfix"
)

func main() {
	postfix.AsRoot()
	count := flag.Int("n", 50_000, "messages on hold")
	others := flag.Int("others", 1000, "of these, not by quishmilter")
	flag.Parse()
	if err := run(*count, *others); err != nil {
		fmt.Fprintln(os.Stderr, "holdqueue:", err)
		os.Exit(1)
	}
}

func run(count, others int) (err error) {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "quishmilter-holdqueue-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	program, err := daemon.Program(dir)
	if err != nil {
		return err
	}
	mta, err := postfix.Start(ctx, postfix.Config{Params: map[string]string{"smtpd_client_restrictions": "static:HOLD"}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, mta.Stop()) }()
	stateDir := filepath.Join(dir, "state")
	if err := fill(ctx, mta, stateDir, count, others); err != nil {
		return err
	}
	filter, err := daemon.Start(ctx, daemon.Config{Program: program, State: stateDir, TOML: fmt.Sprintf("queue_instances = [%q]", mta.ConfigDir())})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, filter.Stop()) }()
	for range 3 {
		if err := measure(exec.Command("postqueue", "-c", mta.ConfigDir(), "-j"), "postqueue -j"); err != nil {
			return err
		}
		if err := measure(exec.Command(program, "-c", filter.ConfigFile(), "quarantine", "list"), "quarantine list"); err != nil {
			return err
		}
	}
	return nil
}

// measure runs a command; the time of postqueue by itself is what no list can beat.
func measure(command *exec.Cmd, name string) error {
	start := time.Now()
	out, err := command.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %.500s", name, err, out)
	}
	took := time.Since(start)
	rows := strings.Split(strings.TrimSpace(string(out)), "\n")
	cpu := command.ProcessState.UserTime() + command.ProcessState.SystemTime()
	fmt.Printf("%-15s  %.2f s, CPU %.2f s, %d lines, the last: %.90s\n", name, took.Seconds(), cpu.Seconds(), len(rows), rows[len(rows)-1])
	return nil
}

// fill holds one message and multiplies it.
func fill(ctx context.Context, mta *postfix.Instance, stateDir string, count, others int) error {
	id, err := hold(mta)
	if err != nil {
		return err
	}
	folder := filepath.Join(mta.QueueDir(), "hold")
	content, err := os.ReadFile(filepath.Join(folder, id))
	if err != nil {
		return err
	}
	info, err := os.Stat(filepath.Join(mta.QueueDir(), "hold"))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(stateDir, 0o700); err != nil {
		return err
	}
	db, err := state.Open(filepath.Join(stateDir, "state.db"), state.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	for n := 1; n < count; n++ {
		if err := copyTo(filepath.Join(folder, queueID(n)), content, info); err != nil {
			return err
		}
	}
	return remember(ctx, db, count-others)
}

func hold(mta *postfix.Instance) (id string, err error) {
	client, err := postfix.Dial(mta.Addr)
	if err != nil {
		return "", err
	}
	defer client.Close()
	reply, err := client.Send(postfix.Mail{From: "stranger@example.net", Rcpts: []string{"reader@example.org"}, Data: []byte("Subject: held\n\ntext\n")})
	return reply.QueueID, err
}

func queueID(n int) string { return fmt.Sprintf("A%09X", n) }

// copyTo makes a queue file: owned by Postfix's user and executable by it, which says that it is complete.
func copyTo(path string, content []byte, folder os.FileInfo) error {
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return err
	}
	if err := chownLike(path, folder); err != nil {
		return err
	}
	return os.Chmod(path, 0o700)
}

// remember gives the journal the holds, many in one commit.
func remember(ctx context.Context, db *state.DB, count int) error {
	holds, now := journal.NewHolds(db), time.Now()
	for first := 1; first <= count; first += 1000 {
		if err := db.Update(ctx, func(tx *state.Tx) error {
			for n := first; n < first+1000 && n <= count; n++ {
				at := now.Add(time.Duration(n) * time.Millisecond / 10)
				e := journal.Event{ID: journal.NewID(at), Time: at, QueueID: queueID(n), HeaderFrom: fmt.Sprintf("stranger%d@example.net", n), MailFrom: "stranger@example.net",
					Rcpts: []string{"reader@example.org"}, NRcpt: 1, Reasons: []string{"qr-link-from-new-sender"}, Subject: fmt.Sprintf("held, number %d", n),
					Codes: []journal.CodeEvent{{Kind: "url", Host: "evil.example"}}}
				if err := holds.Add(tx, e); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}
