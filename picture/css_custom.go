package picture

import (
	"maps"
	"strconv"
	"strings"
)

// Bounds of custom properties and calculations.
const (
	customProperties = 200  // of one element
	customLength     = 2000 // of a value that is put together
	calcDepth        = 16
	calcText         = 300
)

// custom keeps a custom property (CSS Custom Properties 1); children inherit them.
func (st *style) custom(name, value string) {
	if old, known := st.customs[name]; known && old == value || len(st.customs) >= customProperties {
		return
	}
	st.customs = maps.Clone(st.customs)
	if st.customs == nil {
		st.customs = map[string]string{}
	}
	st.customs[name] = value
}

// resolved is a value with var(--name) and var(--name, otherwise) replaced.
func (st *style) resolved(value string) string {
	for range calcDepth {
		before, rest, ok := strings.Cut(value, "var(")
		if !ok || len(value) > customLength {
			return value
		}
		end := parenthesis(rest)
		name, otherwise, _ := strings.Cut(rest[:end], ",")
		known, ok := st.customs[strings.TrimSpace(name)]
		if !ok {
			known = strings.TrimSpace(otherwise)
		}
		value = before + known + rest[min(end+1, len(rest)):]
	}
	return value
}

// parenthesis is where the parenthesis ends that was opened before s.
func parenthesis(s string) int {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth < 0 {
				return i
			}
		}
	}
	return len(s)
}

// calcLength reads calc(…) of lengths in pixels and numbers (CSS Values 3, section 8.1); shares of an unknown width have no
// value.
func calcLength(s string, em float64) (length, bool) {
	if len(s) > calcText {
		return length{}, false
	}
	c := &calculation{s: s, em: em}
	v, ok := c.sum(0)
	if !ok || strings.TrimSpace(c.s) != "" || !(v > -maxLength && v < maxLength) {
		return length{}, false
	}
	return length{v, false, true}, true
}

type calculation struct {
	s  string
	em float64
}

func (c *calculation) sum(depth int) (float64, bool) {
	v, ok := c.product(depth)
	for ok {
		c.s = strings.TrimSpace(c.s)
		if c.s == "" || c.s[0] != '+' && c.s[0] != '-' {
			return v, true
		}
		sign := 1.0
		if c.s[0] == '-' {
			sign = -1
		}
		c.s = c.s[1:]
		var w float64
		w, ok = c.product(depth)
		v += sign * w
	}
	return 0, false
}

func (c *calculation) product(depth int) (float64, bool) {
	v, ok := c.term(depth)
	for ok {
		c.s = strings.TrimSpace(c.s)
		if c.s == "" || c.s[0] != '*' && c.s[0] != '/' {
			return v, true
		}
		divide := c.s[0] == '/'
		c.s = c.s[1:]
		var w float64
		if w, ok = c.term(depth); divide && w != 0 {
			v /= w
		} else {
			v *= w
		}
	}
	return 0, false
}

func (c *calculation) term(depth int) (float64, bool) {
	c.s = strings.TrimSpace(c.s)
	inner, isGroup := strings.CutPrefix(strings.TrimPrefix(c.s, "calc"), "(")
	if isGroup && depth < calcDepth {
		end := parenthesis(inner)
		group := &calculation{s: inner[:end], em: c.em}
		c.s = inner[min(end+1, len(inner)):]
		v, ok := group.sum(depth + 1)
		return v, ok && strings.TrimSpace(group.s) == ""
	}
	end := 0
	for end < len(c.s) && !strings.ContainsRune(" \t\r\n*/)", rune(c.s[end])) && (end == 0 || c.s[end] != '+' && c.s[end] != '-') {
		end++
	}
	word := c.s[:end]
	c.s = c.s[end:]
	if v, err := strconv.ParseFloat(word, 64); err == nil {
		return v, true
	}
	l, ok := parseLength(word, c.em)
	v, given := l.pixels(-1)
	return v, ok && given && !l.percent
}
