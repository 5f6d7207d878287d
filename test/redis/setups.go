package redis

import (
	"bufio"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Sentinel runs a sentinel that watches the server under the name "mymaster"; Port is where it answers.
func (s *Server) Sentinel() *Server {
	s.t.Helper()
	watcher := &Server{Port: freePort(s.t), Folder: s.t.TempDir(), t: s.t}
	config := watcher.Path("sentinel.conf")
	text := fmt.Sprintf("port %d\nbind 127.0.0.1\ndir %s\nsentinel monitor mymaster 127.0.0.1 %d 1\nsentinel down-after-milliseconds mymaster 500\nsentinel failover-timeout mymaster 2000\n", watcher.Port, watcher.Folder, s.Port)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	watcher.args = []string{config, "--sentinel"}
	s.t.Cleanup(watcher.Kill)
	watcher.Run()
	return watcher
}

// Replica runs a server that holds a copy, and returns when it has what there is by now.
func (s *Server) Replica() *Server {
	s.t.Helper()
	replica := Start(s.t, "--replicaof", "127.0.0.1", fmt.Sprint(s.Port), "--repl-diskless-sync-delay", "0")
	s.Replicated(1)
	return replica
}

// Replicated returns when so many replicas have what there is by now.
func (s *Server) Replicated(replicas int) {
	s.t.Helper()
	for begin := time.Now(); time.Since(begin) < 30*time.Second; {
		if s.Ask("WAIT", fmt.Sprint(replicas), "1000") == fmt.Sprintf(":%d", replicas) {
			return
		}
	}
	s.t.Fatal("the replica does not follow")
}

// Cluster runs a Cluster of so many nodes, each with its share of the slots, and returns them; the first has the keys of
// the tag "quishmilter".
func Cluster(t testing.TB, size int) (nodes []*Server) {
	t.Helper()
	const slots = 16384
	for n := range size {
		bus := freePort(t)
		s := Start(t, "--cluster-enabled", "yes", "--cluster-port", fmt.Sprint(bus), "--cluster-node-timeout", "2000")
		s.expect("+OK", "CLUSTER", "ADDSLOTSRANGE", fmt.Sprint(n*slots/size), fmt.Sprint((n+1)*slots/size-1))
		if n > 0 {
			nodes[0].expect("+OK", "CLUSTER", "MEET", "127.0.0.1", fmt.Sprint(s.Port), fmt.Sprint(bus))
		}
		nodes = append(nodes, s)
	}
	for begin := time.Now(); time.Since(begin) < 30*time.Second; { // it takes two seconds to find itself complete
		for n, s := range nodes {
			if said := s.Ask("SET", "{quishmilter}", "x"); said == "+OK" && agree(nodes) {
				nodes[0], nodes[n] = nodes[n], nodes[0]
				return nodes
			}
		}
	}
	t.Fatal("the cluster has not come up")
	return nil
}

// agree says whether every node knows who has the keys.
func agree(nodes []*Server) bool {
	for _, s := range nodes {
		if said := s.Ask("SET", "{quishmilter}", "x"); said != "+OK" && !strings.HasPrefix(said, "-MOVED") {
			return false
		}
	}
	return true
}

func (s *Server) expect(want string, words ...string) {
	s.t.Helper()
	if said := s.Ask(words...); said != want {
		s.t.Fatalf("%s: %q, not %q", strings.Join(words, " "), said, want)
	}
}

// Ask sends one command and returns the first line of the answer.
func (s *Server) Ask(words ...string) string {
	s.t.Helper()
	conn, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", s.Port), 5*time.Second)
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "*%d\r\n", len(words))
	for _, word := range words {
		fmt.Fprintf(conn, "$%d\r\n%s\r\n", len(word), word)
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		s.t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// StartTLS runs a server that speaks TLS alone, with a certificate for 127.0.0.1 that it signed itself, and returns
// the certificate's file too.
func StartTLS(t testing.TB, options ...string) (s *Server, authority string) {
	t.Helper()
	folder := t.TempDir()
	authority, key := filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	certify(t, authority, key)
	port := freePort(t)
	s = Start(t, append([]string{"--port", "0", "--tls-port", fmt.Sprint(port), "--tls-cert-file", authority, "--tls-key-file", key,
		"--tls-ca-cert-file", authority, "--tls-auth-clients", "no"}, options...)...)
	s.Port = port
	return s, authority
}

func certify(t testing.TB, certFile, keyFile string) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	cert, err := x509.CreateCertificate(nil, template, template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: cert}, keyFile: {Type: "PRIVATE KEY", Bytes: key}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
