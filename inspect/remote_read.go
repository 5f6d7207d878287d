package inspect

import (
	"context"
	"fmt"

	"quishmilter/mime"
)

// RemoteMode says when linked pictures are fetched.
type RemoteMode string

// The modes.
const (
	RemoteOff    RemoteMode = "off"
	RemoteLure   RemoteMode = "lure" // where the text asks to scan a code and the message holds none
	RemoteAlways RemoteMode = "always"
)

// RemoteModes are all of them, for the settings.
var RemoteModes = []string{string(RemoteOff), string(RemoteLure), string(RemoteAlways)}

// wantsRemote tells whether the linked pictures of this message are to be fetched.
func (i *Inspector) wantsRemote(text Text, codes int) bool {
	if i.Remote == nil || len(text.Remote) == 0 {
		return false
	}
	return i.RemoteMode == RemoteAlways || i.RemoteMode == RemoteLure && text.AsksToScan && codes == 0
}

// readRemote fetches linked pictures and has them read like any other. The link is the name, since that is what an
// admin looks for. unseen tells whether there is a picture that a reader would see and we did not.
func (i *Inspector) readRemote(ctx context.Context, queueID string, links []string) (found []Found, problems []mime.Problem, unseen bool) {
	pictures := i.Remote.fetch(ctx, links)
	unseen = len(pictures) < len(links)
	reader := partReader{Inspector: i, queueID: queueID}
	defer reader.release()
	for n, p := range pictures {
		if p.err != nil {
			unseen = true
			continue
		}
		part := &mime.Part{Path: fmt.Sprintf("remote.%d", n+1), Name: p.url, Type: p.kind, Encoding: "7bit", Raw: p.data}
		codes, trouble := reader.read(ctx, part, len(pictures)-n-1)
		for c := range codes {
			codes[c].Name, codes[c].Carrier = cutPlace(p.url), "remote-picture"
		}
		found, problems = append(found, codes...), append(problems, trouble...)
	}
	return found, problems, unseen
}
