package milter

import (
	"context"
	"strings"
	"testing"

	gomilter "github.com/emersion/go-milter"

	"quishmilter/inspect"
)

// BenchmarkMessage measures a plain message of 5 KB and one of 300 KB on a connection that is open, beside go-milter's
// own server with a milter that does nothing, which replies to every command.
func BenchmarkMessage(b *testing.B) {
	s, _ := keeping()
	s.Handle = nothing
	ours, _ := start(b, s)
	plain := &gomilter.Server{NewMilter: func() gomilter.Milter { return gomilter.NoOpMilter{} }}
	ln := listen(b)
	go func() { _ = plain.Serve(ln) }()
	defer plain.Close()
	for _, size := range []int{5_000, 300_000} {
		x := second
		x.header = repeat([2]string{"X-Field", strings.Repeat("v", 60)}, 20)
		x.body = strings.Repeat(strings.Repeat("x", 70)+"\r\n", size/72)
		name := map[int]string{5_000: "5KB", 300_000: "300KB"}[size]
		b.Run(name+"/quishmilter", func(b *testing.B) { exchange(b, ours, postfixOptions, x) })
		b.Run(name+"/do-nothing", func(b *testing.B) { exchange(b, ln.Addr().String(), 0, x) })
	}
}

func exchange(b *testing.B, addr string, options uint32, x mail) {
	m := dial(b, addr)
	m.offer(postfixActions, options)
	replies := func(n int) {
		for range n {
			if options == 0 {
				m.want('c')
			}
		}
	}
	m.send('C', "client.example\x004\x30\x39192.0.2.7\x00")
	replies(1)
	for b.Loop() {
		m.send('M', "<", x.from, ">\x00")
		m.send('R', "<r@b.example>\x00")
		replies(2)
		var content []byte
		for _, f := range x.header {
			content = append(content, frame('L', f[0]+"\x00"+f[1]+"\x00")...)
		}
		content = append(content, frame('N', "")...)
		m.raw(content)
		replies(len(x.header) + 1)
		for body := x.body; body != ""; {
			n := min(len(body), 65535)
			m.send('B', body[:n])
			replies(1)
			body = body[n:]
		}
		m.send('E')
		m.answer()
	}
}

func nothing(context.Context, *inspect.Message) Answer { return Answer{} }
