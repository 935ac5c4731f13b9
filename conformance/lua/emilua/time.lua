-- time.sleep and timers.

local t, s = ...

s.case("sleep, never too short", function()
  for _, seconds in ipairs({ 0.001, 0.0205, 0 }) do
    t.near(t.elapsed(function() t.results(0, s.sleep(seconds)) end), seconds, seconds + 1)
  end
  t.equal(s.emilua.sleep, s.time.sleep)
  t.equal(s.emilua.sleep_for, s.time.sleep)
end)

s.case("sleeps end in the order of their ends", function()
  local log, all = s.log()
  local fibers = {}
  for i, seconds in ipairs({ 0.03, 0.01, 0.02 }) do
    fibers[i] = s.spawn(function()
      s.sleep(seconds)
      log(i)
    end)
  end
  for _, fiber in ipairs(fibers) do fiber:join() end
  t.equal(all(), "2 3 1")
end)

s.case("times that are none", function()
  for _, value in ipairs({ -1, -0.0001, 0 / 0, 1 / 0, -1 / 0 }) do
    s.raises("generic.EDOM", function() s.sleep(value) end)
  end
  s.raises("generic.EINVAL", function() s.sleep("1") end)
  s.raises("generic.EINVAL", function() s.sleep() end)
end)

s.case("a timer", function()
  local timer = s.time.steady_timer.new()
  t.results(0, timer:wait())
  t.near(t.elapsed(function()
    t.equal(timer:expires_after(0.01), 0)
    timer:wait()
  end), 0.01, 5)
  t.results(0, timer:wait())
  timer:expires_at(s.time.steady_clock.now() + 0.01)
  t.near(timer.expiry, s.time.steady_clock.now() - 1, s.time.steady_clock.now() + 0.0101)
  timer:wait()
  t.equal(getmetatable(timer), "steady_timer")
  s.raises("core.bad_index", function() return timer.nothing end)
  s.raises("generic.EDOM", function() timer:expires_after(-1) end)
  s.raises("generic.EINVAL", function() timer:expires_at("soon") end)
end)

s.case("cancel and a new expiry end the waits", function()
  local timer = s.time.steady_timer.new()
  for _, how in ipairs({
    function() return timer:cancel() end,
    function() return timer:expires_after(20) end,
    function() return timer:expires_at(s.time.steady_clock.now() + 30) end,
  }) do
    timer:expires_after(10)
    local a = s.spawn(function() timer:wait() end)
    local b = s.spawn(function() timer:wait() end)
    s.this_fiber.yield()
    t.equal(how(), 2)
    s.raises("ECANCELED", function() a:join() end)
    s.raises("ECANCELED", function() b:join() end)
    t.equal(timer:cancel(), 0)
  end
end)

s.case("who waits for one timer is told in the order of asking", function()
  local timer = s.time.steady_timer.new()
  for _, finish in ipairs({ function() end, function() timer:cancel() end }) do
    local log, all = s.log()
    timer:expires_after(0.01)
    local fibers = {}
    for i = 1, 20 do
      fibers[i] = s.spawn(function()
        local ok, err = pcall(timer.wait, timer)
        if ok or err == s.emilua.system_error.ECANCELED then log(i) end
      end)
    end
    s.this_fiber.yield()
    fibers[1]:interrupt()
    fibers[9]:interrupt()
    finish()
    for i = 1, 20 do fibers[i]:join() end
    t.equal(all(), "2 3 4 5 6 7 8 10 11 12 13 14 15 16 17 18 19 20")
  end
end)

s.case("who waits behind others that were interrupted is not told late", function()
  local timer, log, all = s.time.steady_timer.new(), s.log()
  timer:expires_after(0.2)
  local fibers = {}
  for i = 1, 25 do
    fibers[i] = s.spawn(function()
      timer:wait()
      log(i)
    end)
  end
  local later = s.spawn(function()
    s.sleep(timer.expiry + 0.01 - s.time.steady_clock.now())
    -- Where the machine was busy all of them are woken at once, in no order that is promised.
    for _ = 1, 3 do s.this_fiber.yield() end
    log("later")
  end)
  s.this_fiber.yield()
  for i = 1, 22 do fibers[i]:interrupt() end
  for i = 1, 25 do fibers[i]:join() end
  later:join()
  t.equal(all(), "23 24 25 later")
end)

s.case("a wait for a timer below a function in C", function()
  local timer = s.time.steady_timer.new()
  timer:expires_after(0.02)
  local first = s.spawn(function() timer:wait() end)
  local second = s.spawn(function() return (("x"):gsub("x", function() timer:wait() end)) end)
  local third = s.spawn(function() timer:wait() end)
  s.this_fiber.yield()
  for _, fiber in ipairs({ first, second, third }) do fiber:join() end
  t.ok(s.time.steady_clock.now() >= timer.expiry)
end)

t.case("outside of fibers", function()
  t.near(t.elapsed(function() s.sleep(0.01) end), 0.01, 1)
  local timer = s.time.steady_timer.new()
  timer:expires_after(0.01)
  t.near(t.elapsed(function() timer:wait() end), 0.005, 1)
end)
