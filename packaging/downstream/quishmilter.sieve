# Sieve (RFC 5228) for Dovecot's Pigeonhole: as sieve_before for all users, or in a user's own script.
#
# It matches "tagged" and never "quarantined": a message that was on hold carries that word for good, so in a mailbox
# it means that a person looked at the message and released it.

require ["fileinto", "mailbox", "imap4flags"];

# tag_only: what quishmilter would have held goes to the spam folder.
if header :is "X-Quish-Would" ["quarantine", "redirect", "reject", "tempfail", "discard"] {
    fileinto :create "Junk";
    stop;
}

# A code asks to open something: apart from the rest, to be read on the computer and not with the phone.
if header :is "X-Quish-Verdict" "tagged" {
    fileinto :create "QR codes";
    stop;
}

# Something could not be looked at: it stays in the inbox, with a keyword that mail clients can show.
if header :is "X-Quish-Verdict" "unscanned" {
    addflag "$Unscanned";
}
