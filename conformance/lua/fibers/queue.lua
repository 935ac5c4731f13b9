-- Several fibers that wait for one socket in one direction: first come, first served.

local t, s = ...
local socket = s.socket

t.case("receivers get the lines in their order", function()
  local c, peer = s.pair()
  local log, all = s.log()
  for i = 1, 6 do
    s.spawn(function() log(i .. t.ok(c:receive())) end)
  end
  s.run(function()
    socket.sleep(0.01)
    peer:send("a\n")
    socket.sleep(0.01)
    peer:send("b\nc\nd\n")
    socket.sleep(0.01)
    peer:send("e\nf\n")
  end)
  t.equal(all(), "1a 2b 3c 4d 5e 6f")
end)

t.case("a call is not interrupted by another fiber's", function()
  local c, peer = s.pair()
  local first, second
  s.run(function() first = t.ok(c:receive(6)) end, function() second = t.ok(c:receive(6)) end,
    function()
      for byte in ("abcdefghijkl"):gmatch(".") do
        socket.sleep(0.002)
        peer:send(byte)
      end
    end)
  t.equal(first, "abcdef")
  t.equal(second, "ghijkl")
end)

t.case("sends are not mixed", function()
  local c, peer = s.pair()
  local size = 3 * 1024 * 1024
  for i = 1, 4 do
    s.spawn(function() t.gives(size, nil, nil)(c:send((tostring(i)):rep(size))) end)
  end
  s.run(function()
    socket.sleep(0.02)
    for i = 1, 4 do t.equal(peer:receive(size) == (tostring(i)):rep(size), true, "part " .. i) end
  end)
end)

t.case("acceptors take turns", function()
  local server, port = s.listener()
  local log, all = s.log()
  for i = 1, 4 do
    s.spawn(function()
      local c = t.ok(server:accept())
      log(i .. t.ok(c:receive()))
    end)
  end
  local clients = {}
  s.run(function()
    socket.sleep(0.01)
    for i = 1, 4 do
      local c = t.ok(socket.connect("127.0.0.1", port))
      c:send(("abcd"):sub(i, i) .. "\n")
      clients[i] = c
      socket.sleep(0.005)
    end
  end)
  t.equal(all(), "1a 2b 3c 4d")
end)

t.case("a limit takes one out of the middle", function()
  local c, peer = s.pair()
  local log, all = s.log()
  s.run(function() log("1" .. t.ok(c:receive())) end, function()
    c:settimeout(0.02)
    local _, err = c:receive()
    c:settimeout(s.patience)
    log("2" .. err)
  end, function()
    socket.sleep(0.001)
    c:settimeout(s.patience)
    log("3" .. t.ok(c:receive()))
  end, function()
    socket.sleep(0.08)
    peer:send("a\nb\n")
  end)
  t.equal(all(), "2timeout 1a 3b")
end)

t.case("the limit of the first lets the second go on", function()
  local c, peer = s.pair()
  local log, all = s.log()
  c:settimeout(0.03)
  s.spawn(function() log("1" .. (select(2, c:receive()))) end)
  s.run(function()
    c:settimeout(s.patience)
    log("2" .. t.ok(c:receive()))
  end, function()
    socket.sleep(0.08)
    peer:send("a\n")
  end)
  t.equal(all(), "1timeout 2a")
end)

t.case("an error in the first fiber does not hold up the second", function()
  local peer = s.process([[
    local c, a = pair()
    spawn(function() c:receive() error("first") end)
    spawn(function() say((c:receive())) end)
    spawn(function() sleep(0.01) a:send("one\n") sleep(0.01) a:send("two\n") end)
    run()
    say("over")
  ]])
  local text = peer:finish()
  t.ok(text:find("two\n", 1, true), text)
  t.ok(text:find("over\n", 1, true), text)
end)

t.case("two objects on one descriptor", function()
  local c, peer = s.pair()
  local twin = socket.tcp()
  twin:settimeout(s.patience)
  local other = s.pair()
  local spare = other:getfd()
  other:setfd(c:getfd())
  local log, all = s.log()
  s.run(function() log(t.ok(c:receive())) end, function() log(t.ok(other:receive())) end,
    function()
      socket.sleep(0.01)
      peer:send("one\n")
      socket.sleep(0.02)
      peer:send("two\n")
    end)
  other:setfd(spare)
  t.equal(all(), "one two")
end)

t.case("many sends in a row stand in the order of their calls", function()
  local c, peer = s.pair()
  local calls, lines = 0, {}
  local function sender(pause)
    for _ = 1, 300 do
      calls = calls + 1
      c:send(calls .. "\n")
      if pause then socket.sleep(0) end
    end
  end
  s.run(sender, function() sender(true) end, sender, function()
    for i = 1, 900 do lines[i] = t.ok(peer:receive()) end
  end)
  for i = 1, 900 do t.equal(lines[i], tostring(i), "line " .. i) end
end)

t.case("what lies in the buffer is for those who asked before", function()
  local c, peer = s.pair()
  local log, all = s.log()
  local function reader(name)
    return function()
      for _ = 1, 3 do log(name .. t.ok(c:receive())) end
    end
  end
  s.run(reader("x"), reader("y"), function()
    socket.sleep(0.01)
    peer:send("1\n2\n3\n4\n5\n6\n")
  end)
  t.equal(all(), "x1 y2 x3 y4 x5 y6")
end)

t.case("two that share a busy socket do not starve the others", function()
  local c, peer = s.pair()
  local count, turns, left = 20000, 0, 2
  local function reader()
    for _ = 1, count / 2 do t.ok(c:receive()) end
    left = left - 1
  end
  s.run(reader, reader, function()
    socket.sleep(0)
    peer:send(("x\n"):rep(count))
    while left > 0 do
      socket.sleep(0)
      turns = turns + 1
    end
  end)
  t.ok(turns >= 10, "turns: " .. turns)
end)
