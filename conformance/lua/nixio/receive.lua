-- recv, read and recvfrom on streams.

local t, s = ...
local nixio = s.nixio

t.case_for({ "recv", "read" }, "what is there, at most the length", function(name)
  local c, a = s.pair()
  t.ok(c:send("hello"))
  t.gives("he")(a[name](a, 2))
  t.gives("llo")(a[name](a, 100))
end)

t.case("at most buffersize", function()
  local c, a = s.pair()
  local data = s.noise(20000)
  t.gives(#data, nil, nil, #data)(c:writeall(data))
  c:close()
  local parts = {}
  while true do
    local part = t.results(1, a:recv(100000))
    if part == "" then break end
    t.ok(#part <= 8192, #part)
    parts[#parts + 1] = part
  end
  t.equal(table.concat(parts), data)
end)

t.case("odd lengths ask for all that there may be", function()
  local c, a = s.pair()
  for _, length in ipairs({ -1, -100, 2 ^ 31, s.ours and 2 ^ 40 or 2 ^ 31 }) do
    c:send("data")
    t.gives("data")(a:recv(length))
  end
end)

t.case("a length there must be", function()
  local c, peer = s.pair()
  for _, name in ipairs({ "recv", "read", "recvfrom" }) do
    t.raises_like(function() return c[name](c) end, "number expected")
    t.raises_like(function() return c[name](c, nil) end, "number expected")
    t.raises_like(function() return c[name](c, "x") end, "number expected")
  end
end)

t.case("a length with a fraction", function()
  local c, a = s.pair()
  c:send("xy")
  if t.at_least("5.3") then
    t.raises_like(function() return a:recv(1.5) end, "number has no integer representation")
  else
    t.gives("x")(a:recv(1.5))
  end
  t.ok(a:recv(1.0))
end)

t.case("the end of the stream is an empty string, again and again", function()
  local c, a = s.pair()
  c:send("x")
  c:close()
  t.gives("x")(a:recv(10))
  for _ = 1, 3 do
    t.gives("")(a:recv(10))
    t.gives("")(a:read(10))
  end
end)

t.case("it waits for what comes", function()
  local server, port = s.listener()
  local peer = t.peer([[
    local nixio = require("nixio")
    local c = assert(nixio.connect("127.0.0.1", ...))
    nixio.nanosleep(0, 100000000)
    c:send("late")
    c:recv(1)
  ]], port)
  local a = t.ok(server:accept())
  t.gives("late")(a:recv(10))
  a:close()
  t.equal(peer:finish(), "")
end)

t.case("without blocking", function()
  local c, a = s.pair()
  a:setblocking(false)
  s.would_block(a:recv(10))
  s.would_block(a:recvfrom(10))
  c:send("x")
  s.await(a)
  t.gives("x")(a:recv(10))
  s.would_block(a:recv(10))
  c:close()
  s.await(a)
  t.gives("")(a:recv(10))
end)

t.case("nothing is asked for, nothing waited for", function()
  local c, a = s.pair()
  t.ok(a:setopt("socket", "rcvtimeo", 3))
  t.near(t.elapsed(function() t.gives("")(a:recv(0)) end), 0, 2)
  c:send("x")
  t.gives("")(a:recv(0))
  t.gives("x")(a:recv(1))
end)

t.case("recvfrom: at most the length", function()
  local c, a = s.pair()
  c:send("hello world")
  s.await(a)
  t.equal((a:recvfrom(5)), "hello")
  t.equal((a:recvfrom(100)), " world")
end)

t.case("recvfrom: the data, and the peer's address", function()
  local c, a = s.pair()
  c:send("x")
  t.gives("x", c:getsockname())(a:recvfrom(10))
  c:close()
  t.equal((a:recvfrom(10)), "")
end)

t.case("recvfrom never has an older message's address", function()
  local here, port = s.datagram()
  local there = s.datagram()
  there:sendto("m", "127.0.0.1", port)
  local _, _, from = here:recvfrom(10)
  local c, a = s.pair()
  c:send("x")
  local _, ip, peer = a:recvfrom(10)
  t.differs(peer, from)
  t.ok(ip == nil or peer == select(2, c:getsockname()))
end)

t.case("nothing stays behind in a buffer", function()
  local c, a = s.pair()
  c:send("abcdef")
  s.await(a)
  t.gives("a")(a:recv(1))
  t.equal((nixio.poll({ { fd = a, events = 1 } }, 0)), 1)
  t.gives("bcdef")(a:recv(10))
  t.gives(false)(nixio.poll({ { fd = a, events = 1 } }, 0))
end)

t.case("a socket that was never connected", function()
  s.fails(107, t.ok(nixio.socket("inet", "stream")):recv(10))
  local refused = t.ok(nixio.socket("inet", "stream"))
  refused:connect("127.0.0.1", s.dead_port())
  s.fails(107, refused:recv(10))
end)

t.case("a reset", function()
  local c, a = s.pair()
  c:send("unread")
  s.await(a)
  a:send("x")
  s.await(c)
  a:close()
  c:recv(1)
  s.fails(104, c:recv(10))
end)

t.case("every byte value", function()
  local c, a = s.pair()
  local data = s.noise(5000)
  c:writeall(data)
  t.gives(data, nil, nil, data)(a:readall(#data))
end)
