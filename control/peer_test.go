package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// peerEnv makes the test binary ask at the socket that it names, as whatever user it runs as: for each line of standard
// output a request and the status of its answer.
const peerEnv = "QUISHMILTER_CONTROL_PEER"

func askAll(path string) {
	c, err := Dial(path)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	s := NewServer(nil, nil, nil)
	for _, r := range s.routes() {
		method, target, _ := strings.Cut(strings.TrimSuffix(r.pattern, "{$}"), " ")
		target = strings.Replace(target, "{name}", "heap", 1)
		if strings.HasSuffix(target, "profile") || strings.HasSuffix(target, "trace") {
			target += "?seconds=1"
		}
		request, err := http.NewRequest(method, "http://quishmilter"+target, nil)
		if err != nil {
			panic(err)
		}
		response, err := c.http.Do(request)
		if err != nil {
			fmt.Println(r.pattern, err)
			continue
		}
		response.Body.Close()
		fmt.Println(r.pattern, response.StatusCode)
	}
	os.Exit(0)
}

const nobody = 65534

// asUser runs the test binary as another user, who is in a group.
func asUser(t *testing.T, path string, uid, gid int) (said string, err error) {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "quishmilter-peer-") // t.TempDir lies in a folder of root's
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	program := filepath.Join(dir, "peer")
	text, err := os.ReadFile("/proc/self/exe")
	if err := errors.Join(err, os.WriteFile(program, text, 0o755), os.Chmod(dir, 0o755)); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), peerEnv+"="+path)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid), NoSetGroups: false}}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// reachable lets other users come to the socket's folder.
func reachable(t *testing.T, path string) {
	t.Helper()
	for dir := filepath.Dir(path); dir != "/" && dir != os.TempDir(); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// Another user who may open the socket reads, and nothing more; root does everything. The kernel says who it is.
func TestRightsByUser(t *testing.T) {
	_, path, log := start(t)
	reachable(t, path)
	if err := (Access{Mode: 0o660, Group: nobody}).give(path); err != nil {
		t.Fatalf("this test runs as root: %v", err)
	}
	s := NewServer(nil, nil, nil)
	for uid, owner := range map[int]bool{0: true, nobody: false} {
		said, err := asUser(t, path, uid, nobody)
		if err != nil {
			t.Fatalf("%v: %s", err, said)
		}
		for _, r := range s.routes() {
			answered := strings.Contains(said, "\n"+r.pattern+" ") || strings.HasPrefix(said, r.pattern+" ")
			refused := strings.Contains(said, r.pattern+" 403\n")
			if !answered || refused != (r.right == owning && !owner) {
				t.Errorf("user %d: %s: refused: %v in\n%s", uid, r.pattern, refused, said)
			}
		}
	}
	if !strings.Contains(log.String(), "refused \"DELETE /v1/sender\"") || !strings.Contains(log.String(), "you are user 65534") {
		t.Errorf("the log says nothing of what was refused:\n%s", log)
	}
}

// Who is neither the owner nor in the group does not get in.
func TestStrangersDoNotConnect(t *testing.T) {
	_, path, _ := start(t)
	reachable(t, path)
	if said, err := asUser(t, path, nobody, nobody); err == nil || !strings.Contains(said, "permission denied") {
		t.Errorf("%v: %s", err, said)
	}
}

func TestSocketIsOpenToWhomTheSettingsSay(t *testing.T) {
	for _, access := range []Access{{}, {Mode: 0o600}, {Mode: 0o666, Group: nobody}} {
		path := filepath.Join(t.TempDir(), "control.sock")
		ln, err := Listen(path, access)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		want := access.Mode
		if want == 0 {
			want = 0o660
		}
		if owner := info.Sys().(*syscall.Stat_t); info.Mode().Perm() != want || access.Group != 0 && int(owner.Gid) != access.Group {
			t.Errorf("%+v: mode %v, group %d", access, info.Mode(), owner.Gid)
		}
		ln.Close()
	}
}

// A TCP port tells nobody anything about a message, whatever is asked.
func TestOpenPortHasThreePaths(t *testing.T) {
	s := NewServer(&daemon{}, nil, nil)
	for _, r := range s.routes() {
		method, target, _ := strings.Cut(strings.TrimSuffix(r.pattern, "{$}"), " ")
		request, err := http.NewRequestWithContext(context.Background(), method, target, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer := &recorder{header: http.Header{}}
		s.open.Handler.ServeHTTP(answer, request)
		open := target == "/metrics" || target == "/healthz" || target == "/readyz"
		if want := map[bool]int{true: 200, false: 404}[open]; answer.status != want {
			t.Errorf("%s: %d, want %d", r.pattern, answer.status, want)
		}
	}
}

// recorder keeps the status of an answer.
type recorder struct {
	header http.Header
	status int
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) { r.status = status }

func (r *recorder) Write(data []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return len(data), nil
}
