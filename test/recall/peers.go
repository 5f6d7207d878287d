package main

import (
	"bufio"
	"fmt"
	"image"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// readPeers reads the stored outcomes of other readers: path → peer → outcome.
func readPeers(path string) (map[string]map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Scan()
	names := strings.Split(lines.Text(), "\t")
	stored := map[string]map[string]string{}
	for lines.Scan() {
		cells := strings.Split(lines.Text(), "\t")
		row := map[string]string{}
		for i := 1; i < len(cells) && i < len(names); i++ {
			row[names[i]], _, _ = strings.Cut(cells[i], " ")
		}
		stored[cells[0]] = row
	}
	return stored, lines.Err()
}

// livePeers are peers built on this machine, timed on the very pixels that qr.Read got.
type livePeers struct {
	folder string
	list   *os.File
	n      int
}

// peerBuilds says how each peer is built from the sources in the folder.
var peerBuilds = map[string][]string{
	"zbar":  {"cc", "-O2", "zbar.c", "-lzbar"},
	"zxing": {"c++", "-O2", "-std=c++17", "-DZX_USE_UTF8=1", "zxing.cpp", "-lZXing"},
}

func buildPeers(sources string) (*livePeers, error) {
	folder, err := os.MkdirTemp("", "recall")
	if err != nil {
		return nil, err
	}
	for name, build := range peerBuilds {
		args := append(append([]string{}, build[1:]...), "-o", filepath.Join(folder, name))
		cmd := exec.Command(build[0], args...)
		cmd.Dir, cmd.Stderr = sources, os.Stderr
		if err := cmd.Run(); err != nil {
			return nil, fmt.Errorf("building %s: %w", name, err)
		}
	}
	list, err := os.Create(filepath.Join(folder, "list.txt"))
	if err != nil {
		return nil, err
	}
	return &livePeers{folder: folder, list: list}, nil
}

// add keeps one gray layer for the peers, as a PGM file.
func (p *livePeers) add(_ string, gray *image.Gray) {
	name := filepath.Join(p.folder, fmt.Sprintf("%06d.pgm", p.n))
	p.n++
	f, err := os.Create(name)
	if err != nil {
		return
	}
	defer f.Close()
	out := bufio.NewWriter(f)
	w, h := gray.Rect.Dx(), gray.Rect.Dy()
	fmt.Fprintf(out, "P5\n%d %d\n255\n", w, h)
	for y := range h {
		out.Write(gray.Pix[y*gray.Stride : y*gray.Stride+w])
	}
	out.Flush()
	fmt.Fprintln(p.list, name)
}

// close runs the peers over the kept pixels, prints their total times and removes everything.
func (p *livePeers) close() {
	defer os.RemoveAll(p.folder)
	p.list.Close()
	for name := range peerBuilds {
		cmd := exec.Command(filepath.Join(p.folder, name), p.list.Name())
		out, err := cmd.StdoutPipe()
		if err != nil || cmd.Start() != nil {
			continue
		}
		times := peerTimes(out)
		if err := cmd.Wait(); err != nil {
			fmt.Println(name, err)
		}
		fmt.Printf("peer %-6s %5d layers: median %.2f, p95 %.2f, total %.1f ms\n", name, len(times), percentile(times, 0.5), percentile(times, 0.95), sum(times))
	}
}

// peerTimes takes the milliseconds from lines of "path TAB ms TAB payload…".
func peerTimes(out io.Reader) []float64 {
	var times []float64
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if cells := strings.Split(lines.Text(), "\t"); len(cells) > 1 {
			if ms, err := strconv.ParseFloat(cells[1], 64); err == nil {
				times = append(times, ms)
			}
		}
	}
	return times
}
