-- spawn, join, detach, this_fiber.

local t, s = ...
local this = s.this_fiber

s.case("the spawner goes on until it waits", function()
  local log, all = s.log()
  s.spawn(function() log("child") end):detach()
  log("parent")
  this.yield()
  log("parent again")
  t.equal(all(), "parent child parent again")
end)

s.case("join gives the results", function()
  t.gives(1, nil, "three", nil)(s.spawn(function() return 1, nil, "three", nil end):join())
  t.results(0, s.spawn(function() end):join())
  local fiber = s.spawn(function()
    s.sleep(0.005)
    return "later"
  end)
  t.equal(fiber.joinable, true)
  t.gives("later")(fiber:join())
  t.equal(fiber.joinable, false)
  t.equal(fiber.interruption_caught, false)
end)

s.case("join raises the error as it was", function()
  local value = {}
  for _, wait in ipairs({ function() end, function() this.yield() end }) do
    local fiber = s.spawn(function()
      wait()
      error(value)
    end)
    t.equal(t.raised(function() fiber:join() end), value)
    t.equal(fiber.interruption_caught, false)
  end
  local ended = s.spawn(function() error("plain", 0) end)
  this.yield()
  t.equal(t.raised(function() ended:join() end), "plain")
end)

s.case("what cannot be joined", function()
  local fiber = s.spawn(function() end)
  s.raises("generic.EINVAL", function() return fiber.interruption_caught end)
  fiber:join()
  s.raises("generic.EINVAL", function() fiber:join() end)
  s.raises("generic.EINVAL", function() fiber:detach() end)
  local detached = s.spawn(function() end)
  t.results(0, detached:detach())
  t.equal(detached.joinable, false)
  s.raises("generic.EINVAL", function() detached:join() end)
  s.raises("generic.EINVAL", function() detached:detach() end)
  local own
  own = s.spawn(function() own:join() end)
  s.raises("generic.EDEADLK", function() own:join() end)
  s.raises("core.bad_index", function() return own.nothing end)
  t.equal(getmetatable(own), "fiber")
end)

s.case("one joiner at a time", function()
  local fiber = s.spawn(function()
    s.sleep(0.005)
    return "once"
  end)
  local first = s.spawn(function() return fiber:join() end)
  this.yield()
  s.raises("generic.EINVAL", function() fiber:join() end)
  s.raises("generic.EINVAL", function() fiber:detach() end)
  t.equal(first:join(), "once")
end)

s.case("spawn wants a function", function()
  for _, junk in ipairs({ 1, "f", {}, true }) do
    t.equal(s.raises("generic.EINVAL", function() s.spawn(junk) end).arg, 1)
  end
  s.raises("generic.EINVAL", function() s.spawn() end)
end)

s.case("this_fiber", function()
  t.equal(this.is_main, true)
  local id = this.id
  t.equal(type(id), "string")
  t.equal(this.id, id)
  local child = s.spawn(function()
    t.equal(this.is_main, false)
    this.local_.name = "child"
    this.yield()
    t.equal(this.local_.name, "child")
    return this.id
  end)
  this.local_.name = "main"
  t.differs(child:join(), id)
  t.equal(this.local_.name, "main")
  s.raises("core.bad_index", function() return this.nothing end)
  s.raises("core.bad_index", function() this.local_ = {} end)
end)

s.case("fields of a fiber are the same in its coroutines", function()
  this.local_.x = 5
  local id = this.id
  coroutine.wrap(function()
    t.equal(this.local_.x, 5)
    t.equal(this.id, id)
    pcall(function() this.yield() end)
    t.equal(this.local_.x, 5)
  end)()
end)

s.case("forbid_suspend", function()
  this.forbid_suspend()
  this.forbid_suspend()
  s.raises("core.forbid_suspend_block", function() this.yield() end)
  this.allow_suspend()
  s.raises("core.forbid_suspend_block", function() s.sleep(0) end)
  s.raises("core.forbid_suspend_block", function() s.spawn(function() end):join() end)
  this.allow_suspend()
  this.yield()
  s.raises("core.suspension_already_allowed", function() this.allow_suspend() end)
end)

s.case("ten thousand fibers at once", function()
  local sum, fibers = 0, {}
  for i = 1, 10000 do
    fibers[i] = s.spawn(function()
      s.sleep(0.001)
      return i
    end)
  end
  for i = 1, 10000 do sum = sum + fibers[i]:join() end
  t.equal(sum, 50005000)
end)

s.case("a chain of joins", function()
  local last = s.spawn(function() return 0 end)
  for _ = 1, 1000 do
    local before = last
    last = s.spawn(function() return before:join() + 1 end)
  end
  t.equal(last:join(), 1000)
end)
