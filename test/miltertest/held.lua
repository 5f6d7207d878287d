-- The message of a file is put on hold. Its header stands before the first empty line.
conn = mt.connect(socket, 40, 0.05)
assert(conn, "connect")
mt.conninfo(conn, "mx.example.net", "203.0.113.7")
mt.helo(conn, "mx.example.net")
mt.macro(conn, SMFIC_MAIL, "i", "MT0004")
mt.mailfrom(conn, "<security@microsecmfa.com>")
mt.rcptto(conn, "<claire@example.org>")
field = nil
for line in io.lines(header) do
	if string.match(line, "^[ \t]") then
		field = field .. "\r\n" .. line
	else
		if field then
			name, value = string.match(field, "^([^:]+): ?(.*)$")
			assert(mt.header(conn, name, value) == nil, name)
		end
		field = line
	end
end
name, value = string.match(field, "^([^:]+): ?(.*)$")
assert(mt.header(conn, name, value) == nil, name)
mt.eoh(conn)
assert(mt.bodyfile(conn, body) == nil, "body")
assert(mt.eom(conn) == nil, "eom")
assert(mt.eom_check(conn, MT_QUARANTINE), "it is not put on hold")
assert(mt.getreply(conn) == SMFIR_ACCEPT or mt.getreply(conn) == SMFIR_CONTINUE, "the reply")
mt.disconnect(conn)
