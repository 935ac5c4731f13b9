-- send, write and sendto on streams.

local t, s = ...
local nixio, const = s.nixio, s.const

t.case_for({ "send", "write" }, "how much was sent", function(name)
  local c, a = s.pair()
  t.gives(5)(c[name](c, "hello"))
  t.gives("hello")(a:recv(100))
end)

t.case("offsets count from 0", function()
  local c, a = s.pair()
  t.gives(5)(c:send("hello", 0))
  t.gives("hello")(a:recv(100))
  t.gives(2)(c:write("hello", 3))
  t.gives("lo")(a:recv(100))
  t.gives(1)(c:write("hello", 1, 1))
  t.gives("e")(a:recv(100))
  t.gives(3)(c:send("hello", 2))
  t.gives("llo")(a:recv(100))
  t.gives(2)(c:send("hello", 1, 2))
  t.gives("el")(a:recv(100))
  t.gives(4)(c:send("hello", nil, 4))
  t.gives("hell")(a:recv(100))
  t.gives(4)(c:send("hello", 1, nil))
  t.gives("ello")(a:recv(100))
end)

t.case("a length beyond the end, or less than nothing, is no limit", function()
  local c, a = s.pair()
  t.gives(3)(c:send("hello", 2, 100))
  t.gives("llo")(a:recv(100))
  t.gives(5)(c:send("hello", 0, -1))
  t.gives("hello")(a:recv(100))
end)

t.case("an offset beyond the end sends nothing", function()
  local c, a = s.pair()
  t.gives(0)(c:send("hello", 5))
  t.gives(0)(c:send("hello", 100))
  t.gives(0)(c:send("hello", 2, 0))
  t.gives(0)(c:send(""))
  c:send("x")
  t.gives("x")(a:recv(10))
end)

t.case("an offset before the beginning is an error", function()
  local c, peer = s.pair()
  s.fails(const.EINVAL, c:send("hello", -1))
  s.fails(const.EINVAL, c:send("hello", -3, 2))
end)

t.case("a string there must be", function()
  local c, peer = s.pair()
  for _, bad in ipairs({ {}, true, c }) do
    t.raises_like(function() return c:send(bad) end, "string expected")
  end
  t.raises_like(function() return c:send() end, "string expected")
  t.raises_like(function() return c:send("x", "y") end, "number expected")
end)

t.case("without blocking: as much as there is room for", function()
  local c, a = s.pair()
  local total = s.fill(c)
  s.would_block(c:send("x"))
  t.ok(total > 0)
  a:readall(total)
  s.await(c, "out")
  t.gives(1)(c:send("x"))
end)

t.case("blocking: all of it, however long that takes", function()
  local server, port = s.listener()
  local size = 8 * 1024 * 1024
  local peer = t.peer([[
    local nixio = require("nixio")
    local c = assert(nixio.connect("127.0.0.1", ...))
    local sum = 0
    while true do
      local data = c:recv(8192)
      if data == "" then break end
      sum = sum + #data
    end
    say(sum)
  ]], port)
  local a = t.ok(server:accept())
  t.gives(size)(a:send(("x"):rep(size)))
  a:close()
  t.equal(peer:line(), tostring(size))
end)

t.case("sndtimeo: what was sent until then, and then nothing", function()
  local c, a = s.pair()
  t.ok(c:setopt("socket", "sndtimeo", 0, 50000))
  t.ok(c:setopt("socket", "sndbuf", 16384))
  local size = 16 * 1024 * 1024
  local data = ("x"):rep(size)
  local took, sent = t.elapsed(function() return c:send(data) end)
  t.near(took, 0.05 - s.slack, 2)
  t.near(sent, 1, size - 1)
  -- What was sent may still move on to the peer.
  while c:send(("x"):rep(65536)) do t.ok(a) end
  took = t.elapsed(function() s.would_block(c:send(("x"):rep(65536))) end)
  t.near(took, 0.05 - s.slack, 1)
end)

t.case("to a peer that has gone: an error, no signal", function()
  local c, a = s.pair()
  a:close()
  local sent, code, message
  for _ = 1, 100 do
    sent, code, message = c:send("x")
    if not sent then break end
    nixio.nanosleep(0, 1000000)
  end
  t.equal(sent, nil)
  t.ok(code == const.EPIPE or code == 104, code)
  t.equal(message, nixio.strerror(code))
  s.fails(const.EPIPE, c:send("x"))
end)

t.case("a socket that was never connected", function()
  s.fails(const.EPIPE, t.ok(nixio.socket("inet", "stream")):send("x"))
end)

t.case("sendto: between connected streams the address says nothing", function()
  local c, a = s.pair()
  t.gives(5)(c:sendto("hello", "127.0.0.1", 9))
  t.gives("hello")(a:recv(10))
  t.gives(2)(c:sendto("hello", "127.0.0.1", 9, 1, 2))
  t.gives("el")(a:recv(10))
end)

t.case("every byte value", function()
  local c, a = s.pair()
  local data = s.noise(8192)
  t.gives(#data)(c:send(data))
  t.gives(data, nil, nil, data)(a:readall(#data))
end)
