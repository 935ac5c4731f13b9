-- close, and calls afterwards.

local t, s = ...
local osn = s.osn

-- What every call on a closed socket gives.
local gone = t.gives(nil, "Bad file descriptor", 9)

--- A bound udp socket.
local function datagram() return t.ok(osn.serve({ ip = "127.0.0.1", port = "0", protocol = "udp" })) end

t.case("close gives true, a second time nil and a message", function()
  for _, object in ipairs({ (s.pair()), (s.listener()), datagram() }) do
    t.gives(true)(object:close())
    gone(object:close())
  end
end)

t.case("calls after close", function()
  local c = s.pair()
  c:close()
  gone(c:receive(10))
  gone(c:receive(10, 1))
  gone(c:receive(10, "BLOCK"))
  gone(c:send("x"))
  gone(c:getpeername())
  gone(c:getsockname())
  local server = s.listener()
  server:close()
  gone(server:accept())
  gone(server:getsockname())
  gone(server:accept(nil, 1000))
  local here = datagram()
  here:close()
  gone(here:receive(10))
  gone(here:send("x", { ip = "127.0.0.1", port = "9" }))
  gone(here:getpeername())
  gone(here:getsockname())
end)

t.case("the peer sees it", function()
  local c, peer = s.pair()
  c:close()
  t.gives(nil, "closed")(peer:receive(10))
end)

t.case("close frees the descriptor at once", function()
  local before = t.descriptors()
  local c, peer = s.pair()
  c:close()
  peer:close()
  t.equal((t.descriptors()), before)
end)

t.case("to-be-closed variables", function()
  if not t.at_least("5.4") then t.skip("no to-be-closed variables on this Lua") end
  local c, peer = s.pair()
  local leave = assert(load("local c <close> = ..."))
  leave(c)
  t.gives(nil, "closed")(peer:receive(10))
  for _, object in ipairs({ (s.listener()), datagram() }) do
    leave(object)
    t.equal(object.closed, true)
  end
end)

t.case("closed, before and after", function()
  local c, peer = s.pair()
  t.equal(c.closed, false)
  c:close()
  t.equal(c.closed, true)
  t.gives(nil, "closed")(peer:receive(1))
  t.equal(peer.closed, false)
  t.raises_like(function() peer.closed = true end, "read-only")
  t.raises_like(function() peer.open = true end, "no such property")
end)
