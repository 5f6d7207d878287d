-- Commands out of their order, and without the message that they belong to; then a good message.
for round = 1, 20 do
	conn = mt.connect(socket, 40, 0.05)
	assert(conn, "connect")
	if round % 2 == 0 then mt.negotiate(conn, 2, 0, 0) end -- an MTA that lets us change nothing
	if round % 3 == 0 then mt.eom(conn) end
	if round % 4 == 0 then mt.header(conn, "Subject", "early") end
	if round % 5 == 0 then mt.rcptto(conn, "<nobody@example.org>") end
	if round % 6 == 0 then pcall(mt.unknown, conn, "BLAH") end
	if round % 7 == 0 then mt.bodyrandom(conn, 100000) end
	mt.mailfrom(conn, "<a@example.net>")
	mt.mailfrom(conn, "<b@example.net>")
	mt.abort(conn)
	mt.disconnect(conn, round % 2 == 0)
end
conn = mt.connect(socket, 40, 0.05)
assert(mt.conninfo(conn, "unspec", "unspec") == nil, "an unknown client")
assert(mt.helo(conn, "x") == nil, "helo")
assert(mt.mailfrom(conn, "<>") == nil, "null sender")
assert(mt.rcptto(conn, "<reader@example.org>") == nil, "rcptto")
assert(mt.header(conn, "From", "a@example.net") == nil, "From")
assert(mt.eoh(conn) == nil, "eoh")
assert(mt.eom(conn) == nil, "eom")
mt.disconnect(conn)
