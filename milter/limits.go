package milter

import "time"

// Limits bounds what one MTA can make us hold. A zero or negative field takes its default.
type Limits struct {
	MaxConnections int   // connections served at once; beyond, the MTA gets a temporary reply. 512
	MaxBody        int64 // bytes of a body that are kept. 50 MiB
	MaxHeader      int   // bytes of header fields, names and values, that are kept. 1 MiB
	MaxFields      int   // header fields that are kept. 10,000
	SpillAfter     int64 // bytes of a body that are kept in memory before it moves to a file. 1 MiB

	// ReadTimeout is the longest silence of an MTA between two packets. Postfix keeps the connection as long as the
	// SMTP session, and says nothing while a slow client types or sends its data (300 s for every single read, so a
	// large message may take hours). The default, 7210 s, is what the milters of the MTA's own library allow; a host
	// that has vanished is noticed by TCP keep-alive long before.
	ReadTimeout time.Duration
	// WriteTimeout is the longest that the MTA may take to accept an answer. 30 s
	WriteTimeout time.Duration
	// ProgressEvery is how often the MTA is told that Handle is still running. Postfix waits 300 s
	// (milter_content_timeout), less where an admin wrote so. 5 s
	ProgressEvery time.Duration
}

const (
	packetTimeout = 60 * time.Second      // for the rest of a packet that has begun
	watchAfter    = 50 * time.Millisecond // Handle runs this long before we watch whether the MTA is still there
	maxPacket     = 1 << 20               // go-milter's own limit
	maxRcpts      = 10_000                // Postfix: smtpd_recipient_limit, 1,000
	maxMacros     = 500                   // names, of a connection or of a message
	maxDelete     = 200                   // a deletion makes Postfix read the header from its start: 200 × 10,000 fields is a second
	maxReason     = 100                   // octets of a hold's reason
	maxLine       = 900                   // octets of a header line that we write
	maxInMemory   = 32 << 20              // octets of the bodies of all sessions in memory; beyond, bodies go to files sooner
	spillCrowded  = 64 << 10              // octets of a body that stay in memory then
	keepBuffer    = 64 << 10              // a packet buffer over this size is not kept for the next packet
)

// filled is l with defaults in the place of what is not set.
func (l Limits) filled() Limits {
	orInt(&l.MaxConnections, 512)
	orInt(&l.MaxBody, 50<<20)
	orInt(&l.MaxHeader, 1<<20)
	orInt(&l.MaxFields, 10_000)
	orInt(&l.SpillAfter, 1<<20)
	orInt(&l.ReadTimeout, 7210*time.Second)
	orInt(&l.WriteTimeout, 30*time.Second)
	orInt(&l.ProgressEvery, 5*time.Second)
	return l
}

func orInt[T int | int64 | time.Duration](v *T, fallback T) {
	if *v <= 0 {
		*v = fallback
	}
}
