-- Where a fiber can wait: below functions in Lua everywhere, below functions in C and metamethods it depends. docs/src/fibers.md
-- has this as a table.

local t, s = ...
local socket = s.socket

-- What a call does there: "waits", so that the others go on; "blocks" the thread; "raises".
local function outcome(f)
  local said
  s.run(function()
    local turns = s.turns(function()
      local ok, err = pcall(f)
      if ok then return end
      t.ok(tostring(err):find("yield across", 1, true), err)
      said = "raises"
    end)
    said = said or (turns > 1 and "waits" or "blocks")
  end)
  return said
end

local called
local pause = 0.03
local function wait()
  called = true
  socket.sleep(pause)
end

local function with(event, result)
  return setmetatable({}, { [event] = function()
    wait()
    return result
  end })
end

local everywhere, nowhere = { "waits", "waits", "waits" }, { "blocks", "blocks", "blocks" }
-- On 5.2 and newer, LuaJIT, plain 5.1.
local places = {
  { "pcall", everywhere, function() assert(pcall(wait)) end },
  { "xpcall", everywhere, function() assert(xpcall(wait, print)) end },
  { "a coroutine", everywhere, function() coroutine.wrap(wait)() end },
  { "protect", everywhere, function() socket.protect(wait)() end },
  { "__call", everywhere, function() with("__call")() end },
  { "__index", { "waits", "waits", "raises" }, function() return with("__index").field end },
  { "__concat", { "waits", "waits", "raises" }, function() return with("__concat", "") .. "" end },
  { "an iterator", { "waits", "waits", "blocks" }, function() for _ in function() wait() end do end end },
  { "dofile", { "waits", "blocks", "blocks" }, function()
    fibers_wait = wait
    dofile(t.scratch("fibers_wait()"))
    fibers_wait = nil
  end },
  { "xpcall's handler", nowhere, function() xpcall(error, function() wait() end) end },
  { "gsub", nowhere, function() return (("x"):gsub("x", function() wait() end)) end },
  { "sort", nowhere, function() table.sort({ 1, 2 }, function(a, b) wait() return a < b end) end },
  { "require", nowhere, function()
    package.preload.fibers_wait = wait
    require("fibers_wait")
    package.preload.fibers_wait, package.loaded.fibers_wait = nil, nil
  end },
  { "a debug hook", nowhere, function()
    local function hook()
      wait()
      debug.sethook()
    end
    debug.sethook(hook, "l")
    t.ok(called)
  end },
  { "pcall in a debug hook", nowhere, function()
    local function hook()
      assert(pcall(wait))
      debug.sethook()
    end
    debug.sethook(hook, "l")
    t.ok(called)
  end },
  { "load", nowhere, function() assert(load(function() wait() end)) end },
}

for _, place in ipairs(places) do
  local name, says, f = place[1], place[2], place[3]
  t.case("a wait below " .. name, function()
    called = false
    local want = says[t.lua == "jit" and 2 or t.lua == "5.1" and 3 or 1]
    local said = outcome(f)
    if said ~= want then
      -- On a busy machine the others may have had no turn in so short a time.
      pause = 0.5
      said = outcome(f)
      pause = 0.03
    end
    t.equal(called, true)
    t.equal(said, want)
  end)
end

t.case("a call in table.sort", function()
  local c = s.spoken("one")
  local tick, quiet = s.pair()
  tick:settimeout(0.01)
  s.run(function()
    local list = { 3, 1, 2 }
    table.sort(list, function(a, b)
      tick:receive()
      return a < b
    end)
    t.equal(table.concat(list), "123")
    t.gives("one", nil, nil)(c:receive())
    c:close()
  end, function() socket.sleep(0.005) end)
  quiet:close()
end)

t.case("a call in gsub", function()
  local c = s.spoken("one two")
  s.run(function()
    local text = ("a-b"):gsub("%a", function() return (t.ok(c:receive())) end)
    t.equal(text, "one-two")
    socket.sleep(0.001)
    c:close()
  end, function() socket.sleep(0.02) end)
end)

t.case("a call in an iterator", function()
  local c = s.spoken("one two three")
  s.run(function()
    local lines = {}
    for line in function() return (c:receive()) end do
      lines[#lines + 1] = line
      if #lines == 2 then break end
    end
    t.equal(table.concat(lines, " "), "one two")
    -- As made by libraries: what it calls is not the iterator itself.
    for line in coroutine.wrap(function() coroutine.yield((c:receive())) end) do t.equal(line, "three") end
    socket.sleep(0.002)
    c:close()
  end, function() socket.sleep(0.01) end)
end)

t.case("an error of a call that cannot yield does no harm later", function()
  -- On 5.1: what the failed call waited for must not answer another's yield.
  local a, b = s.pair()
  local log, all = s.log()
  s.run(function()
    local object = setmetatable({}, { __index = function() return (a:receive()) end })
    local co = coroutine.running()
    if t.lua ~= "5.1" then
      log(object.line)
    else
      -- The error would end this fiber: so another one has it.
      s.moonsocket.spawn(function() return object.line end)
      socket.sleep(0.03)
      log(t.ok(a:receive()))
    end
    t.results(0, coroutine.yield())
    t.results(0, socket.sleep(0.005))
    t.ok(co)
  end, function()
    socket.sleep(0.05)
    b:send("line\n")
    socket.sleep(0.01)
  end)
  t.equal(all(), "line")
end)

t.case("I/O in a metamethod", function()
  local c = s.spoken("one")
  s.run(function()
    local ok, err = pcall(function()
      local object = setmetatable({}, { __index = function() return (t.ok(c:receive())) end })
      t.equal(object.field, "one")
    end)
    if not ok then
      -- Then the fiber must be as good as before.
      t.equal(t.lua, "5.1", "raised: " .. tostring(err))
      t.ok(tostring(err):find("yield", 1, true), err)
    end
    socket.sleep(0.002)
    c:close()
  end)
end)

t.case("require of a module that waits", function()
  local c = s.spoken("one")
  s.run(function()
    package.preload.fibers_waiting_module = function() return { line = t.ok(c:receive()) } end
    t.equal(require("fibers_waiting_module").line, "one")
    package.preload.fibers_waiting_module = nil
    package.loaded.fibers_waiting_module = nil
    c:close()
  end)
end)
