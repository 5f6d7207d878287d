package milter

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"quishmilter/inspect"
)

// TestRandomExchanges plays random but well-formed exchanges against a plain model of one message. Every string of a
// message bears the message's own tag, so that a string which outlives it shows.
func TestRandomExchanges(t *testing.T) {
	for _, options := range []uint32{postfixOptions, 0} {
		for seed := range uint64(20) {
			play(t, rand.New(rand.NewPCG(seed, uint64(options))), options)
		}
	}
}

// script is the MTA's side of a random exchange.
type script struct {
	*mta
	rnd     *rand.Rand
	replies bool // the milter answers every command
	number  int
	model   inspect.Message // the message under way
	open    bool
}

func play(t *testing.T, rnd *rand.Rand, options uint32) {
	t.Helper()
	got := &seen{}
	s := &Server{Limits: Limits{SpillAfter: 300}}
	s.Handle = func(_ context.Context, m *inspect.Message) Answer {
		got.add(m)
		return Answer{Action: Action(len(m.Body) % 5)}
	}
	addr, _ := start(t, s)
	x := &script{mta: dial(t, addr), rnd: rnd, replies: options == 0}
	x.offer(postfixActions, options)
	x.say('C', "c\x004\x30\x39192.0.2.7\x00")
	ended := 0
	for range 400 {
		if x.step() {
			ended++
			compare(t, got.last(t), x.model)
			x.model, x.open = inspect.Message{}, false
		}
	}
	if got.count() != ended || ended < 3 {
		t.Errorf("%d messages ended, %d were handled", ended, got.count())
	}
}

// say sends a command and reads its reply if there is one.
func (x *script) say(code byte, data string) {
	x.send(code, data)
	if x.replies && strings.IndexByte("CHMRTLNBU", code) >= 0 {
		x.want('c')
	}
}

func (x *script) tag(what string) string { return fmt.Sprintf("%s.m%06d", what, x.number) }

// step sends one random command; true means that a message has ended and was answered.
func (x *script) step() bool {
	x.number += x.rnd.IntN(2)
	switch x.rnd.IntN(14) {
	case 0:
		x.say([]byte("AHUT")[x.rnd.IntN(4)], "")
		x.drop()
	case 1, 2:
		x.begin()
	case 3:
		if x.open {
			x.send('E')
			x.answer()
			return true
		}
	case 4:
		x.send('D', "B{stray}\x00stray\x00") // for a command that does not come next
		x.say('N', "")
	case 5, 6, 7:
		if x.open {
			x.field()
		}
	case 8, 9, 10:
		if x.open {
			data := strings.Repeat(x.own("body "), x.rnd.IntN(20))
			x.model.Body = append(x.model.Body, data...)
			x.say('B', data)
		}
	default:
		if x.open {
			to := x.own("to")
			x.model.Envelope.Rcpts = append(x.model.Envelope.Rcpts, to)
			x.send('D', "Ri\x00", x.own("id"), "\x00")
			x.say('R', "<"+to+">\x00")
		}
	}
	return false
}

// own is a string of the message under way, whose tag is in the address of its sender.
func (x *script) own(what string) string {
	_, tag, _ := strings.Cut(x.model.Envelope.MailFrom, ".")
	return what + "." + tag
}

func (x *script) begin() {
	x.number++
	x.model, x.open = inspect.Message{}, true
	x.model.Envelope.MailFrom = x.tag("from")
	if x.rnd.IntN(2) == 0 {
		x.model.Envelope.AuthUser = x.tag("auth")
		x.send('D', "M{auth_authen}\x00", x.model.Envelope.AuthUser, "\x00")
	}
	x.say('M', "<"+x.model.Envelope.MailFrom+">\x00")
}

func (x *script) field() {
	f := x.own("value")
	x.model.Header = append(x.model.Header, struct{ Name, Value string }{"X", f})
	x.say('L', "X\x00"+f+"\x00")
}

// drop ends the message in the model; U and T do not, so an abort follows.
func (x *script) drop() {
	x.send('A')
	x.model, x.open = inspect.Message{}, false
}

var tags = regexp.MustCompile(`m\d{6}`)

func compare(t *testing.T, got, want inspect.Message) {
	t.Helper()
	if got.Envelope.MailFrom != want.Envelope.MailFrom || got.Envelope.AuthUser != want.Envelope.AuthUser ||
		!reflect.DeepEqual(got.Envelope.Rcpts, want.Envelope.Rcpts) || !reflect.DeepEqual(got.Header, want.Header) ||
		string(got.Body) != string(want.Body) || got.Envelope.ClientPort != 12345 {
		t.Fatalf("got %+v\nwant %+v", got, want)
	}
	for _, tag := range tags.FindAllString(fmt.Sprintf("%+v", got), -1) {
		if !strings.Contains(want.Envelope.MailFrom, tag) {
			t.Fatalf("%s in the message of %s", tag, want.Envelope.MailFrom)
		}
	}
}

// FuzzSession feeds a session what the input spells: pairs of a command and a length, each with so many octets of
// data; an input that begins with an odd octet is sent as it stands.
func FuzzSession(f *testing.F) {
	f.Add([]byte{0, 3, 1, 'a', 4, 1, 'b', 8, 0, 9, 0})
	f.Add([]byte("\x01\x00\x00\x00\x01E"))
	f.Add([]byte{0, 14, 3, 'M', 'i', 0, 3, 2, '<', '>', 6, 4, 'A', 0, 'b', 0, 7, 0, 8, 2, 'x', 'y', 9, 0, 10, 0, 9, 0, 12, 0})
	f.Fuzz(func(t *testing.T, input []byte) {
		s := &Server{Limits: Limits{SpillAfter: 8, MaxBody: 16, MaxHeader: 64, MaxFields: 4}, TempDir: t.TempDir()}
		s.Handle = func(_ context.Context, m *inspect.Message) Answer {
			if len(m.Body) > 16 || len(m.Header) > 4+maxDelete {
				t.Errorf("limits: %d octets, %d fields", len(m.Body), len(m.Header))
			}
			return Answer{Action: Action(len(m.Header)), Delete: Forged(m.Header, "X"), Add: m.Header, Reason: string(m.Body), Reply: string(m.Body)}
		}
		log := &logged{}
		s.Log = newLog(log)
		ours, theirs := net.Pipe()
		go s.serve(context.Background(), ours)
		m := &mta{t: t, conn: theirs}
		m.offer(postfixActions, uint32(len(input)%2)*postfixOptions)
		go discard(theirs)
		_ = theirs.SetWriteDeadline(time.Now().Add(10 * time.Second))
		_, _ = theirs.Write(spell(input)) // fails where the session has hung up
		_ = theirs.Close()
		waitSessions(s, 0)
		if strings.Contains(log.String(), "panic") {
			t.Error(log)
		}
	})
}

func discard(c net.Conn) {
	b := make([]byte, 4096)
	for {
		if _, err := c.Read(b); err != nil {
			return
		}
	}
}

func spell(input []byte) []byte {
	if len(input) == 0 || input[0]%2 == 1 {
		return input[min(1, len(input)):]
	}
	var all []byte
	for input = input[1:]; len(input) >= 2; {
		code := "OCHMRTLNBEAUKQD!"[input[0]%16]
		n := min(int(input[1]), len(input)-2)
		all = append(all, frame(code, string(input[2:2+n]))...)
		input = input[2+n:]
	}
	return all
}
