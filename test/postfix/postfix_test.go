package postfix_test

import (
	"context"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gomilter "github.com/emersion/go-milter"

	"quishmilter/test/postfix"
)

const example = "../../postfix-example.cf"

func TestMain(m *testing.M) {
	postfix.AsRoot()
	os.Exit(m.Run())
}

func limited(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func start(t *testing.T, config postfix.Config) *postfix.Instance {
	t.Helper()
	p, err := postfix.Start(limited(t), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			log, _ := p.Log()
			t.Log(log)
		}
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func dial(t *testing.T, p *postfix.Instance) *postfix.Client {
	t.Helper()
	client, err := postfix.Dial(p.Addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func send(t *testing.T, client *postfix.Client, mail postfix.Mail) postfix.Reply {
	t.Helper()
	reply, err := client.Send(mail)
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

func letter(rcpts ...string) postfix.Mail {
	return postfix.Mail{From: "a@example.net", Rcpts: rcpts, Data: []byte("From: a@example.net\nSubject: hello\n\n.dot\nend\n")}
}

// holder is a milter that notes what it is told, adds a field and holds what is for hold@.
type holder struct {
	gomilter.NoOpMilter
	seen *seen
	hold bool
}

type seen struct {
	mu     sync.Mutex
	client []string
	macros []string
}

func (h *holder) Connect(host, family string, port uint16, addr net.IP, m *gomilter.Modifier) (gomilter.Response, error) {
	h.seen.mu.Lock()
	defer h.seen.mu.Unlock()
	h.seen.client = append(h.seen.client, host+" "+addr.String())
	for name := range m.Macros {
		h.seen.macros = append(h.seen.macros, name)
	}
	return gomilter.RespContinue, nil
}

func (h *holder) RcptTo(rcpt string, _ *gomilter.Modifier) (gomilter.Response, error) {
	h.hold = strings.HasPrefix(rcpt, "hold@")
	return gomilter.RespContinue, nil
}

func (h *holder) Body(m *gomilter.Modifier) (gomilter.Response, error) {
	if err := m.AddHeader("X-Holder", "seen"); err != nil {
		return nil, err
	}
	if h.hold {
		return gomilter.RespContinue, m.Quarantine("asked to")
	}
	return gomilter.RespContinue, nil
}

func milter(t *testing.T, network, address string) *seen {
	t.Helper()
	listener, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	if network == "unix" {
		if err := os.Chmod(address, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	s := &seen{}
	server := gomilter.Server{
		NewMilter: func() gomilter.Milter { return &holder{seen: s} },
		Actions:   gomilter.OptAddHeader | gomilter.OptQuarantine,
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return s
}

func TestDeliversWithoutMilter(t *testing.T) {
	p := start(t, postfix.Config{})
	reply := send(t, dial(t, p), letter("b@example.org", "c@letsdefend.io"))
	if reply.Code != 250 || reply.QueueID == "" || reply.Took <= 0 {
		t.Fatalf("reply %+v", reply)
	}
	delivered, err := p.WaitDelivered(limited(t), 2)
	if err != nil {
		t.Fatal(err)
	}
	to := []string{delivered[0].To, delivered[1].To}
	slices.Sort(to)
	if !slices.Equal(to, []string{"b@example.org", "c@letsdefend.io"}) {
		t.Errorf("delivered to %v", to)
	}
	if !strings.HasSuffix(string(delivered[0].Message), "\n\n.dot\nend\n") {
		t.Errorf("message is %q", delivered[0].Message)
	}
	if _, err := p.WaitLog(limited(t), reply.QueueID+": removed"); err != nil {
		t.Error(err)
	}
}

// The example's parameters reach the milter: the client's address as a macro, a long queue id, the hold queue.
func TestHoldsByExample(t *testing.T) {
	address := freeAddress(t)
	s := milter(t, "tcp", address)
	p := start(t, postfix.Config{Milter: "inet:" + address, Example: example})
	mail := letter("hold@example.org")
	mail.Client, mail.ClientName, mail.HELO = "158.69.201.47", "mail.example.net", "mail.example.net"
	reply := send(t, dial(t, p), mail)
	held, err := p.Held()
	if err != nil {
		t.Fatal(err)
	}
	if len(held) != 1 || held[0].QueueID != reply.QueueID || held[0].Sender != "a@example.net" ||
		len(held[0].Recipients) != 1 || held[0].Recipients[0].Address != "hold@example.org" {
		t.Fatalf("reply %+v, held %+v", reply, held)
	}
	if len(reply.QueueID) < 15 {
		t.Errorf("queue id %s is not a long one", reply.QueueID)
	}
	text, err := p.Cat(reply.QueueID)
	if err != nil || !strings.Contains(string(text), "X-Holder: seen") {
		t.Errorf("postcat: %v\n%s", err, text)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.client, "mail.example.net 158.69.201.47") {
		t.Errorf("the milter saw the clients %q", s.client)
	}
	if !slices.Contains(s.macros, "{client_addr}") {
		t.Errorf("the milter saw the macros %q", s.macros)
	}
}

// A relative path of a unix socket starts at the queue directory, as postfix-example.cf says.
func TestUnixSocketBelowQueueDirectory(t *testing.T) {
	p := start(t, postfix.Config{Milter: "unix:milter.sock", Example: example})
	milter(t, "unix", p.QueueDir()+"/milter.sock")
	if reply := send(t, dial(t, p), letter("hold@example.org")); reply.Code != 250 {
		t.Fatalf("reply %+v", reply)
	}
	if held, err := p.Held(); err != nil || len(held) != 1 {
		t.Errorf("held %+v, %v", held, err)
	}
}

// While the milter is down the example defers mail.
func TestTempfailWithoutMilter(t *testing.T) {
	p := start(t, postfix.Config{Milter: "inet:" + freeAddress(t), Example: example})
	reply := send(t, dial(t, p), letter("b@example.org"))
	if reply.Code != 451 {
		t.Errorf("reply %+v", reply)
	}
}

func TestSessions(t *testing.T) {
	p := start(t, postfix.Config{})
	client := dial(t, p)
	client.Pipelining = true
	if _, err := client.Envelope(letter("b@example.org")); err != nil {
		t.Fatal(err)
	}
	if err := client.Reset(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if reply := send(t, client, letter("b@example.org")); reply.Code != 250 {
			t.Fatalf("reply %+v", reply)
		}
	}
	if reply := send(t, client, letter("not an address")); reply.Code < 500 {
		t.Errorf("bad recipient: reply %+v", reply)
	}
	if err := client.Quit(); err != nil {
		t.Error(err)
	}
	if err := dial(t, p).Abort(letter("lost@example.org"), 20); err != nil {
		t.Error(err)
	}
	if _, err := p.WaitLog(limited(t), "lost connection after DATA"); err != nil {
		t.Error(err)
	}
	if delivered, err := p.WaitDelivered(limited(t), 3); err != nil || len(delivered) != 3 {
		t.Errorf("%d delivered, %v", len(delivered), err)
	}
}

func TestSeveralInstancesAtOnce(t *testing.T) {
	first, second := start(t, postfix.Config{}), start(t, postfix.Config{})
	send(t, dial(t, second), letter("b@example.org"))
	if _, err := second.WaitDelivered(limited(t), 1); err != nil {
		t.Fatal(err)
	}
	if delivered, err := first.Delivered(); err != nil || len(delivered) != 0 {
		t.Errorf("the other instance has %d messages, %v", len(delivered), err)
	}
}

func TestStopLeavesNothing(t *testing.T) {
	p := start(t, postfix.Config{})
	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(p.Dir); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", p.Dir, err)
	}
	if _, err := postfix.Dial(p.Addr); err == nil {
		t.Errorf("something still greets on %s", p.Addr)
	}
}

func TestStartSaysWhatIsWrong(t *testing.T) {
	_, err := postfix.Start(limited(t), postfix.Config{Params: map[string]string{"mail_owner": "nobody-at-all"}})
	if err == nil || !strings.Contains(err.Error(), "nobody-at-all") {
		t.Errorf("error is %v", err)
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}
