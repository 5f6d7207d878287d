-- Two plain messages on one connection, an aborted one between them; the second is from a user who logged in.
conn = mt.connect(socket, 40, 0.05)
assert(conn, "connect")
assert(mt.conninfo(conn, "mx.example.net", "203.0.113.7") == nil, "conninfo")
assert(mt.helo(conn, "mx.example.net") == nil, "helo")

function message(id, login)
	if login then
		mt.macro(conn, SMFIC_MAIL, "i", id, "{auth_authen}", login)
	else
		mt.macro(conn, SMFIC_MAIL, "i", id)
	end
	assert(mt.mailfrom(conn, "<colleague@example.net>") == nil, "mailfrom")
	assert(mt.rcptto(conn, "<reader@example.org>") == nil, "rcptto")
	assert(mt.header(conn, "From", "colleague@example.net") == nil, "From")
	assert(mt.header(conn, "X-Quish-Verdict", "clean") == nil, "a forged field")
	assert(mt.header(conn, "Message-ID", "<" .. id .. "@example.net>") == nil, "Message-ID")
	assert(mt.eoh(conn) == nil, "eoh")
end

message("MT0001", nil)
assert(mt.bodystring(conn, "Hello.\r\n") == nil, "body")
assert(mt.eom(conn) == nil, "eom")
assert(mt.eom_check(conn, MT_HDRDELETE, "X-Quish-Verdict"), "the forged field stays")
assert(mt.eom_check(conn, MT_HDRADD, "X-Quish-Scan", "complete") or mt.eom_check(conn, MT_HDRINSERT, "X-Quish-Scan", "complete"), "X-Quish-Scan")
assert(mt.getreply(conn) == SMFIR_CONTINUE or mt.getreply(conn) == SMFIR_ACCEPT, "the reply to a plain message")

message("MT0002", nil)
mt.abort(conn)

message("MT0003", "colleague")
assert(mt.eom(conn) == nil, "eom without a body")
assert(not mt.eom_check(conn, MT_HDRADD, "X-Quish-Scan") and not mt.eom_check(conn, MT_HDRINSERT, "X-Quish-Scan"), "fields in mail of our own user")
mt.disconnect(conn)
