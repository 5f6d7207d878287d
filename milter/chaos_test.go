package milter

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"quishmilter/inspect"
)

// exchanges is how many packets the test of disorder sends; in the number are those that break the session off.
const exchanges = 100_000

// TestDisorder plays an MTA that has lost its mind, in several sessions at once: commands in any order, cut off, too
// large, unknown, without an end, mixed with good ones. Every string that it sends names its session and the MAIL
// command before it, so that one that reaches another message shows. No session may be left over.
func TestDisorder(t *testing.T) {
	var handled atomic.Int64
	s := &Server{Limits: Limits{SpillAfter: 300, MaxBody: 5000, MaxHeader: 4000, MaxFields: 20}}
	s.Handle = func(_ context.Context, m *inspect.Message) Answer {
		handled.Add(1)
		owned(t, m)
		return Answer{Action: Action(len(m.Body) % 5), Add: m.Header, Reason: string(m.Body), Reply: string(m.Body)}
	}
	addr, log := start(t, s)
	var sent atomic.Int64
	var sessions sync.WaitGroup
	for worker := range 8 {
		sessions.Go(func() {
			for number := worker; sent.Load() < exchanges && !t.Failed(); number += 8 {
				sent.Add(disorder(t, addr, number))
			}
		})
	}
	sessions.Wait()
	waitSessions(s, 0)
	if strings.Contains(log.String(), "panic") {
		t.Error(log)
	}
	if handled.Load() < exchanges/1000 {
		t.Errorf("only %d messages came to their end", handled.Load())
	}
	t.Logf("%d packets, %d messages came to their end", sent.Load(), handled.Load())
	m := dial(t, addr) // and an MTA in its right mind is served
	m.connect("client", "192.0.2.1")
	m.envelope(mail{id: "1", from: "from.s000000m000000", rcpts: []string{"to.s000000m000000"}})
	m.send('E')
	for p := m.get(); p.code != 'c'; p = m.get() {
		if p.code == 0 {
			t.Fatal("hung up on a good message")
		}
	}
}

var owners = regexp.MustCompile(`s\d{6}m\d{6}`)

// owned fails if a message holds strings of two messages.
func owned(t *testing.T, m *inspect.Message) {
	found := owners.FindAllString(fmt.Sprintf("%+v %s", *m, m.Body), -1)
	slices.Sort(found)
	if found = slices.Compact(found); len(found) > 1 {
		t.Errorf("one message has strings of %v: %+v", found, *m)
	}
}

// disorder plays one session and returns how many packets it sent.
func disorder(t *testing.T, addr string, number int) (sent int64) {
	rnd := rand.New(rand.NewPCG(uint64(number), 9))
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer func() { _ = conn.Close() }()
	read := make(chan struct{})
	go func() { discard(conn); close(read) }()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	packets := nonsense{rnd: rnd, session: number}
	if rnd.IntN(8) > 0 {
		packets.add('O', long(6)+long(postfixActions)+long(uint32(rnd.IntN(2))*postfixOptions))
	}
	for range 200 {
		packets.next()
	}
	for _, p := range packets.all {
		if _, err := conn.Write(p); err != nil {
			break // the session was broken off, as it may be
		}
		sent++
	}
	_ = conn.(*net.TCPConn).CloseWrite()
	<-read
	return sent
}

// nonsense makes packets.
type nonsense struct {
	rnd             *rand.Rand
	session, number int // number counts MAIL commands
	all             [][]byte
}

func (n *nonsense) add(code byte, data string) { n.all = append(n.all, frame(code, data)) }

func (n *nonsense) own(what string) string {
	return fmt.Sprintf("%s.s%06dm%06d", what, n.session, n.number)
}

func (n *nonsense) next() {
	switch n.rnd.IntN(600) {
	case 0: // a packet of nothing
		n.all = append(n.all, []byte{0, 0, 0, 0})
	case 1: // a length that no packet has
		n.all = append(n.all, binary.BigEndian.AppendUint32(nil, 1<<31+n.rnd.Uint32N(1<<31)))
	case 2: // half a packet, whose rest is the next one
		whole := frame('L', n.own("Name")+"\x00"+n.own("value")+"\x00")
		n.all = append(n.all, whole[:n.rnd.IntN(len(whole))])
	case 3:
		n.add(byte(n.rnd.IntN(256)), n.garbage(50))
	case 4:
		n.add("OCHMRTLNBEAUKQD"[n.rnd.IntN(15)], n.garbage(200))
	case 5:
		n.add('O', long(n.rnd.Uint32N(9))+long(n.rnd.Uint32())+long(n.rnd.Uint32()))
	case 6:
		n.add('B', strings.Repeat(n.own("large "), 4000))
	case 7:
		n.add('D', string("CHMRTLNBE?"[n.rnd.IntN(10)])+n.own("name")+"\x00"+n.own("value")+"\x00"+n.own("odd"))
	case 8:
		n.add("AKQ"[n.rnd.IntN(3)], "")
	default:
		n.sane()
	}
}

// sane is a good command, though not one whose turn it is.
func (n *nonsense) sane() {
	switch n.rnd.IntN(12) {
	case 0:
		n.add('C', "client\x004\x30\x39192.0.2.7\x00")
	case 1:
		n.add('H', "helo\x00")
	case 2, 3:
		n.number++
		n.add('M', "<"+n.own("from")+">\x00")
	case 4, 5:
		n.add('D', "Ri\x00"+n.own("id")+"\x00")
		n.add('R', "<"+n.own("to")+">\x00")
	case 6, 7:
		n.add('L', n.own("Name")+"\x00"+n.own("value")+"\x00")
	case 8:
		n.add('N', "")
	case 9:
		n.add('B', strings.Repeat(n.own("body "), n.rnd.IntN(30)))
	case 10:
		n.add('T', "")
	default:
		n.add('E', "")
	}
}

func (n *nonsense) garbage(most int) string {
	b := make([]byte, n.rnd.IntN(most))
	for i := range b {
		b[i] = byte(n.rnd.IntN(256))
	}
	return string(b)
}
