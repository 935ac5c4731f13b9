-- close, and calls afterwards.

local t, s = ...

t.case("close gives true, a second time nil and a message", function()
  for _, object in ipairs({ (s.pair()), (s.listener()) }) do
    t.gives(true)(object:close())
    s.refused(object:close())
  end
end)

t.case("calls after close", function()
  local c = s.pair()
  c:close()
  s.refused(c:receive(10))
  s.refused(c:receive(10, 1))
  s.refused(c:receive(10, "BLOCK"))
  s.refused(c:send("x"))
  s.refused(c:getpeername())
  s.refused(c:getsockname())
  local server = s.listener()
  server:close()
  s.refused(server:accept())
  s.refused(server:getsockname())
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
  assert(load("local c <close> = ..."))(c)
  t.gives(nil, "closed")(peer:receive(10))
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
