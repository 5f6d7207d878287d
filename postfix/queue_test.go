package postfix

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"quishmilter/test/postfix"
)

func TestMain(m *testing.M) {
	postfix.AsRoot()
	os.Exit(m.Run())
}

// held is a private Postfix that holds all mail, and one message in it.
func held(t *testing.T, params map[string]string) (*postfix.Instance, Queue, string) {
	t.Helper()
	all := map[string]string{"smtpd_client_restrictions": "static:HOLD", "enable_long_queue_ids": "yes"}
	for name, value := range params {
		all[name] = value
	}
	p, err := postfix.Start(t.Context(), postfix.Config{Params: all})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	})
	c, err := postfix.Dial(p.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	r, err := c.Send(postfix.Mail{From: "a@b.example", Rcpts: []string{"x@y.example"}, Data: []byte("Subject: x\nX-Mark: 1\n\nsender: evil\n")})
	if err != nil || r.QueueID == "" {
		t.Fatalf("%+v %v", r, err)
	}
	return p, Queue{Config: p.ConfigDir()}, r.QueueID
}

func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func TestHeldMessage(t *testing.T) {
	p, q, id := held(t, nil)
	ctx := soon(t)
	m, err := q.Look(ctx, id)
	if age := time.Since(m.Arrived); err != nil || m.Queue != Hold || m.Sender != "a@b.example" || age < -time.Second || age > time.Minute {
		t.Errorf("%+v, %v", m, err)
	}
	var listed []Message
	if err := q.List(ctx, func(m Message) bool { listed = append(listed, m); return true }); err != nil || len(listed) != 1 || listed[0].ID != id || !listed[0].Arrived.Equal(m.Arrived) {
		t.Errorf("%+v, %v", listed, err)
	}
	if text, err := q.Text(ctx, id); err != nil || !strings.HasSuffix(string(text), "\n\nsender: evil\n") {
		t.Errorf("%q, %v", text, err)
	}
	if requeued, err := q.Release(ctx, m, m.Arrived.Add(60*time.Hour)); err != nil || requeued {
		t.Errorf("at half of the lifetime: %v, %v", requeued, err)
	}
	if o, err := q.Watch(ctx, m, false, nil); err != nil || !o.Left {
		t.Errorf("%+v, %v", o, err)
	}
	if d, err := p.WaitDelivered(ctx, 1); err != nil || len(d) != 1 {
		t.Error(err)
	}
	if _, err := q.Release(ctx, m, m.Arrived); !errors.Is(err, ErrNotHeld) {
		t.Errorf("released twice: %v", err)
	}
	if err := q.Delete(ctx, m); !errors.Is(err, ErrNotHeld) {
		t.Errorf("deleted after it went: %v", err)
	}
	if _, err := q.Look(ctx, id); !errors.Is(err, ErrGone) {
		t.Errorf("gone: %v", err)
	}
	for _, bad := range []string{"ALL", "-q", "../x"} {
		if err := q.Delete(ctx, Message{ID: bad}); !errors.Is(err, ErrID) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// Just over half of its lifetime a message is queued anew. Delivery is held up by a transport that does not exist, so that
// the new queue id is to be seen, with the reason.
func TestOldMessage(t *testing.T) {
	_, q, id := held(t, map[string]string{"virtual_transport": "absent:"})
	ctx := soon(t)
	m, err := q.Look(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	if requeued, err := q.Release(ctx, m, m.Arrived.Add(60*time.Hour+time.Second)); err != nil || !requeued {
		t.Fatalf("%v, %v", requeued, err)
	}
	o, err := q.Watch(ctx, m, true, []byte("X-Mark: 1"))
	if err != nil || o.Left || o.NewID == "" || o.NewID == id || !strings.Contains(o.Delay, "unavailable") {
		t.Errorf("%+v, %v", o, err)
	}
}

func TestQueueThatCannotBeReached(t *testing.T) {
	p, q, id := held(t, nil)
	ctx := soon(t)
	m, err := q.Look(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	outsider := Queue{Config: q.Config, Command: []string{"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--no-new-privs"}}
	if err := outsider.List(ctx, func(Message) bool { return true }); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("a list without rights: %v", err)
	}
	if err := outsider.Delete(ctx, m); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("postsuper without rights: %v", err)
	}
	if err := (Queue{Command: []string{filepath.Join(t.TempDir(), "none")}}).List(ctx, nil); !errors.Is(err, ErrNoPostfix) {
		t.Errorf("no such command: %v", err)
	}
	if err := exec.Command("postfix", "-c", p.ConfigDir(), "stop").Run(); err != nil {
		t.Fatal(err)
	}
	if _, err := q.Release(ctx, m, m.Arrived); !errors.Is(err, ErrStopped) {
		t.Errorf("a stopped Postfix: %v", err)
	}
	if again, err := q.Look(ctx, id); err != nil || again.Queue != Hold {
		t.Errorf("it is not on hold any more: %+v, %v", again, err)
	}
}

// While Postfix is stopped postsuper does its work, cannot write its log and fails: the message is gone all the same.
func TestPostsuperThatFailsAfterItsWork(t *testing.T) {
	folder := t.TempDir()
	const said = "postsuper: 4jcKsV06lYz1SK7J: removed\npostsuper: fatal: open logfile '/var/log/mail.log': Permission denied\n"
	script := "#!/bin/sh\ncat >&2 <<'END'\n" + said + "END\nexit 1\n"
	enter := filepath.Join(folder, "enter")
	if err := os.WriteFile(enter, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	q := Queue{Command: []string{enter}}
	if err := q.Delete(t.Context(), Message{ID: "4jcKsV06lYz1SK7J"}); err != nil {
		t.Error(err)
	}
	if err := q.Delete(t.Context(), Message{ID: "4jcKsV06lYz1SK7K"}); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("another message: %v", err)
	}
}
