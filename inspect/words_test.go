package inspect

import (
	"slices"
	"testing"

	"quishmilter/mime"
	"quishmilter/payload"
)

// A document in an archive opens with the words of the message as one beside it does; other messages have no candidates.
func TestPasswordsOf(t *testing.T) {
	text := mime.Part{Path: "1", Type: "text/plain", Encoding: "7bit", Raw: []byte("The password is Winter2026!")}
	for head, want := range map[string]bool{"%PDF-1.7": true, "PK\x03\x04": true, "Rar!\x1a\x07": true, "\x1f\x8b\x08": true, "\x89PNG": false, "plain": false} {
		words := passwordsOf([]mime.Part{text, {Path: "2", Type: "application/octet-stream", Encoding: "7bit", Raw: []byte(head)}})
		if slices.Contains(words, "Winter2026!") != want {
			t.Errorf("beside %q: %q", head, words)
		}
	}
}

// A harmless code must not keep the pictures from being fetched that a message links, where an admin wants all.
func TestWantsRemote(t *testing.T) {
	linked, asks := Text{Remote: []string{"https://a.example/q.png"}}, Text{Remote: []string{"https://a.example/q.png"}, AsksToScan: true}
	for _, test := range []struct {
		mode  RemoteMode
		text  Text
		codes int
		want  bool
	}{
		{RemoteAlways, linked, 0, true}, {RemoteAlways, linked, 1, true}, {RemoteAlways, Text{}, 0, false},
		{RemoteLure, asks, 0, true}, {RemoteLure, linked, 0, false}, {RemoteLure, asks, 1, false}, {RemoteOff, asks, 0, false},
	} {
		i := &Inspector{Remote: &Remote{}, RemoteMode: test.mode, Lists: payload.Lists{}}
		if got := i.wantsRemote(test.text, test.codes); got != test.want {
			t.Errorf("%s, %+v, %d codes: %t", test.mode, test.text, test.codes, got)
		}
	}
}

// A proxy resolves names by itself: what cannot be a web site is not asked of it.
func TestInnerNames(t *testing.T) {
	for host, inner := range map[string]bool{
		"localhost": true, "a.localhost": true, "metadata.google.internal": true, "printer.local": true, "intranet": true, "2852039166": true,
		"0xa9fea9fe": true, "169.254.43518": true, "169.254.169.254": true, "10.0.0.1": true, "::1": true, "fd00::1": true, "": true,
		"www.example.com": false, "example.com.": false, "8.8.8.8": false, "2606:4700::1111": false, "internal.example.com": false,
	} {
		if innerName(host) != inner {
			t.Errorf("%q: %t", host, !inner)
		}
	}
}
