package main

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"

	"quishmilter/sandbox"
)

// The values of workers.sandbox.
const (
	sandboxAuto     = "auto"
	sandboxRequired = "required"
	sandboxOff      = "off"
)

// workerCPU is the CPU time after which the kernel ends a worker, in seconds. At half of it a worker ends by itself
// between two messages; a message takes at most two cores for 240 s.
const workerCPU = 3600

// sandbox says what workers give up; nil where they keep their rights.
func (s Settings) sandbox() (*sandbox.Config, error) {
	if s.Workers.Sandbox == sandboxOff {
		return nil, nil
	}
	c := &sandbox.Config{CPU: workerCPU}
	if os.Geteuid() != 0 {
		return c, nil
	}
	var err error
	c.User, err = s.workerUser()
	return c, err
}

// workerUser is whom the workers of a daemon of root's become. nobody's numbers are the same everywhere, should there be no
// list of users, as in a container.
func (s Settings) workerUser() (*sandbox.User, error) {
	if s.Workers.User != "" {
		u, err := lookUser(s.Workers.User)
		if err != nil {
			return nil, settingError{"workers.user", err.Error() + "; write the name of a user without rights"}
		}
		if u.UID == 0 {
			return nil, settingError{"workers.user", s.Workers.User + " is root; write the name of a user without rights"}
		}
		return u, nil
	}
	for _, name := range []string{"quishmilter", "nobody"} {
		if u, err := lookUser(name); err == nil && u.UID != 0 {
			return u, nil
		}
	}
	return &sandbox.User{Name: "nobody", UID: 65534, GID: 65534}, nil
}

func lookUser(name string) (*sandbox.User, error) {
	found, err := user.Lookup(name)
	if err != nil {
		return nil, err
	}
	uid, err := strconv.Atoi(found.Uid)
	gid, wrong := strconv.Atoi(found.Gid)
	return &sandbox.User{Name: name, UID: uid, GID: gid}, errors.Join(err, wrong)
}

// confined says what the workers gave up. It is an error where that is less than was required.
func (s Settings) confined(r *sandbox.Report) (text string, err error) {
	switch {
	case s.Workers.Sandbox == sandboxOff:
		return "workers keep all rights of the daemon (workers.sandbox is off)", nil
	case r == nil:
		text = "no worker is ready yet; what it gives up is not known"
	default:
		text = "workers are confined: " + r.String()
	}
	if s.Workers.Sandbox == sandboxRequired && (r == nil || !r.Complete()) {
		err = fmt.Errorf("workers.sandbox is required, but %s", text)
	}
	return text, err
}

// layers are those of the sandbox, for metrics.
func layers(r *sandbox.Report) map[string]bool {
	if r == nil {
		r = &sandbox.Report{Root: true}
	}
	return map[string]bool{sandbox.Seccomp: r.Seccomp, sandbox.Landlock: r.Landlock > 0, "user": !r.Root}
}
