// Command noop is a milter that looks at nothing and lets everything pass: what the protocol itself costs, in the
// library that quishmilter uses.
package main

import (
	"flag"
	"fmt"
	"net"
	"os"

	gomilter "github.com/emersion/go-milter"
)

func main() {
	network := flag.String("network", "tcp", "tcp or unix")
	address := flag.String("address", "127.0.0.1:8896", "where to listen")
	flag.Parse()
	if err := serve(*network, *address); err != nil {
		fmt.Fprintln(os.Stderr, "noop:", err)
		os.Exit(1)
	}
}

func serve(network, address string) error {
	listener, err := net.Listen(network, address)
	if err != nil {
		return err
	}
	if network == "unix" {
		if err := os.Chmod(address, 0o666); err != nil {
			return err
		}
	}
	server := gomilter.Server{NewMilter: func() gomilter.Milter { return gomilter.NoOpMilter{} }}
	return server.Serve(listener)
}
