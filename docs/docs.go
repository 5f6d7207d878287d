// Package docs holds the documents that the program itself needs: what is written there once need not be written in
// code again.
package docs

import (
	_ "embed" // for the documents
	"regexp"
	"strings"
)

//go:embed reasons.md
var reasons string

// ControlInterface is the OpenAPI description of the control socket.
//
//go:embed control-openapi.yaml
var ControlInterface []byte

var token = regexp.MustCompile("`([a-z0-9-]+)`")

// Reasons are the documented reasons: the tokens in the first column of the table in reasons.md.
func Reasons() (tokens []string) {
	for line := range strings.Lines(reasons) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			continue
		}
		for _, m := range token.FindAllStringSubmatch(cells[1], -1) {
			tokens = append(tokens, m[1])
		}
	}
	return tokens
}
