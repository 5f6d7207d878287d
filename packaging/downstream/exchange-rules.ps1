# Exchange Online or Exchange Server behind a Postfix with quishmilter: mail flow rules on its fields.
#
# Only believe the fields where the message comes from that Postfix: 192.0.2.25 stands for its address. The rules match
# "tagged" and never "quarantined": a delivered message with that word was released by a person.

$postfix = "192.0.2.25"

# tag_only: what quishmilter would have held is spam for Exchange.
New-TransportRule -Name "quishmilter: would hold" -SenderIpRanges $postfix `
    -HeaderMatchesMessageHeader "X-Quish-Would" -HeaderMatchesPatterns "^(quarantine|redirect|reject|tempfail|discard)$" `
    -SetSCL 6

# A code asks to open something: a warning where the reader sees it.
New-TransportRule -Name "quishmilter: tagged" -SenderIpRanges $postfix `
    -HeaderMatchesMessageHeader "X-Quish-Verdict" -HeaderMatchesPatterns "^tagged$" `
    -PrependSubject "[QR code] "
