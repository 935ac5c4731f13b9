-- socket_select: arrays in, arrays shortened.

local t, s = ...
local S = s.S

t.case("the time limit: 0, and every array empty", function()
  local c, a = s.pair()
  local reads, writes, errors = { c }, {}, { c }
  local took = t.elapsed(function() t.gives(0)(S.socket_select(reads, writes, errors, 0.3)) end)
  t.near(took, 0.3 - s.slack, 0.9)
  t.equal(next(reads), nil)
  t.equal(next(writes), nil)
  t.equal(next(errors), nil)
  t.gives(0)(S.socket_select({}, {}, {}, 0))
  took = t.elapsed(function() t.gives(0)(S.socket_select({}, {}, {}, 0.05)) end)
  t.near(took, 0.05 - s.slack, 0.5)
  a:close()
end)

t.case("what is ready stays, in its order", function()
  local a, pa = s.pair()
  local b, pb = s.pair()
  local c, pc = s.pair()
  pa:send("x")
  pc:send("x")
  -- Both have to be there for the array to be told.
  t.equal(S.socket_select({ a }, {}, {}, 5), 1)
  t.equal(S.socket_select({ c }, {}, {}, 5), 1)
  local reads = { c, b, a }
  t.gives(2)(S.socket_select(reads, {}, {}, 5))
  t.equal(#reads, 2)
  t.equal(reads[1], c)
  t.equal(reads[2], a)
  t.equal(reads[3], nil)
  pb:close()
end)

t.case("two writable ones", function()
  local c, peer = s.pair()
  local writes = { c, peer }
  t.gives(2)(S.socket_select({}, writes, {}, 5))
  t.equal(#writes, 2)
end)

t.case("writable ones stay, in their order", function()
  local full, reader = s.pair()
  full.blocking = false
  -- What the system has taken may still move on to the reader.
  for _ = 1, 3 do
    repeat until not full:send(("x"):rep(65536))
    s.sleep(0.005)
  end
  local c, peer = s.pair()
  local writes = { c, full, peer }
  t.gives(2)(S.socket_select({}, writes, {}, 5))
  t.equal(#writes, 2)
  t.equal(writes[1], c)
  t.equal(writes[2], peer)
  t.ok(reader)
end)

t.case("the count is the sum over the arrays; twice in one is once", function()
  local c, peer = s.pair()
  peer:send("x")
  t.equal(S.socket_select({ c }, {}, {}, 5), 1)
  local reads, writes = { c, c }, { c }
  t.gives(2)(S.socket_select(reads, writes, {}, 5))
  t.equal(#reads, 2)
  t.equal(#writes, 1)
end)

t.case("without a limit it waits", function()
  local server, at = s.listener()
  local peer = s.process(at, [[
    sleep(0.15)
    local c = S.socket_tcp()
    assert(c:connect(at))
    c:recv(1)
  ]])
  local reads = { server }
  local took = t.elapsed(function() t.gives(1)(S.socket_select(reads, {}, {})) end)
  t.near(took, 0.02, 5)
  t.equal(reads[1], server)
  t.ok(server:accept()):close()
  t.equal(peer:finish(), "")
end)

t.case("the end of a stream is readable", function()
  local c, peer = s.pair()
  peer:close()
  t.gives(1)(S.socket_select({ c }, {}, {}, 5))
  t.gives(true)(c:recv(1))
end)

t.case("bytes that were read ahead are readable", function()
  local c, peer = s.pair()
  peer:send("hello")
  t.gives("h")(c:recv(1))
  local reads = { c }
  local took = t.elapsed(function() t.gives(1)(S.socket_select(reads, {}, {}, 5)) end)
  t.ok(took < 2, took)
  t.equal(reads[1], c)
  t.gives("ello")(c:recv(10))
  t.gives(0)(S.socket_select({ c }, {}, {}, 0))
end)

t.case("an error is an error: a connection that was reset", function()
  local server, at = s.listener()
  local c = require("moonsocket").socket.connect("127.0.0.1", string.format("%d", at.port))
  local a = t.ok(server:accept())
  c:setoption("linger", { on = true, timeout = 0 })
  c:close()
  local reads, errors = { a }, { a }
  t.equal(S.socket_select(reads, {}, errors, 5), 2)
  s.refuses("ECONNRESET")(a:recv(1))
end)

t.case("more than 1024 descriptors", function()
  local server, at = s.listener()
  local peer = s.process(at, [[
    local _, first = nil, {}
    local sockets, made = {}, 0
    while made < 1100 do
      local socket = S.socket_udp()
      if not socket then break end
      made = made + 1
      sockets[made] = socket
    end
    if made < 1100 then say("few " .. made) return end
    local c = S.socket_tcp()
    assert(c:connect(at))
    assert(c:recv(1) == "x")
    local writes = {}
    for i = 1, made do writes[i] = sockets[i] end
    local reads = { c, sockets[1] }
    say(string.format("%d %d %d", S.socket_select(reads, writes, {}, 5), #writes, #reads))
    c:close()
  ]], "ulimit -n 2048")
  local a = t.ok(server:accept())
  t.ok(a:send("xy"))
  local line = peer:line()
  if line:find("^few") then t.skip("not so many descriptors here: " .. line) end
  t.equal(line, "1101 1100 1")
end)

t.case("what is no array of open sockets", function()
  local c = s.pair()
  local closed = t.ok(S.socket_tcp())
  closed:close()
  for _, bad in ipairs({ { 1 }, { "x" }, { {} }, { c, 5 }, { closed }, { c, closed }, { io.stdout } }) do
    t.raises_like(function() S.socket_select(bad, {}, {}, 0) end, "open sockets expected")
    t.raises_like(function() S.socket_select({}, bad, {}, 0) end, "open sockets expected")
    t.raises_like(function() S.socket_select({}, {}, bad, 0) end, "open sockets expected")
  end
  for _, bad in ipairs({ 1, "x", true, c }) do
    t.raises_like(function() S.socket_select(bad, {}, {}, 0) end, "table expected")
  end
  for _, bad in ipairs({ -1, -0.001, 0 / 0, -math.huge }) do
    t.raises_like(function() S.socket_select({}, {}, {}, bad) end, "limit")
  end
  t.raises_like(function() S.socket_select({}, {}, {}, "x") end, "number expected")
  t.gives(0)(S.socket_select(nil, nil, nil, 0))
end)
