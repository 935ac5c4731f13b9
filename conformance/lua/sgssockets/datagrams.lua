-- sendto and recvfrom.

local t, s = ...
local S = s.S

t.case_for(s.families, "a question, and the answer to its sender", function(family)
  local server, at = s.receiver(family)
  local one, two = t.ok(S.socket_udp(family == "AF_INET6")), t.ok(S.socket_udp(family == "AF_INET6"))
  t.gives(3)(one:sendto("one", at))
  t.gives(3)(two:sendto("two", at))
  for _ = 1, 2 do
    local data, from = t.ok(t.results(2, server:recvfrom(100)))
    t.equal(S.typeof(from), "socket_address")
    t.gives(#data + 1)(server:sendto(data .. "!", from))
  end
  t.gives("two!")(two:recv(100))
  t.gives("one!")((one:recvfrom(100)))
end)

t.case("longer messages are cut, empty ones are messages", function()
  local server, at = s.receiver()
  local c = t.ok(S.socket_udp())
  c:sendto("0123456789", at)
  c:sendto("", at)
  c:sendto("", at)
  c:sendto("next", at)
  t.gives("0123")((server:recvfrom(4)))
  t.gives("")((server:recvfrom(10)))
  t.gives("")(server:recv(10))
  t.gives("next")(server:recv(10))
end)

t.case("a time limit", function()
  local server, at = s.receiver()
  server.recv_timeout = 0.1
  local took = t.elapsed(function() s.refuses("EWOULDBLOCK")(server:recvfrom(10)) end)
  t.near(took, 0.1 - s.slack, 0.6)
  s.refuses("EWOULDBLOCK")(server:recv(10))
  t.ok(S.socket_udp():sendto("x", at))
  t.gives("x")(server:recv(10))
end)

t.case("a connected socket", function()
  local server, at = s.receiver()
  local c = t.ok(S.socket_udp())
  t.gives(true)(c:connect(at))
  t.gives(5)(c:send("hello"))
  t.gives(0)(c:send(""))
  local data, from = server:recvfrom(10)
  t.equal(data, "hello")
  t.equal(from, c:getsockname() and from)
  t.equal(from.port, c:getsockname().port)
  t.gives("")((server:recvfrom(10)))
  t.equal(c:getpeername().port, at.port)
end)

t.case("too long, nowhere to go, wrong arguments", function()
  local c = t.ok(S.socket_udp())
  s.refuses("EDESTADDRREQ")(c:send("x"))
  s.refuses("EMSGSIZE")(c:sendto(("x"):rep(70000), s.loopback(9)))
  t.raises_like(function() c:sendto("x") end, "socket_address expected")
  t.raises_like(function() c:sendto("x", "127.0.0.1:9") end, "socket_address expected")
  t.raises_like(function() c:sendto({}, s.loopback(9)) end, "string expected")
end)
