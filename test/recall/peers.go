package main

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// readPeers reads the stored outcomes of other readers: path → peer → outcome; a corpus need not have any.
func readPeers(path string) (map[string]map[string]string, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
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

// livePeers are peers built on this machine, run and timed on the very pixels that qr.Read got.
type livePeers struct {
	folder string
	layers []layer // of the set that is being read
}

// layer is a gray layer that waits for the peers, as a PGM file.
type layer struct{ picture, file string }

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
	return &livePeers{folder: folder}, nil
}

// add keeps one gray layer for the peers.
func (p *livePeers) add(picture string, gray *image.Gray) {
	name := filepath.Join(p.folder, fmt.Sprintf("%06d.pgm", len(p.layers)))
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
	p.layers = append(p.layers, layer{picture, name})
}

// peerResult is what one peer did with the pictures of a set.
type peerResult struct {
	texts map[string][]string // by picture
	ms    []float64
}

// run gives the kept layers to each peer and forgets them.
func (p *livePeers) run() map[string]peerResult {
	list := filepath.Join(p.folder, "list.txt")
	var names strings.Builder
	pictures := map[string]string{}
	for _, l := range p.layers {
		fmt.Fprintln(&names, l.file)
		pictures[l.file] = l.picture
	}
	results := map[string]peerResult{}
	if err := os.WriteFile(list, []byte(names.String()), 0o600); err != nil {
		return nil
	}
	for name := range peerBuilds {
		out, err := exec.Command(filepath.Join(p.folder, name), list).Output()
		if err != nil {
			fmt.Println(name, err)
			continue
		}
		results[name] = parsePeer(out, pictures)
	}
	for _, l := range p.layers {
		os.Remove(l.file)
	}
	p.layers = nil
	return results
}

// parsePeer takes lines of "file TAB ms TAB payload…".
func parsePeer(out []byte, pictures map[string]string) peerResult {
	r := peerResult{texts: map[string][]string{}}
	for _, line := range strings.Split(string(out), "\n") {
		cells := strings.Split(line, "\t")
		if len(cells) < 2 {
			continue
		}
		if ms, err := strconv.ParseFloat(cells[1], 64); err == nil {
			r.ms = append(r.ms, ms)
		}
		for _, text := range cells[2:] {
			r.texts[pictures[cells[0]]] = append(r.texts[pictures[cells[0]]], unescape(text))
		}
	}
	return r
}

func (p *livePeers) close() { os.RemoveAll(p.folder) }
