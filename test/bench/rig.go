package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"quishmilter/test/daemon"
	"quishmilter/test/postfix"
)

// rig is a private Postfix with a filter attached, or with none.
type rig struct {
	name string
	mta  *postfix.Instance
	pid  int // of the filter; 0 without one
	stop []func() error
}

// options are the flags.
type options struct {
	program, noop, example string
	unix, plain            bool
	messages               int // per filter and kind, one at a time
	throughput             int // plain messages per filter, over many sessions
	sessions               int
	rounds                 int // each filter takes its turn this often, so that a noisy minute hits all
}

// startRigs starts all filters, each with a Postfix of its own. They stay idle while another is measured.
func startRigs(ctx context.Context, o options) (rigs []*rig, err error) {
	for _, start := range []func(context.Context, options) (*rig, error){startNothing, startNoop, startQuishmilter} {
		r, err := start(ctx, o)
		if err != nil {
			return nil, errors.Join(err, stopRigs(rigs))
		}
		rigs = append(rigs, r)
	}
	return rigs, nil
}

func stopRigs(rigs []*rig) error {
	var all []error
	for _, r := range rigs {
		all = append(all, r.end())
	}
	return errors.Join(all...)
}

// end stops what was started, the last first.
func (r *rig) end() error {
	var all []error
	for i := len(r.stop) - 1; i >= 0; i-- {
		all = append(all, r.stop[i]())
	}
	return errors.Join(all...)
}

func startNothing(ctx context.Context, o options) (*rig, error) {
	r := &rig{name: "none"}
	return r, r.attach(ctx, o, "")
}

func startQuishmilter(ctx context.Context, o options) (*rig, error) {
	filter, err := daemon.Start(ctx, daemon.Config{Program: o.program, TCP: !o.unix})
	if err != nil {
		return nil, err
	}
	r := &rig{name: "quishmilter", pid: filter.PID, stop: []func() error{filter.Stop}}
	return r, r.attach(ctx, o, filter.Address)
}

// startNoop starts the milter that does nothing as a process of its own.
func startNoop(ctx context.Context, o options) (*rig, error) {
	address, err := daemon.FreeAddress()
	if err != nil {
		return nil, err
	}
	network, milter := "tcp", "inet:"+address
	if o.unix {
		network, address = "unix", "/tmp/quishmilter-noop-"+address[strings.LastIndexByte(address, ':')+1:]
		milter = "unix:" + address
	}
	command := exec.Command(o.noop, "-network", network, "-address", address)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start the milter that does nothing: %w", err)
	}
	r := &rig{name: "does nothing (go-milter)", pid: command.Process.Pid, stop: []func() error{func() error {
		_ = command.Process.Kill()
		_ = command.Wait() // ends by our signal, which Wait calls an error
		return nil
	}}}
	if err := waitListening(ctx, network, address); err != nil {
		return nil, errors.Join(err, r.end())
	}
	return r, r.attach(ctx, o, milter)
}

func waitListening(ctx context.Context, network, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		var dialer net.Dialer
		conn, err := dialer.DialContext(ctx, network, address)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the milter that does nothing does not listen: %w", err)
		case <-tick.C:
		}
	}
}

// attach starts the rig's Postfix, which throws accepted mail away. On failure it stops the filter.
func (r *rig) attach(ctx context.Context, o options, milter string) error {
	config := postfix.Config{Milter: milter, Params: map[string]string{"virtual_transport": "discard"}}
	if milter != "" {
		config.Example = o.example
	}
	mta, err := postfix.Start(ctx, config)
	if err != nil {
		return errors.Join(err, r.end())
	}
	r.mta, r.stop = mta, append(r.stop, mta.Stop)
	return nil
}
