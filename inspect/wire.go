package inspect

import (
	"errors"

	"quishmilter/mime"
	"quishmilter/picture"
	"quishmilter/qr"
	"quishmilter/sandbox"
)

// The talk between the daemon and a worker, over one socket pair.
//
//	daemon → worker   setup   frame of JSON, once
//	worker → daemon   {"ready":true,"sandbox":…}
//	then for each part:
//	daemon → worker   job     frame of JSON
//	worker → daemon   {"begun":true}, where it is the first of its message
//	daemon → worker   the part's bytes as frames, then an empty frame
//	worker → daemon   {"found":…}, {"link":…} and {"problem":…} as they come, then {"done":…}
//
// A frame is its length as 32 bits, big-endian, and that many bytes. Answers are lines of JSON. A worker may have
// been taken over by what it decodes, so everything it says is checked as if it came in the mail.

// setup is what a worker needs to know before it sees the first part.
type setup struct {
	Memory   uint64          `json:"memory"` // bytes; RLIMIT_DATA
	CacheDir string          `json:"cacheDir"`
	Sandbox  *sandbox.Config `json:"sandbox,omitempty"` // nil: the worker keeps its rights
}

// job is one part to be looked at.
type job struct {
	Path      string         `json:"path"`
	Name      string         `json:"name"`
	Type      string         `json:"type"`
	Charset   string         `json:"charset,omitempty"`
	CID       string         `json:"cid,omitempty"`
	Passwords []string       `json:"passwords,omitempty"` // words of the message that may open an encrypted document
	First     bool           `json:"first,omitempty"`     // of its message, for this worker
	Size      int64          `json:"size"`                // a hint; the frames decide
	Limits    picture.Limits `json:"limits"`
	Budget    int64          `json:"budgetMs"`        // time for this part, in milliseconds
	Probe     bool           `json:"probe,omitempty"` // no part: try what is not allowed
}

// answer is one line from a worker: exactly one of its fields is set, but for what stands beside another.
type answer struct {
	Ready   bool              `json:"ready,omitempty"`
	Sandbox *sandbox.Report   `json:"sandbox,omitempty"` // with ready
	Tried   []sandbox.Attempt `json:"tried,omitempty"`   // the answer to a probe
	Begun   bool              `json:"begun,omitempty"`   // the first part of a message was heard of
	Found   *Found            `json:"found,omitempty"`
	Link    *Link             `json:"link,omitempty"`
	Problem *mime.Problem     `json:"problem,omitempty"`
	Done    *done             `json:"done,omitempty"`
}

// done ends the answers to a job.
type done struct {
	Retire bool `json:"retire,omitempty"` // the worker is worn out and ends now
	Short  bool `json:"short,omitempty"`  // something was left out for want of memory
	Kept   bool `json:"kept,omitempty"`   // something of the part may become one with what is in other parts
}

// Found is one code that was read in a part, and where.
type Found struct {
	qr.Code
	Part    string // path of the MIME part
	At      string // place inside the part, "page 1"
	Name    string // file name of the part or of the embedded file
	Carrier string // "image", "pdf", …
	Box     [4]int // x0, y0, x1, y1 in pixels of the picture as shown

	Words []string `json:",omitempty"` // signals of the words of the document that it stands in
	Shown []byte   // a small PNG of the code; nil where there is none
}

// Bounds of the talk. A QR code holds at most 2,953 bytes (ISO/IEC 18004, table 7), an Aztec code 1,914, a PDF417
// 1,108; escaped and in base64 beside it that stays under 32 KiB, and the picture beside it under 22 KiB.
const (
	frameSize     = 64 << 10 // bytes of a part in one frame
	maxHeader     = 64 << 10 // setup and job
	maxPart       = 64 << 20 // bytes of one part that a worker is given
	maxLine       = 64 << 10 // one answer
	maxFound      = 512      // codes in one part
	maxAnswers    = 1024     // lines about one part
	maxPlace      = 256      // bytes of a place or name
	maxLinks      = 64       // of pictures elsewhere, in one part
	maxLink       = 2000     // bytes of one
	maxToken      = 32       // bytes of a symbology, carrier, trick
	maxTricks     = 16
	maxPayload    = 8 << 10
	maxCoordinate = 1 << 20
)

var errGarbage = errors.New("the worker's answer makes no sense")
