package main

import (
	"fmt"
	"slices"

	"quishmilter/docs"
)

// reasons are the tokens that messages may have: the documented ones, and those of the configuration's own rules.
func (s Settings) reasons() []string {
	all := docs.Reasons()
	for _, r := range s.Rules {
		all = append(all, r.Name)
		if r.Reason != "" {
			all = append(all, r.Reason)
		}
	}
	return all
}

// checkReason refuses a token that no message can have; "" is none.
func (s Settings) checkReason(token string) error {
	known := s.reasons()
	if token == "" || slices.Contains(known, token) {
		return nil
	}
	like := ""
	if best := mostAlike(token, known); best != "" {
		like = fmt.Sprintf("did you mean %q? ", best)
	}
	return fmt.Errorf("%.60q is no reason that a message may have; %sdocs/reasons.md lists them, [[rule]] may add others", token, like)
}
