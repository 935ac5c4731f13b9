-- What of a socket is read and written like a field.

local t, s = ...
local S = s.S

t.case("error: 0, then what a refusal left, once", function()
  local server, at = s.receiver()
  server:close()
  local c = t.ok(S.socket_udp())
  t.equal(c.error, 0)
  t.gives(true)(c:connect(at))
  t.equal(c.error, 0)
  t.ok(c:send("x"))
  -- The refusal comes back at once on the loopback.
  local code = 0
  for _ = 1, 200 do
    code = c.error
    if code ~= 0 then break end
    s.sleep(0.002)
  end
  t.equal(code, S.socket_geterrnobyname("ECONNREFUSED"))
  t.equal(c.error, 0)
  t.raises_like(function() c.error = 0 end, "read-only")
end)

t.case("blocking: off, nothing waits", function()
  local c, peer = s.pair()
  t.equal(c.blocking, true)
  c.blocking = false
  t.equal(c.blocking, false)
  s.refuses("EWOULDBLOCK")(c:recv(10))
  peer:send("x")
  c.blocking = true
  t.gives("x")(c:recv(10))
  local server = s.listener()
  server.blocking = false
  local none, message = server:accept()
  t.equal(none, nil)
  t.equal(type(message), "string")
  s.error_is("EWOULDBLOCK")
end)

t.case("blocking: a connect that goes on by itself", function()
  local server, at = s.listener()
  local c = t.ok(S.socket_tcp())
  c.blocking = false
  if not c:connect(at) then s.error_is("EINPROGRESS") end
  t.equal(S.socket_select({}, { c }, {}, 5), 1)
  t.equal(c.error, 0)
  t.ok(server:accept())
  t.equal(c:getpeername().port, at.port)
end)

t.case("blocking: a send takes what there is room for", function()
  local c, a = s.pair()
  c.blocking = false
  local data = ("x"):rep(65536)
  local total, sent = 0, nil
  for _ = 1, 10000 do
    sent = c:send(data)
    if not sent then break end
    t.ok(sent >= 1 and sent <= #data)
    total = total + sent
  end
  t.equal(sent, false)
  s.error_is("EWOULDBLOCK")
  t.ok(total > 0)
  a:close()
end)

t.case("broadcast and reuse_addr: off, on, off", function()
  local c = t.ok(S.socket_udp())
  for _, name in ipairs({ "broadcast", "reuse_addr" }) do
    t.equal(c[name], false, name)
    c[name] = true
    t.equal(c[name], true, name)
    c[name] = false
    t.equal(c[name], false, name)
  end
end)

t.case("reuse_addr: a port that connections still linger on", function()
  -- The system wants it of all who share a port.
  local server = t.ok(S.socket_tcp())
  server.reuse_addr = true
  t.ok(server:bind(0) and server:listen(1))
  local at = s.loopback(server:getsockname().port)
  local c = t.ok(S.socket_tcp())
  t.ok(c:connect(at))
  local a = t.ok(server:accept())
  -- The side that closes first keeps the port for a while.
  a:close()
  t.gives(true)(c:recv(1))
  c:close()
  server:close()
  local again = t.ok(S.socket_tcp())
  s.refuses("EADDRINUSE")(again:bind(at.port))
  again.reuse_addr = true
  t.gives(true)(again:bind(at.port))
end)

t.case("time limits read back what was written", function()
  local c = t.ok(S.socket_tcp())
  for _, name in ipairs({ "send_timeout", "recv_timeout" }) do
    t.equal(c[name], 0, name)
    for _, seconds in ipairs({ 1.5, 0.25, 3600, 0 }) do
      c[name] = seconds
      t.equal(c[name], seconds, name)
    end
    for _, bad in ipairs({ -1, 0 / 0, "x", {}, true }) do
      t.raises_like(function() c[name] = bad end, name .. ": seconds expected")
    end
    t.raises_like(function() c[name] = nil end, name)
  end
end)

t.case("recv_timeout ends a recv, never early, and an accept", function()
  local c, peer = s.pair()
  c.recv_timeout = 0.2
  local took = t.elapsed(function() s.refuses("EWOULDBLOCK")(c:recv(10)) end)
  t.near(took, 0.2 - s.slack, 0.7)
  peer:send("x")
  t.gives("x")(c:recv(10))
  local server = s.listener()
  server.recv_timeout = 0.05
  took = t.elapsed(function() t.fails_like("", server:accept()) end)
  t.near(took, 0.05 - s.slack, 0.6)
  s.error_is("EWOULDBLOCK")
end)

t.case("send_timeout ends a send that nobody reads", function()
  local c, peer = s.pair()
  c.send_timeout = 0.1
  local data = ("x"):rep(2 ^ 20)
  local total, sent = 0, nil
  for _ = 1, 100 do
    local took = t.elapsed(function() sent = c:send(data) return sent end)
    t.ok(took < 0.6, took)
    if not sent then break end
    total = total + sent
  end
  s.refuses("EWOULDBLOCK")(sent)
  -- What was counted as sent is what arrives.
  c:close()
  t.equal(#s.all(peer), total)
end)

t.case("send_timeout ends a connect that nobody answers, too", function()
  -- A listener whose backlog is full answers nobody.
  local server = t.ok(S.socket_tcp())
  t.ok(server:bind(0) and server:listen(0))
  local at, clients = s.loopback(server:getsockname().port), {}
  for i = 1, 8 do
    clients[i] = t.ok(S.socket_tcp())
    clients[i].send_timeout = 0.05
    local done
    local took = t.elapsed(function() done = clients[i]:connect(at) end)
    if not done then
      s.error_is("EINPROGRESS")
      t.near(took, 0.05 - s.slack, 0.6)
      return
    end
  end
  t.fail("the backlog took eight")
end)

t.case("send_timeout and blocking are for sendto as for send", function()
  local c, peer = s.pair()
  local at, data = c:getpeername(), ("x"):rep(2 ^ 20)
  -- How long the sendto took that was refused: what the system has taken may still move on.
  local function refused()
    for _ = 1, 100 do
      local took, sent = t.elapsed(function() return c:sendto(data, at) end)
      if not sent then
        s.error_is("EWOULDBLOCK")
        return took
      end
    end
    t.fail("there was room for 100 MiB", 2)
  end
  c.send_timeout = 0.03
  t.near(refused(), 0.03 - s.slack, 0.6)
  c.send_timeout = 30
  c.blocking = false
  t.near(refused(), 0, 5)
  s.refuses("EWOULDBLOCK")(c:recvfrom(1))
  t.ok(peer)
end)

t.case("there are no others", function()
  local c = t.ok(S.socket_tcp())
  t.equal(c.color, nil)
  t.equal(c[1], nil)
  t.raises_like(function() c.color = "red" end, "no such property")
  t.raises_like(function() c.send = print end, "no such property")
  t.raises_like(function() c[1] = 1 end, "no such property")
end)
