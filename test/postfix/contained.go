package postfix

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
)

// contained makes of a process that has namespaces of its own what a container is to its first process. /sys is that of
// the new network, whose loopback is down at first.
const contained = `set -e
mount --make-rprivate /
mount -t proc proc /proc
mount -t sysfs sysfs /sys
echo 0x9 >/sys/class/net/lo/flags
mount --bind "$1" /mnt
exec "$2" -c /mnt -i`

// Contain ends Postfix and starts it again on the same queue as in a container: with mounts, processes, network, IPC and
// host name of its own, and with its configuration at /mnt, where nobody outside sees it. From then on nothing outside can
// talk to it. enter are the words that lead a command into it.
func (p *Instance) Contain(ctx context.Context) (enter []string, err error) {
	p.endMaster()
	master := exec.Command("sh", "-c", contained, "contained", p.ConfigDir(), filepath.Join(p.install.daemons, "master"))
	master.Dir = p.QueueDir()
	master.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "MAIL_CONFIG=/mnt", "TZ=UTC"}
	master.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM,
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET | syscall.CLONE_NEWIPC | syscall.CLONE_NEWUTS}
	if err := p.begin(master); err != nil {
		return nil, err
	}
	enter = []string{"nsenter", "--target", strconv.Itoa(master.Process.Pid), "--mount", "--pid", "--net", "--ipc", "--uts"}
	return enter, poll(ctx, func() (bool, error) {
		select {
		case <-p.ended:
			return false, fmt.Errorf("the contained Postfix ended at once\n%s", p.lastLog())
		default:
		}
		return exec.CommandContext(ctx, enter[0], append(enter[1:], "postfix", "-c", "/mnt", "status")...).Run() == nil, nil
	}, func() error { return fmt.Errorf("the contained Postfix does not run; its log says:\n%s", p.lastLog()) })
}
