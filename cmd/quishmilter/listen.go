package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/coreos/go-systemd/v22/activation"

	"quishmilter/journal"
)

// listen opens the socket for Postfix: the one that systemd hands over, or the one of the settings, for as long as ctx
// lives.
func listen(ctx context.Context, s Settings, log *journal.Log) (net.Listener, error) {
	handed, err := activation.Listeners()
	if err != nil {
		return nil, err
	}
	if len(handed) > 0 && handed[0] != nil {
		return handed[0], nil
	}
	return lastingListener(ctx, log, func() (net.Listener, error) { return listenAt(s) })
}

func listenAt(s Settings) (net.Listener, error) {
	network, address, err := splitListen(s.Listen)
	if err != nil {
		return nil, err
	}
	if network != "unix" {
		return net.Listen(network, address)
	}
	return listenUnix(address, s.SocketMode)
}

// listenUnix opens a unix socket, in the place of one that a daemon left behind. One that answers is another daemon's.
func listenUnix(path, modeText string) (net.Listener, error) {
	mode, err := parseMode(modeText)
	if err != nil {
		return nil, err
	}
	if info, err := os.Lstat(path); err == nil && info.Mode()&os.ModeSocket != 0 {
		if c, err := net.DialTimeout("unix", path, time.Second); err == nil {
			c.Close()
			return nil, fmt.Errorf("another daemon answers on %s; stop it first", path)
		}
		os.Remove(path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, err
	}
	ln, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, mode); err != nil {
		ln.Close()
		return nil, err
	}
	return ln, nil
}
