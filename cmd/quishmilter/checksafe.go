package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"quishmilter/inspect"
	"quishmilter/journal"
	"quishmilter/postfix"
)

// probeTime bounds the start of a worker that tries what it must not do.
const probeTime = 30 * time.Second

// tryWorkers starts a worker as the daemon would, has it try what code that took it over would try, and says what came of
// that.
func tryWorkers(ctx context.Context, s Settings, log *journal.Log) (text string, err error) {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	s.Workers.Count = 1
	pool, err := newPool(s, "", log, nil)
	if err != nil {
		return "", err
	}
	defer pool.Close()
	return tried(ctx, s, pool)
}

func tried(ctx context.Context, s Settings, pool *inspect.Pool) (text string, err error) {
	attempts, err := pool.Probe(ctx)
	if err != nil {
		return "", fmt.Errorf("a worker cannot be started: %w", err)
	}
	text, err = s.confined(pool.Sandbox())
	if err != nil {
		return "", err
	}
	var could []string
	for _, a := range attempts {
		if !a.Denied {
			could = append(could, a.Name)
		}
	}
	if len(could) > 0 {
		return "", fmt.Errorf("%s; one that tried could %s", text, strings.Join(could, ", "))
	}
	return fmt.Sprintf("%s; one tried %d things that it must not do, and was refused each", text, len(attempts)), nil
}

// openToAll are warnings about files and sockets that everybody on this host may use.
func openToAll(s Settings) (list []string) {
	mode := func(path string) os.FileMode {
		info, err := os.Stat(path)
		if err != nil {
			return 0 // it is not there yet, and then as the settings say
		}
		return info.Mode().Perm()
	}
	if m := mode(s.State); m&0o007 != 0 {
		list = append(list, fmt.Sprintf("%s is open to everybody (mode %04o), and it holds addresses of people: chmod 0700", s.State, m))
	}
	if m := mode(s.stateFile()); m&0o006 != 0 {
		list = append(list, fmt.Sprintf("%s is open to everybody (mode %04o), and it holds addresses of people: chmod 0600", s.stateFile(), m))
	}
	for _, file := range []string{s.file, s.Entries} {
		if m := mode(file); m&0o002 != 0 {
			list = append(list, fmt.Sprintf("%s can be written by everybody (mode %04o), and says what becomes of mail: chmod 0640", file, m))
		}
	}
	if m := mode(s.Prevalence.Secret); m&0o004 != 0 {
		list = append(list, fmt.Sprintf("%s can be read by everybody (mode %04o), and whoever reads it can tell whom the hashed histories are of: chmod 0640", s.Prevalence.Secret, m))
	}
	if m := mode(s.control()); m&0o006 != 0 || modeOf(s.ControlMode)&0o006 != 0 {
		list = append(list, fmt.Sprintf("everybody may use the control socket %s, and read the journal by it: write control_mode = \"0660\"", s.control()))
	}
	if network, path, err := splitListen(s.Listen); err == nil && network == "unix" && (mode(path)&0o002 != 0 || modeOf(s.SocketMode)&0o002 != 0) {
		list = append(list, fmt.Sprintf("everybody may use the socket for Postfix, %s, and have mail recorded that never came: write socket_mode = \"0660\" and give the folder Postfix's group", path))
	} else if err == nil && network == "tcp" && !onLoopback(path) {
		list = append(list, fmt.Sprintf("%s is reached from other hosts, and the milter protocol has neither passwords nor encryption: let a firewall admit Postfix alone", s.Listen))
	}
	return list
}

func modeOf(text string) os.FileMode {
	mode, _ := parseMode(text) // it was checked with the configuration
	return mode
}

func onLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// rootWarning says that the running daemon is root's, without need.
func rootWarning(s Settings) string {
	info, err := os.Stat(s.control())
	if err != nil {
		return ""
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); ok && owner.Uid == 0 {
		return "the daemon runs as root, and needs none of its rights: run it as a user of its own, as the packaged unit does (User=quishmilter)"
	}
	return ""
}

