package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"quishmilter/control"
	"quishmilter/postfix"
)

// keeper works on held mail: with root's rights, or through the queue helper.
type keeper interface {
	List(ctx context.Context) (heldList, error)
	Release(ctx context.Context, event string, watch time.Duration) (handled, error)
	Delete(ctx context.Context, event string, bounce bool) (handled, error)
}

// helperClient asks the queue helper.
type helperClient struct{ path, group string }

func (c helperClient) List(ctx context.Context) (heldList, error) {
	reply, err := c.ask(ctx, helperAsk{Verb: "list"})
	if err != nil || reply.List == nil {
		return heldList{}, err
	}
	return *reply.List, nil
}

func (c helperClient) Release(ctx context.Context, event string, watch time.Duration) (handled, error) {
	return c.done(ctx, helperAsk{Verb: "release", Event: event, Watch: int(watch.Seconds())})
}

func (c helperClient) Delete(ctx context.Context, event string, bounce bool) (handled, error) {
	return c.done(ctx, helperAsk{Verb: "delete", Event: event, Bounce: bounce})
}

func (c helperClient) done(ctx context.Context, ask helperAsk) (handled, error) {
	reply, err := c.ask(ctx, ask)
	if reply.Done == nil {
		return handled{}, err
	}
	return *reply.Done, err
}

func (c helperClient) ask(ctx context.Context, ask helperAsk) (reply helperReply, err error) {
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "unix", c.path)
	if err != nil {
		return reply, c.unreachable(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(helperTime + 30*time.Second))
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if err := json.NewEncoder(conn).Encode(ask); err != nil {
		return reply, fmt.Errorf("queue helper: %w", err)
	}
	if err := json.NewDecoder(io.LimitReader(conn, helperAnswer)).Decode(&reply); err != nil {
		return reply, fmt.Errorf("queue helper: its answer cannot be read: %w", err)
	}
	if reply.Error != "" {
		return reply, errors.New(reply.Error)
	}
	return reply, nil
}

// unreachable says why the helper cannot be asked.
func (c helperClient) unreachable(err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("held mail is for root and for the group %s (queue_group), which this user is not in: join it, or run this as root", c.group)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("held mail is for root, and no queue helper answers on %s for others: start it (systemctl enable --now quishmilter-queue-helper.socket), or run this as root", c.path)
	}
	return fmt.Errorf("queue helper: %w", err)
}

// keeperFor is root's own way, or the helper's.
func keeperFor(s Settings, src control.HoldSource) keeper {
	if os.Geteuid() != 0 {
		return s.helper()
	}
	return rootQuarantine(s, src)
}

func (s Settings) helper() helperClient { return helperClient{s.QueueHelper, s.QueueGroup} }

func rootQuarantine(s Settings, src control.HoldSource) *quarantine {
	uid := os.Getuid()
	if sudo, err := strconv.Atoi(os.Getenv("SUDO_UID")); err == nil {
		uid = sudo
	}
	return &quarantine{src: src, queues: s.queues(), by: userName(), uid: uid}
}

// queues are the Postfix instances of the settings.
func (s Settings) queues() []postfix.Queue {
	instances := s.QueueInstances
	if len(instances) == 0 {
		instances = []string{""}
	}
	var all []postfix.Queue
	for _, config := range instances {
		all = append(all, postfix.Queue{Config: config, Command: s.QueueCommand})
	}
	return all
}

// queueWarning says that held mail cannot be worked on from here. Where no Postfix is installed, that is the other
// host's matter.
func queueWarning(s Settings) string {
	if os.Geteuid() == 0 {
		if _, err := exec.LookPath("postqueue"); err != nil && len(s.QueueCommand) == 0 {
			return "no Postfix is installed here: quarantine cannot list and release held mail; name the way to Postfix with queue_command"
		}
		return ""
	}
	if s.helperAnswers() {
		return ""
	}
	return fmt.Sprintf("this user is not root, and no queue helper answers on %s: held mail cannot be listed, released or deleted from here (systemctl enable --now quishmilter-queue-helper.socket)", s.QueueHelper)
}

// checkQueue looks at the settings of the queue.
func (s Settings) checkQueue() error {
	if len(s.QueueCommand) > 0 && s.QueueCommand[0] == "" {
		return settingError{"queue_command", `its first word is empty; write for example ["podman", "exec", "-i", "postfix"]`}
	}
	for _, config := range s.QueueInstances {
		if len(config) == 0 || config[0] != '/' {
			return settingError{"queue_instances", fmt.Sprintf("%q is no folder; write for example [\"/etc/postfix\", \"/etc/postfix-out\"]", config)}
		}
	}
	if len(s.QueueHelper) == 0 || s.QueueHelper[0] != '/' {
		return settingError{"queue_helper", fmt.Sprintf("%q is no path of a socket; write for example \"/run/quishmilter-queue.sock\"", s.QueueHelper)}
	}
	return nil
}
