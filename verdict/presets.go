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

// before are the rules with which every preset begins: what is wanted whoever sends it.
var before = []Rule{
	{Name: "own-mail", When: `!message.inbound`, Then: Accept,
		Text: "Mail of our own users and networks is not judged."},
	{Name: "quotes-our-codes", When: `message.automatic && code.own_picture`, Then: Accept,
		Text: "A report or an automatic reply brings a code back that our own people sent."},
	{Name: "service-code", When: `"service-code" in code.signals && !code.opens`, Then: Tag,
		Text: "A code has the phone dial a service code, which may forward all calls."},
	{Name: "opens-nothing", When: `!code.opens`, Then: Accept,
		Text: "A payment, a contact, a ticket or plain text asks the phone to open nothing."},
	{Name: "own-host", When: `code.own_host && !code.shared_host`, Then: Accept,
		Text: "A code is a plain link to a host of our own."},
}

// wanted are the rules of standard for links that are wanted although their sender may be new.
var wanted = []Rule{
	{Name: "long-known-host", When: `sender.auth == "pass" && code.host_age_days >= 14 && code.host_days >= 2 && code.host_auth_messages > 0` +
		` && code.plain_link && !code.shared_host && !code.disguised`, Then: Accept,
		Text: "A proven sender's code leads to a host that codes of proven senders have led to for two weeks."},
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

// holds are the rules of standard that hold mail.
var holds = []Rule{
	{Name: "new-sender-strong", When: `code.opens && !sender.prevalent && code.strong > 0 && !message.marked_spam`, Then: Quarantine, Reason: NewSender,
		Text: "A code of a sender who has not written before asks to open a link, and something about it is suspicious."},
	{Name: "known-sender-two-strong", When: `code.opens && sender.prevalent && code.strong > 1 && code.strong_in_link > 0 && !message.marked_spam`, Then: Quarantine, Reason: KnownSender,
		Text: "Two things are suspicious about a known sender's link: the account may be stolen."},
	{Name: "known-sender-names-recipient", When: `code.opens && sender.prevalent && code.recipient_in_link && code.host_new && !code.sender_host && !message.marked_spam`,
		Then: Quarantine, Reason: KnownSender,
		Text: "A known sender's link names the recipient and leads to a host that was never seen: the account may be stolen."},
}

// strictHold is the rule of strict beside those of standard. While history is short everybody is a stranger, so it tags
// then.
var strictHold = Rule{Name: "new-sender-any", When: `!sender.prevalent && code.opens && !message.marked_spam`, Then: Quarantine, Reason: NewSender, learns: true,
	Text: "Every link in a code from a sender who has not written before is held."}

func presetRules(name string) ([]Rule, bool) {
	rules := append([]Rule(nil), before...)
	switch name {
	case Standard, Observe:
		rules = append(append(rules, wanted...), holds...)
	case Strict:
		rules = append(append(rules, holds...), strictHold)
	default:
		return nil, false
	}
	return append(rules, after...), true
}
