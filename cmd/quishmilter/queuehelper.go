package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"os/user"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/activation"
	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"quishmilter/control"
)

// The queue helper lets a group, and the daemon, do with held mail what only root may do with Postfix's queue. A
// request names an event, never a queue id: which message that is, and whether it is ours, the helper asks the daemon.
// Who asks, it asks the kernel.
const (
	helperRequest = 1 << 10
	helperAnswer  = 64 << 20
	helperConns   = 16
	helperTime    = 3 * time.Minute
)

// helperAsk is one request, one line of JSON; the answer is one line as well, and the connection ends.
type helperAsk struct {
	Verb   string `json:"verb"` // list, release, delete
	Event  string `json:"event,omitempty"`
	Bounce bool   `json:"bounce,omitempty"`
	Watch  int    `json:"watch,omitempty"` // seconds
}

type helperReply struct {
	Error string    `json:"error,omitempty"`
	List  *heldList `json:"list,omitempty"`
	Done  *handled  `json:"done,omitempty"`
}

func queueHelperCommand(load func() (Settings, error)) *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use: "queue-helper", Short: "Let a group list, release and delete held mail; runs as root, started by its socket", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			settings, err := load()
			if err != nil {
				return err
			}
			group, err := user.LookupGroup(settings.QueueGroup)
			if err != nil {
				return exit{exitUsage, fmt.Errorf("queue_group: there is no group %q", settings.QueueGroup)}
			}
			ln, err := helperListener(path, group)
			if err != nil {
				return err
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGTERM, os.Interrupt)
			defer stop()
			return (&queueHelper{settings: settings, group: group.Gid, slots: make(chan struct{}, helperConns)}).serve(ctx, ln)
		},
	}
	cmd.Flags().StringVar(&path, "listen", "", "the `path` of a socket to make, where systemd hands none over")
	return cmd
}

func helperListener(path string, group *user.Group) (net.Listener, error) {
	handed, err := activation.Listeners()
	if err != nil {
		return nil, err
	}
	if len(handed) == 1 && handed[0] != nil {
		return handed[0], nil
	}
	if path == "" {
		return nil, exit{exitUsage, errors.New("no socket was handed over: start quishmilter-queue-helper.socket, or write --listen PATH")}
	}
	ln, err := listenUnix(path, "0660")
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(group.Gid)
	if err == nil {
		err = os.Chown(path, -1, gid)
	}
	if err != nil {
		ln.Close()
		return nil, err
	}
	return ln, nil
}

// queueHelper answers requests.
type queueHelper struct {
	settings Settings
	group    string // number of the group that may ask
	slots    chan struct{}
}

func (h *queueHelper) serve(ctx context.Context, ln net.Listener) error {
	defer context.AfterFunc(ctx, func() { ln.Close() })()
	for {
		h.slots <- struct{}{}
		conn, err := ln.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("queue helper: %w", err)
		}
		go func() {
			defer func() { <-h.slots }()
			defer conn.Close()
			defer func() {
				if p := recover(); p != nil {
					fmt.Fprintf(os.Stderr, "quishmilter: queue helper: a defect: %v\n", p)
				}
			}()
			h.converse(ctx, conn)
		}()
	}
}

// converse answers one request.
func (h *queueHelper) converse(ctx context.Context, conn net.Conn) {
	ctx, cancel := context.WithTimeout(ctx, helperTime)
	defer cancel()
	conn.SetDeadline(time.Now().Add(5 * time.Second))
	reply, err := h.answer(ctx, conn)
	if err != nil {
		reply.Error = oneLine(err.Error())
	}
	conn.SetDeadline(time.Now().Add(30 * time.Second))
	_ = json.NewEncoder(conn).Encode(reply) // the asker may be gone
}

func (h *queueHelper) answer(ctx context.Context, conn net.Conn) (reply helperReply, err error) {
	var ask helperAsk
	if err := json.NewDecoder(io.LimitReader(conn, helperRequest)).Decode(&ask); err != nil {
		return reply, errors.New("the request cannot be read")
	}
	name, uid, err := h.peer(conn)
	if err != nil {
		return reply, err
	}
	daemon, err := control.Dial(h.settings.control())
	if err != nil {
		return reply, fmt.Errorf("the queue helper asks the daemon which messages are ours, and it does not answer on %s: start it", h.settings.control())
	}
	defer daemon.Close()
	q := &quarantine{src: daemon, queues: h.settings.queues(), by: name, uid: uid}
	switch ask.Verb {
	case "list":
		list, err := q.List(ctx)
		return helperReply{List: &list}, err
	case "release":
		done, err := q.Release(ctx, ask.Event, time.Duration(ask.Watch)*time.Second)
		return helperReply{Done: &done}, err
	case "delete":
		done, err := q.Delete(ctx, ask.Event, ask.Bounce)
		return helperReply{Done: &done}, err
	}
	return reply, fmt.Errorf("%.40q is none of list, release and delete", ask.Verb)
}

// peer says who is at the other end, and refuses those who are neither root nor in the group: the socket's mode says
// the same, but a mode is changed by mistake. The daemon is known by its process, which is the one that answers on the
// control socket.
func (h *queueHelper) peer(conn net.Conn) (name string, uid int, err error) {
	cred, err := credentials(conn)
	if err != nil {
		return "", 0, err
	}
	if cred.Pid > 0 && cred.Pid == listenerOn(h.settings.control()) {
		return byDaemon, int(cred.Uid), nil
	}
	name = "uid " + strconv.Itoa(int(cred.Uid))
	groups := []string{strconv.Itoa(int(cred.Gid))}
	if u, err := user.LookupId(strconv.Itoa(int(cred.Uid))); err == nil {
		name = u.Username
		more, _ := u.GroupIds()
		groups = append(groups, more...)
	}
	if cred.Uid != 0 && !slices.Contains(groups, h.group) {
		return "", 0, fmt.Errorf("held mail is for root and for the group %[2]s (queue_group), which %[1]s is not in: join it, or run this as root", name, h.settings.QueueGroup)
	}
	return name, int(cred.Uid), nil
}

// credentials are those of the process at the other end of a unix socket (SO_PEERCRED): the one that connected, or the
// one that listens.
func credentials(conn net.Conn) (cred *unix.Ucred, err error) {
	socket, ok := conn.(*net.UnixConn)
	if !ok {
		return nil, errors.New("the connection is no unix socket")
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return nil, err
	}
	var failed error
	err = raw.Control(func(fd uintptr) { cred, failed = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) })
	return cred, errors.Join(err, failed)
}

// listenerOn is the process that listens on a unix socket; 0 when there is none.
func listenerOn(path string) int32 {
	conn, err := net.DialTimeout("unix", path, time.Second)
	if err != nil {
		return 0
	}
	defer conn.Close()
	cred, err := credentials(conn)
	if err != nil {
		return 0
	}
	return cred.Pid
}
