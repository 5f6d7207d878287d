package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"quishmilter/test/proc"
)

// sample is what the filter uses while no message is under way.
type sample struct {
	memory      proc.Memory // PSS, the mapped pages of the state file included
	private     int64       // octets of the whole tree that lie in no file
	heap        int64       // octets of the daemon's heap that are in use after a collection
	descriptors int         // of the whole tree
	goroutines  int         // of the daemon
	files       int         // temporary ones of the whole tree, those without a name included
}

// restTime is how long the filter may take to come to rest.
const restTime = time.Minute

// daemonAt is the daemon that is looked at: by its process, and by its control socket.
type daemonAt struct {
	pid  int
	temp string // its folder for temporary files
	http http.Client
}

func newDaemonAt(pid int, socket, temp string) *daemonAt {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}
	return &daemonAt{pid, temp, http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}, Timeout: restTime}}
}

// rest waits until no connection is open and no worker busy, and says what is used then.
func (d *daemonAt) rest(ctx context.Context) (s sample, err error) {
	ctx, cancel := context.WithTimeout(ctx, restTime)
	defer cancel()
	for {
		metrics, err := d.metrics(ctx)
		if err != nil {
			return sample{}, fmt.Errorf("the filter does not come to rest: %w", err)
		}
		if metrics[`quishmilter_milter_sessions{state="busy"}`]+metrics[`quishmilter_milter_sessions{state="idle"}`]+metrics[`quishmilter_workers{state="busy"}`] == 0 {
			return d.sample(ctx)
		}
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (d *daemonAt) sample(ctx context.Context) (s sample, err error) {
	if err := d.get(ctx, "/debug/pprof/heap?gc=1", io.Discard); err != nil {
		return s, err
	}
	metrics, err := d.metrics(ctx)
	if err != nil {
		return s, err
	}
	s.goroutines, s.heap = int(metrics["go_goroutines"]), int64(metrics["go_memstats_heap_alloc_bytes"])
	if s.goroutines == 0 || s.heap == 0 {
		return s, errors.New("the metrics say nothing of goroutines or the heap")
	}
	if s.memory, err = proc.MemoryOf(d.pid); err != nil {
		return s, err
	}
	if s.private, err = proc.Private(d.pid); err != nil {
		return s, err
	}
	if s.descriptors, err = proc.Descriptors(d.pid); err != nil {
		return s, err
	}
	s.files, err = d.temporary()
	return s, err
}

// metrics are the series by their names and labels, as they are written.
func (d *daemonAt) metrics(ctx context.Context) (map[string]float64, error) {
	var text strings.Builder
	if err := d.get(ctx, "/metrics", &text); err != nil {
		return nil, err
	}
	all := map[string]float64{}
	for lines := bufio.NewScanner(strings.NewReader(text.String())); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		if number, err := strconv.ParseFloat(value, 64); err == nil {
			all[name] = number
		}
	}
	return all, nil
}

func (d *daemonAt) get(ctx context.Context, path string, out io.Writer) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://quishmilter"+path, nil)
	if err != nil {
		return err
	}
	response, err := d.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, response.Status)
	}
	_, err = io.Copy(out, response.Body)
	return err
}

// temporary counts the files in the folder for temporary ones, and those that were unlinked there and are still open.
func (d *daemonAt) temporary() (n int, err error) {
	named, err := os.ReadDir(d.temp)
	if err != nil {
		return 0, err
	}
	processes, err := proc.Tree(d.pid)
	if err != nil {
		return 0, err
	}
	for _, p := range processes {
		open, err := filepath.Glob(filepath.Join("/proc", strconv.Itoa(p.PID), "fd", "*"))
		if err != nil {
			return 0, err
		}
		for _, link := range open {
			target, err := os.Readlink(link)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return 0, err
			}
			if strings.HasPrefix(target, d.temp+"/") {
				n++
			}
		}
	}
	return n + len(named), nil
}
