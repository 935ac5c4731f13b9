-- emilua.run, fibers outside of it, globals.

local t, s = ...
local emilua = s.emilua

t.case("run ends when all fibers have", function()
  local log, all = s.log()
  t.gives(true)(emilua.run(function()
    s.spawn(function()
      s.sleep(0.01)
      log("child")
      s.spawn(function() log("grandchild") end):detach()
    end):detach()
    log("main")
  end))
  t.equal(all(), "main child grandchild")
end)

t.case("an error of the main fiber comes out, and ends the others", function()
  local value, reached = {}, false
  local a, b
  t.gives(nil, value)(emilua.run(function()
    a, b = s.pair()
    s.spawn(function()
      s.read(b)
      reached = true
    end):detach()
    s.spawn(function() s.sleep(10) end):detach()
    s.this_fiber.yield()
    error(value)
  end))
  t.equal(reached, false)
  t.gives(true)(emilua.run(function()
    a:write_some("x")
    t.equal(s.read(b), "x")
  end))
  a:close()
  b:close()
end)

t.case("fibers that wait for each other", function()
  t.gives(nil, "deadlock")(emilua.run(function()
    local one, two
    one = s.spawn(function() two:join() end)
    two = s.spawn(function() one:join() end)
  end))
  t.gives(true)(emilua.run(function() end))
end)

t.case("fibers that waited for each other are collected", function()
  local kept = setmetatable({}, { __mode = "v" })
  emilua.run(function()
    local one, two
    local function waits(for_whom)
      local it = {}
      kept[#kept + 1] = it
      return s.spawn(function() return for_whom():join(), it end)
    end
    one = waits(function() return two end)
    two = waits(function() return one end)
  end)
  t.collect()
  t.collect()
  t.equal(next(kept), nil)
end)

t.case("fibers that a failed run ended are collected, whatever they waited in", function()
  local text = t.peer([[
    local emilua = require("emilua")
    local kept, alive = setmetatable({}, { __mode = "k" }), 0
    local function waits(how)
      local it = {}
      kept[it] = how
      emilua.spawn(function()
        how(function() emilua.sleep(60) return it end)
        return it
      end)
    end
    for _ = 1, 3 do
      emilua.run(function()
        waits(function(f) f() end)
        waits(function(f) pcall(f) end)
        waits(function(f) pcall(pcall, f) end)
        waits(function(f) coroutine.wrap(f)() end)
        waits(function(f) coroutine.wrap(function() pcall(f) end)() end)
        waits(function(f) emilua.scope(f) end)
        waits(function(f) emilua.spawn(f):join() end)
        emilua.this_fiber.yield()
        emilua.this_fiber.yield()
        error("over", 0)
      end)
      for _ = 1, 3 do collectgarbage() end
    end
    for _ in pairs(kept) do alive = alive + 1 end
    say(alive)
  ]]):finish()
  t.equal(text, "0\n")
end)

t.case("a fiber of a run that is over cannot be ended once more", function()
  local dead
  t.gives(nil, "over")(emilua.run(function()
    dead = s.spawn(function() s.sleep(60) end)
    s.this_fiber.yield()
    error("over", 0)
  end))
  s.run(function()
    local slept = false
    local other = s.spawn(function()
      s.sleep(0.01)
      slept = true
    end)
    s.this_fiber.yield()
    dead:interrupt()
    s.raises("generic.EINVAL", function() dead:join() end)
    other:join()
    t.equal(slept, true)
  end)
end)

t.case("run again, run in run, run of nothing", function()
  for _ = 1, 3 do t.gives(true)(emilua.run(function() s.sleep(0) end)) end
  s.run(function()
    t.raises_like(function() emilua.run(function() end) end, "running already")
    s.this_fiber.yield()
  end)
  t.equal(s.raises("generic.EINVAL", function() emilua.run() end).arg, 1)
end)

t.case("a call outside of fibers lets them run until it is done", function()
  local a, b = s.pair()
  local log, all = s.log()
  local fiber = s.spawn(function()
    log(s.read(b))
    b:write_some("answer")
    log("sent")
  end)
  a:write_some("question")
  log(s.read(a))
  fiber:join()
  t.equal(all(), "question sent answer")
  s.raises("asio.misc.2", function()
    b:close()
    s.read(a)
  end)
  a:close()
end)

t.case("errors of detached fibers go to stderr, with a traceback", function()
  local text = t.peer([[
    local emilua = require("emilua")
    local function trouble() error("it broke") end
    assert(emilua.run(function()
      emilua.spawn(function() trouble() end):detach()
      emilua.spawn(function() error(emilua.generic_error.EBADF) end)
      local handle = emilua.spawn(function() error("nobody joins") end)
      emilua.this_fiber.yield()
      handle = nil
      collectgarbage()
      collectgarbage()
      emilua.sleep(0.001)
      collectgarbage()
    end))
    say("done")
  ]]):finish()
  t.ok(text:find("it broke", 1, true), text)
  t.ok(text:find("trouble", 1, true), text)
  t.ok(text:find("stack traceback", 1, true), text)
  t.ok(text:find("Bad file descriptor", 1, true), text)
  t.ok(text:find("nobody joins", 1, true), text)
  t.ok(text:find("done\n", 1, true), text)
end)

t.case("errors of fibers that nobody joined are told when the program ends, in their order", function()
  local text = t.peer([[
    local emilua = require("emilua")
    kept = {}
    assert(emilua.run(function()
      kept[1] = emilua.spawn(function() error("never joined") end)
      emilua.spawn(function() emilua.sleep(60) end):interrupt()
      for i = 1, 3 do emilua.spawn(function() error("detached " .. i) end):detach() end
    end))
    say("done")
  ]]):finish()
  local joined = text:find("never joined", 1, true)
  local first, second, third = text:find("detached 1", 1, true), text:find("detached 2", 1, true), text:find("detached 3", 1, true)
  t.ok(joined and first and second and third, text)
  t.ok(first < second and second < third and third < joined, text)
  t.ok(not text:find("interrupted", 1, true), text)
end)

t.case("after a failed run an interruption is as silent as before", function()
  local text = t.peer([[
    local emilua = require("emilua")
    emilua.run(function() error("over", 0) end)
    emilua.run(function()
      local fiber = emilua.spawn(function() emilua.sleep(60) end)
      emilua.this_fiber.yield()
      fiber:interrupt()
      fiber:detach()
    end)
  ]]):finish()
  t.equal(text, "")
end)

t.case("globals and modules", function()
  local text = t.peer([[
    local emilua = require("emilua")
    assert(emilua.globals() == emilua)
    for _, name in ipairs({ "spawn", "this_fiber", "byte_span", "scope", "scope_cleanup_push", "scope_cleanup_pop" }) do
      assert(_G[name] == emilua[name] and emilua[name], name)
    end
    for _, name in ipairs({ "ip", "stream", "time", "byte_span", "generic_error", "asio_error" }) do
      assert(require(name) == emilua[name] and emilua[name], name)
    end
    say("fine")
  ]]):finish()
  t.equal(text, "fine\n")
end)

t.case("require leaves the globals alone", function()
  t.equal(rawget(_G, "spawn"), nil)
  t.equal(rawget(_G, "this_fiber"), nil)
end)

t.case("fibers of moonsocket.spawn run beside them", function()
  local log, all = s.log()
  require("moonsocket").spawn(function() log("plain") end)
  s.run(function() s.this_fiber.yield() log("main") end)
  t.equal(all(), "plain main")
end)
