-- settimeout and gettimeout, and how long calls take.

local t, s = ...
local socket = s.socket

t.case("settimeout returns 1, gettimeout what was set", function()
  local c = socket.tcp()
  t.gives(1)(c:settimeout(2.5))
  t.gives(2.5, -1)(c:gettimeout())
  t.gives(1)(c:settimeout(7, "t"))
  t.gives(2.5, 7)(c:gettimeout())
  t.gives(1)(c:settimeout(0))
  t.gives(0, 7)(c:gettimeout())
end)

t.case("settimeout without a value or with nil means no limit", function()
  local c = socket.tcp()
  c:settimeout(1)
  t.gives(1)(c:settimeout())
  t.gives(-1, -1)(c:gettimeout())
  c:settimeout(1)
  c:settimeout(2, "t")
  t.gives(1)(c:settimeout(nil))
  t.gives(-1, 2)(c:gettimeout())
  t.gives(1)(c:settimeout(nil, "t"))
  t.gives(-1, -1)(c:gettimeout())
end)

t.case("negative values stay as they are and mean no limit", function()
  local c, peer = s.pair()
  t.gives(1)(c:settimeout(-5))
  t.gives(-5, -1)(c:gettimeout())
  peer:send("x")
  t.gives("x", nil, nil)(c:receive(1))
end)

t.case("a numeric string will do", function()
  local c = socket.tcp()
  t.gives(1)(c:settimeout("1.5"))
  t.gives(1.5, -1)(c:gettimeout())
end)

t.case("anything else raises", function()
  local c = socket.tcp()
  for _, kind in ipairs({ { {}, "table" }, { "x", "string" }, { true, "boolean" } }) do
    t.raises(function() local r = c:settimeout(kind[1]) return r, 1 end,
      "bad argument #1 to 'settimeout' (number expected, got " .. kind[2] .. ")")
  end
  t.gives(-1, -1)(c:gettimeout())
end)

t.case("every class has limits", function()
  local server, port = s.listener()
  local c = assert(socket.connect("127.0.0.1", port))
  for _, object in ipairs({ server, c, socket.tcp(), socket.tcp4() }) do
    t.gives(1)(object:settimeout(3))
    t.gives(1)(object:settimeout(4, "t"))
    t.gives(3, 4)(object:gettimeout())
  end
end)

t.case("limits survive connect, listen and close", function()
  local server, port = s.listener()
  local c = socket.tcp()
  c:settimeout(3)
  c:connect("127.0.0.1", port)
  t.gives(3, -1)(c:gettimeout())
  c:close()
  t.gives(3, -1)(c:gettimeout())
  local d = socket.tcp4()
  d:settimeout(4)
  d:listen()
  t.gives(4, -1)(d:gettimeout())
  server:close()
end)

t.case("0 never waits", function()
  local c, peer = s.pair()
  c:settimeout(0)
  local took = t.elapsed(function()
    for _ = 1, 200 do t.gives(nil, "timeout", "")(c:receive()) end
  end)
  t.near(took, 0, 1)
  local server = s.listener()
  server:settimeout(0)
  took = t.elapsed(function()
    for _ = 1, 200 do t.fails("timeout", server:accept()) end
  end)
  t.near(took, 0, 1)
  s.fill(c)
  took = t.elapsed(function()
    for _ = 1, 200 do t.gives(nil, "timeout", 0)(c:send("x")) end
  end)
  t.near(took, 0, 1)
  took = t.elapsed(function()
    for _ = 1, 200 do t.results(3, socket.select({ c }, nil, 0)) end
  end)
  t.near(took, 0, 1)
  peer:close()
end)

t.case("0 still reads what is there", function()
  local c, peer = s.pair()
  peer:send("abc\ndef")
  s.await(c)
  c:settimeout(0)
  t.gives("abc", nil, nil)(c:receive())
  t.gives("def", nil, nil)(c:receive(3))
end)

for _, limit in ipairs({ 0.02, 0.1, 0.25 }) do
  for _, pattern in ipairs({ "*l", "*a", 5 }) do
    t.case("receive(" .. t.show(pattern) .. ") gives up after " .. limit, function()
      local c, peer = s.pair()
      peer:send("abc")
      s.await(c)
      c:settimeout(limit)
      local took = t.elapsed(function() t.gives(nil, "timeout", "abc")(c:receive(pattern)) end)
      t.near(took, limit - s.slack, limit + 3)
    end)
  end
end

t.case("data ends the wait", function()
  local c, peer = s.serve([[
    require("socket").sleep(0.1)
    c:send("now\n")
  ]])
  c:settimeout(8)
  local took, line = t.elapsed(function() return c:receive() end)
  t.equal(line, "now")
  t.near(took, 0, 5)
  t.equal(peer:finish(), "")
end)

t.case("the end of the stream ends the wait", function()
  local c, peer = s.serve([[
    require("socket").sleep(0.1)
    c:close()
  ]])
  c:settimeout(8)
  local took = t.elapsed(function() t.gives(nil, "closed", "")(c:receive()) end)
  t.near(took, 0, 5)
  t.equal(peer:finish(), "")
end)

t.case("no limit waits on and on", function()
  local c, peer = s.serve([[
    require("socket").sleep(0.3)
    c:send("late\n")
  ]])
  c:settimeout()
  t.gives("late", nil, nil)(c:receive())
  t.equal(peer:finish(), "")
end)

t.case("huge and infinite limits mean no limit", function()
  local c, peer = s.serve([[
    for _ = 1, 4 do
      assert(c:receive())
      require("socket").sleep(0.02)
      c:send("late\n")
    end
  ]])
  for _, limit in ipairs({ 1e10, 1e300, math.huge, 2 ^ 31 }) do
    t.gives(1)(c:settimeout(limit))
    t.gives(limit, -1)(c:gettimeout())
    c:send("go\n")
    t.gives("late", nil, nil)(c:receive())
  end
  t.equal(peer:finish(), "")
end)

t.case("NaN is accepted and does not hang when data comes", function()
  local c, peer = s.pair()
  t.gives(1)(c:settimeout(0 / 0))
  peer:send("x\n")
  t.gives("x", nil, nil)(c:receive())
end)

t.case("each call has its time anew", function()
  local c, peer = s.pair()
  for _, mode in ipairs({ "b", "t" }) do
    c:settimeout(nil)
    c:settimeout(nil, "t")
    c:settimeout(0.06, mode)
    for _ = 1, 3 do
      local took = t.elapsed(function() t.gives(nil, "timeout", "")(c:receive()) end)
      t.near(took, 0.06 - s.slack, 3)
    end
  end
  peer:close()
end)

t.case("limits are never early", function()
  local c, peer = s.pair()
  local server = s.listener()
  local early = 0
  for i = 1, 25 do
    local limit = 0.0105 + i * 0.0001
    c:settimeout(limit)
    server:settimeout(limit)
    for _, wait in ipairs({ function() return c:receive() end, function() return server:accept() end }) do
      local took = t.elapsed(wait)
      if took < limit then early = early + 1 end
    end
  end
  t.equal(early, 0, "calls that returned early")
  peer:close()
end)

t.case("select and sleep are never early", function()
  local c, peer = s.pair()
  for i = 1, 15 do
    local limit = 0.0035 + i * 0.0001
    local took = t.elapsed(function() return socket.select({ c }, nil, limit) end)
    t.near(took, limit, limit + 3, "select")
    took = t.elapsed(function() return socket.sleep(limit) end)
    t.near(took, limit, limit + 3, "sleep")
  end
  peer:close()
end)
