-- close, use after it, and collection.

local t, s = ...
local nixio = s.nixio

t.case("true, and the peer sees the end", function()
  local c, a = s.pair()
  t.gives(true)(c:close())
  t.gives("")(a:recv(10))
end)

t.case("any use after it raises", function()
  local c = s.pair()
  c:close()
  for _, call in ipairs({
    function() return c:accept() end, function() return c:bind(nil, 0) end, function() return c:close() end,
    function() return c:connect(nil, 1) end, function() return c:fileno() end,
    function() return c:getopt("socket", "error") end, function() return c:getpeername() end,
    function() return c:getsockname() end, function() return c:listen(1) end, function() return c:read(1) end,
    function() return c:recv(1) end, function() return c:recvfrom(1) end, function() return c:send("x") end,
    function() return c:sendto("x", "127.0.0.1", 1) end, function() return c:setblocking(true) end,
    function() return c:setopt("socket", "keepalive", 1) end, function() return c:shutdown() end,
    function() return c:write("x") end, function() return c:readall() end, function() return c:writeall("x") end,
  }) do
    t.raised(call)
  end
end)

t.case("collection closes", function()
  local c, a = s.pair()
  c = nil
  t.collect()
  t.equal(c, nil)
  t.gives("")(a:recv(10))
end)

t.case("to-be-closed variables", function()
  if not t.at_least("5.4") then t.skip("for Lua 5.4") end
  local c, a = s.pair()
  local chunk = assert(load("local c = ... local d <close> = c"))
  chunk(c)
  t.raised(function() return c:fileno() end)
  t.gives("")(a:recv(10))
end)

t.case("the number is free for others", function()
  t.collect()
  local c = t.ok(nixio.socket("inet", "stream"))
  local number = c:fileno()
  c:close()
  local other = t.ok(nixio.socket("inet", "stream"))
  t.equal(other:fileno(), number)
  c = nil
  t.collect()
  t.ok(other:getopt("socket", "sndbuf"))
  t.equal(c, nil)
end)

t.case("a closed socket cannot be polled", function()
  local c = s.pair()
  c:close()
  t.raises_like(function() return nixio.poll({ { fd = c, events = 1 } }, 0) end, "invalid fd")
end)
