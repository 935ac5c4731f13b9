-- interrupt: at every point, deferred, and what it leaves alone.

local t, s = ...
local this = s.this_fiber

local function interrupted(fiber)
  t.results(0, fiber:join())
  t.equal(fiber.interruption_caught, true)
end

local POINTS = {
  sleep = function() s.sleep(10) end,
  yield = function() while true do this.yield() end end,
  join = function() s.spawn(function() s.sleep(0.01) end):join() end,
  ["get_address_info"] = function() while true do s.ip.tcp.get_address_info("localhost", 80) end end,
  pcall = function()
    while true do
      -- The one inside is caught, the next point is the pcall itself.
      pcall(s.sleep, 10)
    end
  end,
  ["read_some"] = function()
    local a, b = s.pair()
    local ok, err = pcall(s.read, a)
    a:close()
    b:close()
    t.equal(ok, false)
    error(err, 0)
  end,
  accept = function()
    local acceptor = s.listener()
    local ok, err = pcall(acceptor.accept, acceptor)
    acceptor:close()
    t.equal(ok, false)
    error(err, 0)
  end,
  write_all = function()
    local a, b = s.pair()
    local ok, err = pcall(s.stream.write_all, a, ("x"):rep(16 * 1024 * 1024))
    a:close()
    b:close()
    t.equal(ok, false)
    error(err, 0)
  end,
  timer = function()
    local timer = s.time.steady_timer.new()
    timer:expires_after(10)
    timer:wait()
  end,
}

for name, body in pairs(POINTS) do
  s.case("at " .. name, function()
    local fiber = s.spawn(body)
    this.yield()
    this.yield()
    t.results(0, fiber:interrupt())
    interrupted(fiber)
  end)
end

s.case("the error says so", function()
  local fiber = s.spawn(function()
    local err = s.raises("core.interrupted", function() s.sleep(10) end)
    t.equal(tostring(err), "Fiber interrupted")
    -- The flag stays.
    local ok, again = xpcall(s.sleep, function(e) return e end, 10)
    t.ok(not ok and again == err)
  end)
  this.yield()
  fiber:interrupt()
  interrupted(fiber)
end)

s.case("before it has begun, and after it has ended", function()
  local began = false
  local early = s.spawn(function()
    began = true
    s.sleep(10)
  end)
  early:interrupt()
  interrupted(early)
  t.equal(began, true)
  local late = s.spawn(function() return "well" end)
  this.yield()
  late:interrupt()
  t.equal(late:join(), "well")
  t.equal(late.interruption_caught, false)
  late:interrupt()
end)

s.case("a fiber interrupts itself", function()
  local fiber
  fiber = s.spawn(function()
    fiber:interrupt()
    s.sleep(10)
  end)
  interrupted(fiber)
end)

s.case("deferred while that is disabled", function()
  local reached = false
  local fiber = s.spawn(function()
    this.disable_interruption()
    this.disable_interruption()
    s.sleep(0.02)
    this.restore_interruption()
    s.sleep(0.001)
    reached = true
    this.restore_interruption()
    s.sleep(10)
  end)
  this.yield()
  fiber:interrupt()
  interrupted(fiber)
  t.equal(reached, true)
  s.raises("core.interruption_already_allowed", function() this.restore_interruption() end)
end)

s.case("an interrupted join leaves the other joinable", function()
  local slow = s.spawn(function()
    s.sleep(0.01)
    return "value"
  end)
  local joiner = s.spawn(function() return slow:join() end)
  this.yield()
  joiner:interrupt()
  interrupted(joiner)
  t.equal(slow.joinable, true)
  t.equal(slow:join(), "value")
end)

s.case("an interruption by the fiber that is joined comes before its end", function()
  local other, fiber
  other = s.spawn(function()
    fiber:interrupt()
    return "value"
  end)
  fiber = s.spawn(function() return other:join() end)
  interrupted(fiber)
  t.equal(other:join(), "value")
end)

s.case("an interrupted reader takes nothing", function()
  local a, b = s.pair()
  local first = s.spawn(function() return s.read(b) end)
  local second = s.spawn(function() return s.read(b) end)
  this.yield()
  first:interrupt()
  a:write_some("for the second")
  interrupted(first)
  t.equal(second:join(), "for the second")
  a:close()
  b:close()
end)

s.case("a detached one is silent", function()
  local text = t.peer([[
    local emilua = require("emilua")
    assert(emilua.run(function()
      local fiber = emilua.spawn(function() emilua.sleep(10) end)
      fiber:detach()
      emilua.this_fiber.yield()
      fiber:interrupt()
    end))
    say("done")
  ]]):finish()
  t.equal(text, "done\n")
end)
