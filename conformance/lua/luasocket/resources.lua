-- Descriptors and memory: collection, many objects, running out.

local t, s = ...
local socket = s.socket

t.case("collection closes a socket", function()
  local server, port = s.listener()
  local c = assert(socket.connect("127.0.0.1", port))
  local a = assert(server:accept())
  a:settimeout(s.patience)
  c = nil
  t.collect()
  t.equal(c, nil)
  t.gives(nil, "closed", "")(a:receive())
end)

t.case("collection closes a server", function()
  local server, port = s.listener()
  server = nil
  t.collect()
  t.equal(server, nil)
  t.fails("connection refused", socket.connect("127.0.0.1", port))
end)

t.case("collection after close does not touch a number used again", function()
  local old = socket.tcp4()
  local fd = old:getfd()
  old:close()
  local new = socket.tcp4()
  t.equal(new:getfd(), fd)
  old = nil
  t.collect()
  t.equal(old, nil)
  t.gives(1)(new:bind("127.0.0.1", 0))
end)

t.case("a thousand objects that nobody closes", function()
  local before = t.descriptors()
  for _ = 1, 1000 do socket.tcp4() end
  t.collect()
  t.equal((t.descriptors()), before)
end)

t.case("connections made and dropped leave nothing", function()
  local server, port = s.listener()
  local before = t.descriptors()
  for _ = 1, 100 do
    local c = assert(socket.connect("127.0.0.1", port))
    assert(server:accept())
    c:send("x")
  end
  t.collect()
  t.equal((t.descriptors()), before)
end)

t.case("dropped objects do not keep memory", function()
  local server, port = s.listener()
  local function round()
    for _ = 1, 100 do
      local c = assert(socket.connect("127.0.0.1", port))
      local a = assert(server:accept())
      c:send("one\ntwo\n")
      a:receive()
      c:close()
      a:close()
    end
    t.collect()
    return collectgarbage("count")
  end
  round()
  local first = round()
  local last = first
  for _ = 1, 4 do last = round() end
  t.near(last - first, -1e6, 100, "kilobytes gained")
end)

t.case("errors do not keep memory", function()
  local c = s.pair()
  c:settimeout(0)
  local function round()
    for _ = 1, 2000 do
      c:receive()
      pcall(c.receive, c, "*x")
    end
    t.collect()
    return collectgarbage("count")
  end
  round()
  local first = round()
  t.near(round() - first, -1e6, 50, "kilobytes gained")
end)

