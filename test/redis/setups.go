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

// Cluster runs a Cluster of one node that has all slots.
func Cluster(t testing.TB) *Server {
	t.Helper()
	s := Start(t, "--cluster-enabled", "yes")
	if said := s.Ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383"); said != "+OK" {
		t.Fatalf("the cluster says %q", said)
	}
	for begin := time.Now(); time.Since(begin) < 30*time.Second; { // it takes two seconds to find itself complete
		if strings.HasPrefix(s.Ask("SET", "{quishmilter}", "x"), "+OK") {
			return s
		}
	}
	t.Fatal("the cluster has not come up")
	return nil
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
func StartTLS(t testing.TB) (s *Server, authority string) {
	t.Helper()
	folder := t.TempDir()
	authority, key := filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	certify(t, authority, key)
	port := freePort(t)
	s = Start(t, "--port", "0", "--tls-port", fmt.Sprint(port), "--tls-cert-file", authority, "--tls-key-file", key,
		"--tls-ca-cert-file", authority, "--tls-auth-clients", "no")
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
