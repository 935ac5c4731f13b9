-- The functions that make sockets: socket, bind, connect.

local t, s = ...
local nixio, const = s.nixio, s.const

t.case("socket: every domain and type", function()
  for _, domain in ipairs({ "inet", "inet6", "unix" }) do
    for _, kind in ipairs({ "stream", "dgram" }) do
      local socket = t.ok(t.results(1, nixio.socket(domain, kind)))
      t.gives(true)(socket:close())
    end
  end
end)

t.case("socket: raw", function()
  local socket, code, message = nixio.socket("inet", "raw", "icmp")
  if not socket then
    t.equal(code, const.EPERM)
    t.equal(type(message), "string")
  else
    t.gives(true)(socket:setopt("ip", "hdrincl", 1))
    t.gives(1)(socket:getopt("ip", "hdrincl"))
    t.gives(true)(socket:setopt("ip", "hdrincl", 0))
    t.gives(0)(socket:getopt("ip", "hdrincl"))
  end
end)

t.case("socket: words that it does not know raise", function()
  for _, words in ipairs({
    {}, { "inet" }, { "inet", "seqpacket" }, { "ipx", "stream" }, { "inet", "raw", "tcp" }, { nil, "stream" },
    { "INET", "stream" }, { "inet", {} },
  }) do
    t.raises_like(function() return nixio.socket(words[1], words[2], words[3]) end, "bad argument")
  end
end)

t.case("socket: what the system refuses", function()
  s.fails(93, nixio.socket("inet", "stream", "icmp"))
end)

t.case("bind: all addresses, a port of the system's choice", function()
  local socket = t.ok(t.results(1, nixio.bind(nil, 0)))
  local ip, port = t.results(2, socket:getsockname())
  t.equal(ip, "0.0.0.0")
  t.ok(port > 0)
  local six, _, err = nixio.bind(nil, 0, "inet6")
  if not six then t.skip("no IPv6 here: " .. tostring(err)) end
  t.equal((six:getsockname()), "::")
end)

t.case("bind: a star is no host", function()
  t.equal((t.ok(nixio.bind("*", 0)):getsockname()), "0.0.0.0")
end)

t.case("bind: sets reuseaddr, does not listen", function()
  local socket = t.ok(nixio.bind("127.0.0.1", 0))
  t.gives(1)(socket:getopt("socket", "reuseaddr"))
  s.fails(const.EINVAL, socket:accept())
end)

t.case("bind: families and types", function()
  t.equal((t.ok(nixio.bind("localhost", 0, "inet")):getsockname()), "127.0.0.1")
  local udp = t.ok(nixio.bind("127.0.0.1", 0, "any", "dgram"))
  s.fails(95, udp:listen(1))
  t.ok(nixio.bind("127.0.0.1", 0, "inet", "any"):listen(1))
  t.ok(nixio.bind("127.0.0.1", "0", nil, nil))
  for _, words in ipairs({ { "unix" }, { "inet", "raw" }, { "Any" } }) do
    t.raises_like(function() return nixio.bind("127.0.0.1", 0, words[1], words[2]) end, "supported values")
  end
end)

t.case("bind: a service by name", function()
  local socket = nixio.bind("127.0.0.1", "http")
  -- Without privilege the name has been found all the same.
  t.ok(socket or nixio.errno() == const.EACCES)
  s.fails(-8, nixio.bind("127.0.0.1", "no-such-service"))
end)

t.case("bind: failures", function()
  local _, port = s.listener()
  s.fails(const.EADDRINUSE, nixio.bind("127.0.0.1", port))
  s.fails(99, nixio.bind("192.0.2.1", 0))
  s.fails(-2, nixio.bind("", 0))
  s.fails(-9, nixio.bind("127.0.0.1", 0, "inet6"))
  t.raises_like(function() return nixio.bind("127.0.0.1") end, "string expected")
end)

t.case("bind: ports that are none", function()
  s.fails(-8, nixio.bind("127.0.0.1", -1))
end)

t.case("bind: ports don't wrap", function()
  s.fails(-8, nixio.bind("127.0.0.1", 70000))
  s.fails(-8, nixio.connect("127.0.0.1", 65536 + 80))
end)

t.case("bind: a port that is a float", function()
  t.ok(nixio.bind("127.0.0.1", 0.0))
end)

t.case_for(s.ips, "connect", function(ip)
  local server, port = s.listener(ip)
  local c = t.ok(t.results(1, nixio.connect(ip, port)))
  t.gives(ip, port)(c:getpeername())
  local a = t.ok(server:accept())
  c:send("hello")
  t.gives("hello")(a:recv(10))
end)

t.case("connect: no host is this one", function()
  local _, port = s.listener()
  t.equal((t.ok(nixio.connect(nil, port, "inet")):getpeername()), "127.0.0.1")
  t.equal((t.ok(nixio.connect("localhost", tostring(port))):getpeername()), "127.0.0.1")
end)

t.case("connect: datagrams", function()
  local there, port = s.datagram()
  local c = t.ok(nixio.connect("127.0.0.1", port, "inet", "dgram"))
  c:send("x")
  t.equal((there:recv(10)), "x")
end)

t.case("connect: any type is a stream where there is one, else datagrams", function()
  local server, port = s.listener()
  t.ok(nixio.connect("127.0.0.1", port, "any", "any"))
  t.ok(server:accept())
  server:close()
  local c = t.ok(nixio.connect("127.0.0.1", port, "any", "any"))
  s.fails(95, c:getopt("tcp", "nodelay"))
end)

t.case("connect: failures", function()
  s.fails(111, nixio.connect("127.0.0.1", s.dead_port()))
  s.fails(-2, nixio.connect("", 80))
  s.fails(-9, nixio.connect("127.0.0.1", 80, "inet6"))
  s.fails(-8, nixio.connect("127.0.0.1", "no-such-service"))
  t.raises_like(function() return nixio.connect("127.0.0.1") end, "string expected")
  t.raises_like(function() return nixio.connect("127.0.0.1", 80, "ipv4") end, "supported values")
end)

t.case("connect: a refusal leaves no descriptor behind", function()
  local port = s.dead_port()
  t.collect()
  local probe = t.ok(nixio.socket("inet", "stream"))
  local number = probe:fileno()
  probe:close()
  for _ = 1, 50 do nixio.connect("127.0.0.1", port) end
  t.collect()
  t.ok(t.ok(nixio.socket("inet", "stream")):fileno() <= number)
end)

t.case("descriptors are not passed on to programs", function()
  local socket = t.ok(nixio.socket("inet", "stream"))
  local _, accepted = s.pair()
  for _, one in ipairs({ socket, accepted }) do
    local file = assert(io.open("/proc/self/fdinfo/" .. one:fileno()))
    local info = file:read("*a")
    file:close()
    local flags = tonumber(info:match("flags:%s*(%d+)"), 8)
    t.ok(flags >= 524288, info)
  end
end)
