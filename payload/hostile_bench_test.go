package payload

import (
	"strings"
	"testing"
)

// Texts as long as a code may hold that make one step do as much as it can: none may cost more than a few milliseconds.
func BenchmarkHostile(b *testing.B) {
	lists, people := BuiltinLists(), manyRecipients(1000)
	for name, unit := range map[string]string{
		"schemes": "http:", "wrapped schemes": "https://google.com/url?q=", "at signs": "a@", "addresses": "firstname.lastname1@", "dots": "a.",
		"percent": "%25", "semicolons": "a:b;", "pipes": "a|", "parameters": "a=https://b&", "slashes": "/https:", "blanks": "a b.c/d ",
		"words": "department1.example.org/", "base64": "aHR0cHM6Ly9", "wide": "ｈ", "www": "www.", "stars": "**_",
	} {
		for _, start := range []string{"https://a.example/", "https://a.example/?u=", "x ", "SPC\n", "intent:#Intent;", "https://urldefense.com/v3/__"} {
			text := start + strings.Repeat(unit, (7000-len(start))/len(unit))
			b.Run(name+" in "+start, func(b *testing.B) {
				for b.Loop() {
					lists.Signals(Parse(text, true), people)
				}
			})
		}
	}
}
