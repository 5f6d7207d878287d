package main

import (
	"bytes"
	"strings"
	"testing"
)

// gate is a reader of the log who takes nothing until he is let.
type gate struct {
	open chan struct{}
	text bytes.Buffer
}

func (g *gate) Write(p []byte) (int, error) {
	<-g.open
	return g.text.Write(p)
}

// A reader who stalls loses lines and is told so; nobody waits for him.
func TestPatientWriter(t *testing.T) {
	g := &gate{open: make(chan struct{})}
	w := newPatientWriter(g, saidTo(g))
	for range waitingLines + 100 {
		w.Write([]byte("line\n"))
	}
	close(g.open)
	w.flush()
	text := g.text.String()
	if n := strings.Count(text, "line\n"); n < waitingLines || n >= waitingLines+100 {
		t.Errorf("%d lines", n)
	}
	if !strings.Contains(text, "lines of the log were lost") {
		t.Error("nothing about the lost lines")
	}
}
