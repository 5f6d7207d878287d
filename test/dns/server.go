// Package dns is a real DNS server on loopback for tests: it answers from a small zone over UDP, and can be told to
// fail or to keep silent.
package dns

import (
	"net"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// Zone is what the server knows. Names are written in lower case and without the dot at the end; a name that is in
// none of the maps does not exist.
type Zone struct {
	TXT    map[string][]string // each string is one record, split into pieces of 255 octets on the wire
	A      map[string]string   // an IPv4 address
	AAAA   map[string]string
	MX     map[string]string // one exchanger
	Fail   map[string]bool   // these get "server failure"
	Silent map[string]bool   // these get no answer; "*" is all of them
}

// Server answers questions on loopback until the test ends.
type Server struct {
	Addr string // "127.0.0.1:PORT"

	zone  Zone
	mutex sync.Mutex
	asked []string
}

// Start starts a server for a test.
func Start(t testing.TB, zone Zone) *Server {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Addr: conn.LocalAddr().String(), zone: zone}
	done := make(chan struct{})
	go func() { defer close(done); s.serve(conn) }()
	t.Cleanup(func() { conn.Close(); <-done })
	return s
}

// Asked are the questions so far, as "TXT name".
func (s *Server) Asked() []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return append([]string(nil), s.asked...)
}

func (s *Server) serve(conn net.PacketConn) {
	buffer := make([]byte, 4096)
	for {
		n, from, err := conn.ReadFrom(buffer)
		if err != nil {
			return
		}
		if answer := s.answer(buffer[:n]); answer != nil {
			_, _ = conn.WriteTo(answer, from)
		}
	}
}

// answer is nil where the server keeps silent.
func (s *Server) answer(query []byte) []byte {
	var parser dnsmessage.Parser
	header, err := parser.Start(query)
	if err != nil {
		return nil
	}
	question, err := parser.Question()
	if err != nil {
		return nil
	}
	name := strings.ToLower(strings.TrimSuffix(question.Name.String(), "."))
	s.mutex.Lock()
	s.asked = append(s.asked, strings.TrimPrefix(question.Type.String(), "Type")+" "+name)
	s.mutex.Unlock()
	if s.zone.Silent[name] || s.zone.Silent["*"] {
		return nil
	}
	message := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: header.ID, Response: true, RecursionDesired: header.RecursionDesired, RecursionAvailable: true},
		Questions: []dnsmessage.Question{question},
	}
	for _, body := range s.bodies(name, question.Type) {
		message.Answers = append(message.Answers, dnsmessage.Resource{
			Header: dnsmessage.ResourceHeader{Name: question.Name, Class: dnsmessage.ClassINET, TTL: 60}, Body: body})
	}
	switch {
	case s.zone.Fail[name]:
		message.RCode = dnsmessage.RCodeServerFailure
	case !s.knows(name):
		message.RCode = dnsmessage.RCodeNameError
	}
	packed, err := message.Pack()
	if err != nil {
		return nil
	}
	return packed
}

func (s *Server) knows(name string) bool {
	_, txt := s.zone.TXT[name]
	return txt || s.zone.A[name] != "" || s.zone.AAAA[name] != "" || s.zone.MX[name] != ""
}

func (s *Server) bodies(name string, kind dnsmessage.Type) (bodies []dnsmessage.ResourceBody) {
	switch kind {
	case dnsmessage.TypeTXT:
		for _, text := range s.zone.TXT[name] {
			bodies = append(bodies, &dnsmessage.TXTResource{TXT: pieces(text)})
		}
	case dnsmessage.TypeA:
		if ip := net.ParseIP(s.zone.A[name]).To4(); ip != nil {
			bodies = append(bodies, &dnsmessage.AResource{A: [4]byte(ip)})
		}
	case dnsmessage.TypeAAAA:
		if ip := net.ParseIP(s.zone.AAAA[name]); ip != nil {
			bodies = append(bodies, &dnsmessage.AAAAResource{AAAA: [16]byte(ip)})
		}
	case dnsmessage.TypeMX:
		if host := s.zone.MX[name]; host != "" {
			bodies = append(bodies, &dnsmessage.MXResource{Pref: 10, MX: dnsmessage.MustNewName(host + ".")})
		}
	}
	return bodies
}

func pieces(text string) (all []string) {
	for len(text) > 255 {
		all, text = append(all, text[:255]), text[255:]
	}
	return append(all, text)
}
