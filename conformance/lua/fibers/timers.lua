-- sleep in fibers.

local t, s = ...
local socket = s.socket

t.case("sleeps end in the order of their times", function()
  local log, all = s.log()
  for _, i in ipairs({ 4, 1, 3, 5, 2, 0 }) do
    s.spawn(function()
      socket.sleep(i * 0.02)
      log(i)
    end)
  end
  local took = t.elapsed(s.run)
  t.equal(all(), "0 1 2 3 4 5")
  t.near(took, 0.1 - s.slack, 0.5)
end)

t.case("equal times end in the order of their calls", function()
  local log, all = s.log()
  for i = 1, 8 do
    s.spawn(function()
      socket.sleep(0.02)
      log(i)
    end)
  end
  s.run()
  t.equal(all(), "1 2 3 4 5 6 7 8")
end)

t.case("sleep returns nothing and is never early", function()
  s.run(function()
    for _, time in ipairs({ 0, 0.001, 0.02 }) do
      local took = t.elapsed(function() t.results(0, socket.sleep(time)) end)
      t.near(took, time - 0.0005, time + 0.5)
    end
  end)
end)

t.case("odd times don't sleep", function()
  s.run(function()
    local took = t.elapsed(function()
      for _, time in ipairs({ 0, -1, -math.huge, 0 / 0, "0" }) do t.results(0, socket.sleep(time)) end
    end)
    t.near(took, 0, 0.2)
  end)
end)

t.case("a thousand timers", function()
  local ended = 0
  for i = 1, 1000 do
    s.spawn(function()
      socket.sleep((i * 7919 % 100) / 1000)
      ended = ended + 1
    end)
  end
  local took = t.elapsed(s.run)
  t.equal(ended, 1000)
  t.near(took, 0.09, 1.5)
end)

t.case("a short timer among busy fibers is not forgotten", function()
  local a, b = s.pair()
  local over, late = false, nil
  s.run(function()
    local took = t.elapsed(function() socket.sleep(0.05) end)
    late = took - 0.05
    over = true
    a:close()
  end, function()
    while not over do
      if not a:send("x\n") or not a:receive() then break end
    end
  end, function()
    while b:receive() do b:send("y\n") end
    b:close()
  end)
  t.near(late, -s.slack, 0.3, "lateness")
end)
