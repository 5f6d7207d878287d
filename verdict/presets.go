package verdict

// The presets.
const (
	Observe  = "observe"
	Standard = "standard"
	Strict   = "strict"
)

// Presets are the names that a configuration may give as its policy.
var Presets = []string{Observe, Standard, Strict}

// Reasons of the presets' rules.
const (
	NewSender   = "qr-link-from-new-sender"
	KnownSender = "qr-link-from-known-sender"
	MarkedSpam  = "marked-as-spam"
)

// before are the rules with which every preset begins.
var before = []Rule{
	{Name: "own-mail", When: `!message.inbound`, Then: Accept,
		Text: "Mail of our own users and networks is not judged."},
	{Name: "opens-nothing", When: `!code.opens`, Then: Accept,
		Text: "A payment, a contact, a ticket or plain text asks the phone to open nothing."},
}

// after are the rules with which every preset ends.
var after = []Rule{
	{Name: "known-sender", When: `sender.prevalent && code.opens`, Then: Tag, Reason: KnownSender,
		Text: "A code of a sender who wrote before asks to open a link."},
	{Name: "new-sender", When: `code.opens`, Then: Tag, Reason: NewSender,
		Text: "A code of a sender who has not written before asks to open a link."},
	{Name: "asks-to-scan-what-is-linked", When: `!sender.prevalent && message.codes == 0 && message.asks_to_scan && message.remote_picture_unseen`, Then: Tag, Reason: AsksToScan,
		Text: "The text asks to scan a code, and the pictures are only linked."},
}

// strictRule holds for being new alone. While history is short everybody is new, so it tags then.
const strictRule = "new-sender-any"

func presetRules(name string) ([]Rule, bool) {
	rules := append([]Rule(nil), before...)
	switch name {
	case Standard, Observe:
		rules = append(rules,
			Rule{Name: "new-sender-strong", When: `code.opens && !sender.prevalent && code.strong > 0 && !message.marked_spam`, Then: Quarantine, Reason: NewSender,
				Text: "A code of a sender who has not written before asks to open a link, and something about it is suspicious."},
			Rule{Name: "known-sender-two-strong", When: `code.opens && sender.prevalent && code.strong > 1 && code.strong_in_link > 0 && !message.marked_spam`, Then: Quarantine, Reason: KnownSender,
				Text: "Two things are suspicious about a known sender's link: the account may be stolen."})
	case Strict:
		rules = append(rules, Rule{Name: strictRule, When: `!sender.prevalent && code.opens && !message.marked_spam`, Then: Quarantine, Reason: NewSender,
			Text: "Every link in a code from a sender who has not written before is held."})
	default:
		return nil, false
	}
	return append(rules, after...), true
}