// postfixWarnings say what Postfix's own settings lack, and whether our place among the milters fits what we may do.
// Where no Postfix is to be had, there are none.
func postfixWarnings(ctx context.Context, s Settings) (list []string) {
	for _, q := range s.queues() {
		values, err := q.Parameters(ctx, "smtpd_milters", "queue_directory", "milter_mail_macros", "milter_end_of_data_macros")
		if err != nil {
			if text := s.wayWarning(q, err); text != "" {
				list = append(list, text)
			}
			continue
		}
		for _, text := range append(placeWarnings(s, values), macroWarnings(values)...) {
			if q.Config != "" {
				text = q.Config + ": " + text
			}
			list = append(list, text)
		}
	}
	return list
}

// wayWarning says that Postfix's commands do not work on the way that the settings name. Where they name none, Postfix may
// be on another host; and the way by queue_command may be for root alone.
func (s Settings) wayWarning(q postfix.Queue, err error) string {
	where := q.Config + " (queue_instances)"
	switch {
	case q.Config == "" && len(q.Command) == 0, len(q.Command) > 0 && os.Geteuid() != 0:
		return ""
	case errors.Is(err, postfix.ErrNoPostfix) && len(q.Command) == 0:
		return "" // queueWarning says so
	case q.Config == "":
		where = "queue_command"
	}
	return fmt.Sprintf("held mail cannot be reached by Postfix's commands at %s: %s", where, oneLine(err.Error()))
}

// placeWarnings look at smtpd_milters. A list without us is somebody else's, or not ours yet.
func placeWarnings(s Settings, values map[string]string) (list []string) {
	milters := postfix.Milters(values["smtpd_milters"])
	at := slices.IndexFunc(milters, func(m string) bool { return sameSocket(m, s.Listen, values["queue_directory"]) })
	switch {
	case at < 0 && len(milters) == 0:
		return []string{"smtpd_milters in Postfix's main.cf is empty: no mail is asked about (postfix-example.cf shows how to attach)"}
	case at < 0:
		return []string{fmt.Sprintf("smtpd_milters in Postfix's main.cf does not name %s: no mail is asked about there", s.Listen)}
	case at < len(milters)-1 && !s.TagOnly && s.Policy != "observe":
		return []string{fmt.Sprintf("%s stands behind us in smtpd_milters, and never acts on mail that we hold: let quishmilter be the last, or write tag_only = true", milters[at+1])}
	case at > 0 && at == len(milters)-1 && s.TagOnly:
		return []string{"tag_only is for a place before other milters, and quishmilter is the last in smtpd_milters: nobody there reads its fields, and nothing is held"}
	}
	return nil
}

// sameSocket compares a milter's address as Postfix has it with ours: a path there begins at the queue directory.
func sameSocket(theirs, ours, queue string) bool {
	network, address, err := splitListen(ours)
	if err != nil {
		return false
	}
	if path, ok := strings.CutPrefix(theirs, "unix:"); ok {
		if network != "unix" {
			return false
		}
		if strings.HasPrefix(path, "/") && path == address {
			return true
		}
		return filepath.Join(queue, path) == address
	}
	rest, ok := strings.CutPrefix(theirs, "inet:")
	if !ok || network != "tcp" {
		return false
	}
	host, port, err := net.SplitHostPort(rest)
	ourHost, ourPort, wrong := net.SplitHostPort(address)
	if err != nil || wrong != nil || port != ourPort {
		return false
	}
	return host == ourHost || onLoopback(rest) && (onLoopback(address) || ourHost == "" || net.ParseIP(ourHost).IsUnspecified())
}

// neededMacros are those without which something is lost, and what.
var neededMacros = []struct{ list, macro, lost string }{
	{"milter_mail_macros", "{auth_authen}", "mail of your own logged-in users is judged like a stranger's"},
	{"milter_end_of_data_macros", "i", "log, journal and quarantine do not know a message's queue id"},
}

func macroWarnings(values map[string]string) (list []string) {
	for _, n := range neededMacros {
		macros := strings.FieldsFunc(values[n.list], func(r rune) bool { return strings.ContainsRune(", \t\r\n", r) })
		if !slices.Contains(macros, n.macro) && !slices.Contains(macros, strings.Trim(n.macro, "{}")) {
			list = append(list, fmt.Sprintf("%s in Postfix's main.cf lacks %s: %s (postfix-example.cf has the list)", n.list, n.macro, n.lost))
		}
	}
	return list
}
