package journal

// Where a message went.
const (
	Delivered  = "delivered"  // on its way to the recipients
	Held       = "hold-queue" // Postfix keeps it until a person decides
	Refused    = "refused"    // the sender was told so
	Deferred   = "deferred"   // the sender was told to try again
	Dropped    = "dropped"    // nobody was told
	Redirected = "redirected" // to another mailbox than the recipients'
)

// WhereTo says where an action sends a message.
func WhereTo(verdict string) string {
	switch verdict {
	case "quarantine":
		return Held
	case "redirect":
		return Redirected
	case "reject":
		return Refused
	case "tempfail":
		return Deferred
	case "discard":
		return Dropped
	}
	return Delivered
}
