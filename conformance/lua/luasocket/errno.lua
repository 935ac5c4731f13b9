-- The errno behind `nil, message`, where the original gives two results.

local t, s = ...
local socket = s.socket

-- The numbers are Linux's, as is everything here that looks into /proc.
local function code(want, ...)
  local v, message, errno = t.results(3, ...)
  t.equal(v, nil)
  t.equal(type(message), "string")
  t.equal(errno, want, message)
end

t.case("bind and connect", function()
  local server, port = s.listener()
  code(98, socket.tcp():bind("127.0.0.1", port))
  code(99, socket.tcp():bind("192.0.2.1", 0))
  server:close()
  code(111, socket.tcp():connect("127.0.0.1", port))
  code(111, socket.connect("127.0.0.1", port))
end)

t.case("names", function()
  code(107, socket.tcp4():getpeername())
  local c = socket.tcp4()
  c:close()
  code(9, c:getsockname())
end)

t.case("options", function()
  local u = socket.udp4()
  code(22, u:setoption("ip-multicast-ttl", 256))
  code(92, u:setoption("ipv6-v6only", true))
  code(95, u:getoption("ipv6-unicast-hops"))
  code(22, socket.tcp4():setoption("tcp-keepidle", 0))
  code(92, socket.tcp4():setoption("ipv6-v6only", true))
end)

t.case("an established connection", function()
  local server, port = s.listener()
  local c = assert(socket.connect("127.0.0.1", port))
  c:connect("127.0.0.1", port)
  code(106, c:connect("127.0.0.1", port))
  server:close()
end)

t.case("stream send and receive keep to three results", function()
  local c, peer = s.pair()
  c:close()
  t.gives(nil, "closed", "")(c:receive())
  t.gives(nil, "closed", 0)(c:send("x"))
  peer:settimeout(0)
  local refused = socket.tcp()
  refused:settimeout(0)
  refused:connect("127.0.0.1", s.dead_port())
  socket.select(nil, { refused }, s.patience)
  t.gives(nil, "connection refused", "")(refused:receive())
end)
