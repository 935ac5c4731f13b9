-- Flags of transfers.

local t, s = ...
local S = s.S

t.case("MSG_DONTWAIT does not wait", function()
  local c, peer = s.pair()
  s.refuses("EWOULDBLOCK")(c:recv(10, S.MSG_DONTWAIT))
  s.refuses("EWOULDBLOCK")(c:recvfrom(10, S.MSG_DONTWAIT))
  peer:send("x")
  t.equal(S.socket_select({ c }, {}, {}, 5), 1)
  t.gives("x")(c:recv(10, S.MSG_DONTWAIT))
  local udp = s.receiver()
  s.refuses("EWOULDBLOCK")(udp:recvfrom(10, S.MSG_DONTWAIT))
end)

t.case("MSG_MORE holds datagrams together", function()
  local server, at = s.receiver()
  local c = t.ok(S.socket_udp())
  t.ok(c:connect(at))
  t.gives(3)(c:send("one", S.MSG_MORE))
  t.gives(3)(c:send("two"))
  t.gives("onetwo")(server:recv(100))
  local other = t.ok(S.socket_udp())
  t.gives(5)(other:sendto("three", at, S.MSG_MORE))
  t.gives(4)(other:sendto("four", at))
  t.gives("threefour")((server:recvfrom(100)))
end)

t.case("MSG_OOB, beside the stream", function()
  local c, peer = s.pair()
  t.gives(2)(peer:send("ab"))
  t.gives(1)(peer:send("!", S.MSG_OOB))
  local errors = { c }
  t.equal(S.socket_select({}, {}, errors, 5), 1)
  t.equal(errors[1], c)
  t.gives("!")(c:recv(1, S.MSG_OOB))
  t.gives("ab")(c:recv(10))
  s.refuses("EINVAL")(c:recv(1, S.bor(S.MSG_OOB, S.MSG_DONTWAIT)))
end)

t.case("MSG_NOSIGNAL, as ever", function()
  local c, peer = s.pair()
  t.gives(1)(c:send("x", S.MSG_NOSIGNAL))
  t.gives("x")(peer:recv(1, 0))
  local udp, at = s.receiver()
  t.gives(1)(S.socket_udp():sendto("x", at, S.bor(S.MSG_NOSIGNAL, S.MSG_DONTROUTE)))
  t.gives("x")(udp:recv(1))
end)

t.case("MSG_TRUNC drops bytes, and shows nobody else's", function()
  local c, peer = s.pair()
  peer:send("secret")
  t.gives("secret")(c:recv(6))
  peer:send("public")
  t.gives(("\0"):rep(6))(c:recv(6, 0x20))
end)

t.case("flags that are none", function()
  local c = s.pair()
  for _, bad in ipairs({ "x", {}, true }) do
    t.raises_like(function() c:recv(1, bad) end, "number expected")
    t.raises_like(function() c:send("x", bad) end, "number expected")
  end
  t.raises_like(function() c:recv(1, 2 ^ 40) end, "flags expected")
end)
