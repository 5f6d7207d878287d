package main

import (
	"fmt"
	"net"
	"net/netip"
	"os/user"
	"strconv"

	"quishmilter/control"
)

// checkControl looks at who may ask the daemon, and where.
func (s Settings) checkControl() error {
	if _, err := parseMode(s.ControlMode); err != nil {
		return settingError{"control_mode", err.Error()}
	}
	if _, err := groupID(s.ControlGroup); err != nil {
		return settingError{"control_group", err.Error()}
	}
	if s.Metrics == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(s.Metrics)
	addr, bad := netip.ParseAddr(host)
	if err != nil || bad != nil || !addr.IsLoopback() || !isHostPort(s.Metrics) {
		return settingError{"metrics", fmt.Sprintf("%q is no address on loopback, and who asks there is not checked; write for example \"127.0.0.1:9895\"", s.Metrics)}
	}
	return nil
}

// controlAccess is who may open the socket.
func (s Settings) controlAccess() (control.Access, error) {
	mode, err := parseMode(s.ControlMode)
	if err != nil {
		return control.Access{}, err
	}
	group, err := groupID(s.ControlGroup)
	return control.Access{Mode: mode, Group: group}, err
}

// groupID is the number of a group; 0 for none.
func groupID(name string) (int, error) {
	if name == "" {
		return 0, nil
	}
	if n, err := strconv.ParseUint(name, 10, 31); err == nil {
		return int(n), nil
	}
	group, err := user.LookupGroup(name)
	if err != nil {
		return 0, fmt.Errorf("there is no group %q here; make it (addgroup), or write another", name)
	}
	return strconv.Atoi(group.Gid)
}
