-- Sockets: made, bound, listening, connected, shut down, closed.

local t, s = ...
local S = s.S

t.case("each way to make one", function()
  for _, socket in ipairs({
    t.ok(t.results(1, S.socket(S.AF_INET, S.SOCK_STREAM, S.IPPROTO_TCP))),
    t.ok(S.socket(S.PF_INET, S.SOCK_DGRAM, 0)),
    t.ok(S.socket(S.AF_UNIX, S.SOCK_SEQPACKET, 0)),
    t.ok(t.results(1, S.socket_tcp())),
    t.ok(S.socket_tcp(false)),
    t.ok(S.socket_udp()),
  }) do
    t.equal(S.typeof(socket), "socket")
    t.equal(tostring(socket), "socket")
    t.ok(S.tobool(socket))
  end
  t.fails_like("", S.socket(S.AF_INET, S.SOCK_STREAM, S.IPPROTO_UDP))
  t.ok(S.socket_error() ~= 0)
  t.fails_like("", S.socket(4711, S.SOCK_STREAM, 0))
  t.fails_like("", S.socket(2 ^ 40, 1, 0))
  for _, arguments in ipairs({ {}, { S.AF_INET }, { S.AF_INET, S.SOCK_STREAM } }) do
    t.raises_like(function() S.socket(arguments[1], arguments[2], arguments[3]) end, "number expected")
  end
end)

t.case("listen: so many may wait, and one more", function()
  local server = t.ok(S.socket_tcp())
  t.gives(true)(server:bind(0))
  t.gives(true)(server:listen(1))
  local at, clients = s.loopback(server:getsockname().port), {}
  for i = 1, 3 do
    clients[i] = t.ok(S.socket_tcp())
    clients[i].blocking = false
    clients[i]:connect(at)
    t.equal(S.socket_select({}, { clients[i] }, {}, i < 3 and 5 or 0.05), i < 3 and 1 or 0, i)
  end
  t.raises_like(function() server:listen() end, "number expected")
end)

t.case("getsockname: the address, which is its own", function()
  local socket = t.ok(S.socket_tcp())
  t.equal(tostring((t.results(1, socket:getsockname()))), "0.0.0.0:0")
  local server, at = s.listener()
  local c = t.ok(S.socket_tcp())
  t.gives(true)(c:connect(at))
  t.equal(t.results(1, c:getpeername()), at)
  t.equal(c:getsockname().addr_string, "127.0.0.1")
end)

t.case_for(s.families, "listen, connect, accept", function(family)
  local server, at = s.listener(family)
  local c = t.ok(S.socket_tcp(family == "AF_INET6"))
  t.gives(true)(c:connect(at))
  local a, from = t.ok(t.results(2, server:accept()))
  t.equal(S.typeof(a), "socket")
  t.equal(S.typeof(from), "socket_address")
  t.equal(from.family, S[family])
  t.differs(from.port, at.port)
  t.equal(from.port, c:getsockname().port)
  t.equal(a:getpeername().full_addr_string, from.full_addr_string)
  t.equal(c:getpeername().full_addr_string, at.full_addr_string)
  t.gives(5)(c:send("hello"))
  t.gives("hello")(a:recv(10))
end)

t.case("bind to a port that is taken", function()
  local server, at = s.listener()
  local other = t.ok(S.socket_tcp())
  s.refuses("EADDRINUSE")(other:bind(at.port))
  t.gives(true)(other:bind(0))
  server:close()
  for _, port in ipairs({ -1, 65536, 1.5, 0 / 0 }) do
    t.raises_like(function() other:bind(port) end, "65535")
  end
  t.raises_like(function() other:bind() end, "number expected")
  s.refuses("EINVAL")(t.ok(S.socket(S.AF_UNIX, S.SOCK_STREAM, 0)):bind(0))
end)

t.case("connect to nobody, and to the wrong family", function()
  local at = s.nobody()
  s.refuses("ECONNREFUSED")(t.ok(S.socket_tcp()):connect(at))
  s.refuses("EAFNOSUPPORT")(t.ok(S.socket_tcp()):connect(s.loopback(1, "AF_INET6")))
  t.raises_like(function() S.socket_tcp():connect("127.0.0.1") end, "socket_address expected")
  t.raises_like(function() S.socket_tcp():connect() end, "socket_address expected")
end)

t.case("accept waits for another process", function()
  local server, at = s.listener()
  local peer = s.process(at, [[
    sleep(0.15)
    local c = S.socket_tcp()
    assert(c:connect(at))
    c:send("here")
    c:recv(1)
  ]])
  local took = t.elapsed(function()
    local a = t.ok(server:accept())
    t.gives("here")(a:recv(10))
    a:close()
  end)
  t.near(took, 0.02, 5)
  t.equal(peer:finish(), "")
end)

t.case("one direction ends, the other goes on", function()
  local c, peer = s.pair()
  t.gives(true)(c:shutdown(S.SHUT_WR))
  t.gives(true)(peer:recv(10))
  t.gives(4)(peer:send("back"))
  t.gives("back")(c:recv(10))
  s.refuses("EPIPE")(c:send("x"))
  t.gives(true)(peer:shutdown(S.SD_BOTH))
  t.gives(true)(c:recv(10))
  s.refuses("EINVAL")(c:shutdown(3))
  s.refuses("EINVAL")(c:shutdown(-1))
  s.refuses("ENOTCONN")(t.ok(S.socket_tcp()):shutdown(S.SHUT_RDWR))
end)

t.case("close, and everything after it", function()
  local c = s.pair()
  t.gives(true)(c:close())
  s.refuses("EBADF")(c:close())
  s.refuses("EBADF")(c:send("x"))
  s.refuses("EBADF")(c:send(""))
  s.refuses("EBADF")(c:sendto("x", s.loopback(1)))
  s.refuses("EBADF")(c:recv(1))
  s.refuses("EBADF")(c:recv(0))
  s.refuses("EBADF")(c:recvfrom(1))
  s.refuses("EBADF")(c:bind(0))
  s.refuses("EBADF")(c:listen(1))
  s.refuses("EBADF")(c:connect(s.loopback(1)))
  s.refuses("EBADF")(c:shutdown(S.SHUT_WR))
  t.fails_like("", c:accept())
  t.fails_like("", c:getpeername())
  t.equal(c.error, S.socket_geterrnobyname("EBADF"))
  t.equal(c.broadcast, false)
  s.error_is("EBADF")
end)

t.case("closing a closed number does not touch another", function()
  local c = s.pair()
  c:close()
  local d, other = s.pair()
  c:close()
  c = nil
  t.collect()
  t.gives(1)(d:send("x"))
  t.gives("x")(other:recv(1))
end)

t.case("to-be-closed variables", function()
  if not t.at_least("5.4") then t.skip("no to-be-closed variables on this Lua") end
  local load = loadstring or load
  local kept = t.ok(load("local S = ... do local c <close> = S.socket_tcp() return c end"))(S)
  t.equal(S.tobool(kept), false)
end)
