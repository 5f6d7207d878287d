package postfix

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
)

// Refuser is a mail server that knows nobody, until ctx ends: what is relayed to it bounces.
func Refuser(ctx context.Context) (nextHop string, err error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	context.AfterFunc(ctx, func() { ln.Close() })
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			refuse(conn)
		}
	}()
	_, port, err := net.SplitHostPort(ln.Addr().String())
	return "[127.0.0.1]:" + port, err
}

func refuse(conn net.Conn) {
	defer conn.Close()
	fmt.Fprint(conn, "220 refuser.example\r\n")
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		answer := "250 ok"
		if strings.HasPrefix(lines.Text(), "RCPT") {
			answer = "550 5.1.1 nobody here"
		}
		fmt.Fprint(conn, answer+"\r\n")
	}
}