t.case("out of descriptors: nil and a message, then recovery", function()
  local peer = t.peer_with("ulimit -n 24", [[
    local socket = require("socket")
    local server = assert(socket.bind("127.0.0.1", 0))
    local _, port = server:getsockname()
    local keep, err = {}, nil
    while true do
      local c
      c, err = socket.tcp4()
      if not c then break end
      keep[#keep + 1] = c
    end
    say("tcp4", err)
    say("connect", (select(2, socket.connect("127.0.0.1", tonumber(port)))))
    say("bind", (select(2, socket.bind("127.0.0.1", 0))))
    say("tcp", (select(2, socket.tcp():connect("127.0.0.1", tonumber(port)))))
    keep[#keep]:settimeout(5)
    say("waiting", keep[#keep]:connect("127.0.0.1", tonumber(port)))
    server:settimeout(1)
    say("accept", (select(2, server:accept())))
    keep[1]:close()
    say("again", server:accept() ~= nil)
  ]])
  local text = "Too many open files"
  t.equal(peer:line(), "tcp4 " .. text)
  t.equal(peer:line(), "connect " .. text)
  t.equal(peer:line(), "bind " .. text)
  t.equal(peer:line(), "tcp " .. text)
  t.ok(peer:line():find("^waiting 1"))
  t.equal(peer:line(), "accept " .. text)
  t.equal(peer:line(), "again true")
end)

t.case("out of descriptors: those of garbage are set free", function()
  -- The collector is stopped, so nothing but the shortage sets any free.
  local peer = t.peer_with("ulimit -n 40", [[
    collectgarbage("stop")
    local socket = require("socket")
    local server = assert(socket.bind("127.0.0.1", 0))
    local _, port = server:getsockname()
    for i = 1, 200 do
      assert(socket.connect("127.0.0.1", tonumber(port)), i)
      assert(server:accept(), i)
      assert(socket.tcp():connect("127.0.0.1", tonumber(port)), i)
      assert(server:accept(), i)
      assert(socket.tcp4(), i)
      assert(socket.udp4(), i)
      assert(socket.udp():setpeername("127.0.0.1", port), i)
      assert(socket.tcp():bind("127.0.0.1", 0), i)
    end
    say("done")
  ]])
  t.equal(peer:line(), "done")
end)

t.case("a huge count takes no memory in advance", function()
  -- 2^36 bytes are more than the process may have; what it gets is three.
  local peer = t.peer_with("ulimit -v 4000000", [[
    local socket = require("socket")
    local server = assert(socket.bind("127.0.0.1", 0))
    local _, port = server:getsockname()
    for _, count in ipairs({ 2 ^ 31, 2 ^ 36, 1e12, 2 ^ 53 }) do
      local c = assert(socket.connect("127.0.0.1", tonumber(port)))
      local a = assert(server:accept())
      a:send("abc")
      a:close()
      say(c:receive(count))
    end
  ]])
  for _ = 1, 4 do t.equal(peer:line(), "nil closed abc") end
end)

t.case("closing in a finalizer order nobody chose", function()
  -- Objects that refer to each other are collected together.
  for _ = 1, 50 do
    local a, b = socket.tcp4(), socket.tcp4()
    local ring = { a, b }
    ring[3] = ring
  end
  t.collect()
end)

t.case("an object used in another object's collection", function()
  if not t.at_least("5.2") then t.skip("no __gc for tables on this Lua") end
  local c, peer = s.pair()
  setmetatable({}, { __gc = function() peer:send("from gc\n") end })
  t.collect()
  t.gives("from gc", nil, nil)(c:receive())
end)

t.case("__gc called by hand closes, once", function()
  local c, peer = s.pair()
  local gc = getmetatable(c).__gc
  gc(c)
  t.gives(nil, "closed", "")(peer:receive())
  t.equal(c:getfd(), -1)
  gc(c)
end)

-- What a collected object of each class answers: as a closed one.
local function closed_answers(stream, server, udp, unix)
  t.gives(nil, "closed", 0)(stream:send("x"))
  t.gives(nil, "closed", "")(stream:receive())
  t.fails("Bad file descriptor", stream:getpeername())
  t.equal((stream:getoption("keepalive")), nil)
  t.fails("closed", server:accept())
  t.fails("refused", udp:send("x"))
  for _, object in ipairs({ stream, server, udp, unix }) do
    t.gives(-1)(object:getfd())
    t.gives(false)(object:dirty())
    t.gives(1)(object:settimeout(1))
    t.gives(1)(object:close())
  end
  local readable, _, message = socket.select({ stream, server, udp, unix }, nil, 0)
  t.equal(#readable, 0)
  t.equal(message, "timeout")
end

local function objects()
  local stream, peer = s.pair()
  local udp = t.ok(socket.udp4())
  t.ok(udp:setpeername("127.0.0.1", 9))
  return stream, peer, t.ok(socket.bind("127.0.0.1", 0)), udp, require("socket.unix")()
end

t.case("a finalizer may close a socket that was collected before it", function()
  if not t.at_least("5.2") then t.skip("no __gc for tables on this Lua") end
  local problem = "it did not run"
  -- What gets its finalizer first is finalized last: as objects do that make a socket in their constructor.
  local owner = setmetatable({}, {
    __gc = function(self)
      local ok, why = pcall(closed_answers, self.stream, self.server, self.udp, self.unix)
      problem = not ok and why or nil
    end,
  })
  local peer
  owner.stream, peer, owner.server, owner.udp, owner.unix = objects()
  owner = nil
  t.collect()
  t.equal(problem, nil)
  t.gives(nil, "closed", "")(peer:receive())
end)

t.case("after __gc by hand every class is as closed", function()
  local stream, _, server, udp, unix = objects()
  for _, object in ipairs({ stream, server, udp, unix }) do getmetatable(object).__gc(object) end
  closed_answers(stream, server, udp, unix)
end)

t.case("a collected object takes no descriptor", function()
  local stream, peer = s.pair()
  local fd = peer:getfd()
  getmetatable(stream).__gc(stream)
  t.raises_like(function() stream:setfd(fd) end, "'setfd' on bad self")
  t.equal(peer:getfd(), fd)
  t.gives(1)(peer:close())
end)

t.case("a hundred connections open at once", function()
  local server, port = s.listener("127.0.0.1", 256)
  local clients, accepted = {}, {}
  for i = 1, 100 do
    clients[i] = assert(socket.connect("127.0.0.1", port))
    accepted[i] = assert(server:accept())
    accepted[i]:settimeout(s.patience)
  end
  for i = 100, 1, -1 do clients[i]:send(i .. "\n") end
  for i = 1, 100 do t.gives(tostring(i), nil, nil)(accepted[i]:receive()) end
end)
