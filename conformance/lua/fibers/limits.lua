-- settimeout in fibers: block and total, never early, no harm to the stream.

local t, s = ...
local socket = s.socket

t.case_for({ 0.001, 0.01, 0.05, 1.1 }, "a limit is kept and never early", function(limit)
  local c, peer = s.pair()
  s.run(function()
    c:settimeout(limit)
    local took = t.elapsed(function() t.gives(nil, "timeout", "")(c:receive()) end)
    -- gettime may step by the clock's adjustment, not more.
    t.near(took, limit - 0.0005, limit + 0.5)
  end)
end)

t.case("limits of many fibers run at the same time", function()
  local log, all = s.log()
  local took = t.elapsed(function()
    for _, i in ipairs({ 5, 3, 1, 4, 2 }) do
      local c, peer = s.pair()
      s.spawn(function()
        c:settimeout(i * 0.03)
        t.gives(nil, "timeout", "")(c:receive())
        peer:close()
        log(i)
      end)
    end
    s.run()
  end)
  t.equal(all(), "1 2 3 4 5")
  t.near(took, 0.15 - s.slack, 0.45)
end)

t.case("zero: what is there, or a timeout at once", function()
  local c, peer = s.pair()
  s.run(function()
    c:settimeout(0)
    t.gives(nil, "timeout", "")(c:receive())
    peer:send("part")
    socket.sleep(0.02)
    t.gives(nil, "timeout", "part")(c:receive())
    peer:send("line\n")
    socket.sleep(0.02)
    t.gives("line", nil, nil)(c:receive())
  end)
end)

t.case("both limits: block counts each wait anew", function()
  local c, peer = s.pair()
  s.run(function()
    c:settimeout(0.3)
    c:settimeout(5, "t")
    t.gives("abcdef", nil, nil)(c:receive(6))
  end, function()
    for byte in ("abcdef"):gmatch(".") do
      socket.sleep(0.06)
      peer:send(byte)
    end
  end)
end)

t.case_for({ "b", "t" }, "one limit counts the whole call", function(mode)
  local c, peer = s.pair()
  s.run(function()
    c:settimeout(0.15, mode)
    local took = t.elapsed(function()
      local data, err, partial = t.results(3, c:receive(6))
      t.equal(data, nil)
      t.equal(err, "timeout")
      t.near(#partial, 1, 5)
    end)
    t.near(took, 0.15 - s.slack, 0.6)
  end, function()
    for byte in ("abcdef"):gmatch(".") do
      socket.sleep(0.04)
      peer:send(byte)
    end
  end)
end)

t.case("the smaller of both limits counts", function()
  local c, peer = s.pair()
  s.run(function()
    for _, limits in ipairs({ { 0.03, 5 }, { 5, 0.03 } }) do
      c:settimeout(limits[1])
      c:settimeout(limits[2], "t")
      local took = t.elapsed(function() t.gives(nil, "timeout", "")(c:receive()) end)
      t.near(took, 0.03 - s.slack, 0.5)
    end
  end)
end)

t.case("data and limit come together: nothing is lost", function()
  local c, peer = s.pair()
  local sent, got = {}, {}
  s.run(function()
    for i = 1, 60 do
      sent[i] = tostring(i)
      socket.sleep(0.001 * (i % 4))
      peer:send(i .. "\n")
    end
    peer:close()
  end, function()
    local partial = ""
    while true do
      c:settimeout(0.002)
      local line, err, part = c:receive("*l", partial)
      if line then
        got[#got + 1] = line
        partial = ""
      elseif err == "timeout" then
        partial = part
      else
        t.equal(err, "closed")
        break
      end
    end
  end)
  t.equal(table.concat(got, " "), table.concat(sent, " "))
end)

t.case("limits that make no sense", function()
  local c, peer = s.pair()
  s.run(function()
    for _, limit in ipairs({ -1, -1e300, 1e300, math.huge, 0 / 0 }) do
      c:settimeout(limit)
      peer:send("x\n")
      t.gives("x", nil, nil)(c:receive())
    end
  end)
end)

t.case("a fiber changes the limit that another's call began with", function()
  -- The limit of a call is that of its beginning.
  local c, peer = s.pair()
  s.run(function()
    c:settimeout(0.05)
    local took = t.elapsed(function() t.gives(nil, "timeout", "")(c:receive()) end)
    t.near(took, 0.05 - s.slack, 0.5)
  end, function() c:settimeout(100) end)
end)

t.case_for({ 0, 0.03, -1 }, "the limit of a call holds, whatever another fiber sets when a part has come", function(other)
  local c, peer = s.pair()
  s.run(function()
    c:settimeout(0.3)
    local took = t.elapsed(function() t.gives(nil, "timeout", "part")(c:receive()) end)
    t.near(took, 0.3 - s.slack, 5)
  end, function()
    socket.sleep(0.02)
    c:settimeout(other)
    peer:send("part")
  end)
end)
