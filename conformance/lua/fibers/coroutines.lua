-- A user's own coroutines, pcall, callbacks of C functions inside fibers. What
-- each Lua can do differs; nothing may be lost or mixed up on any.
--
-- Where a call cannot suspend its fiber it blocks the thread: in a coroutine of
-- the user's own (everywhere), below pcall on 5.1, below sort, gsub and the
-- like (everywhere). On 5.1 a call below an iterator or a metamethod raises.

local t, s = ...
local socket = s.socket

local yields_across_pcall = t.lua ~= "5.1"

-- A socket on which another process speaks after a while: what blocks this
-- thread can still be answered.
local function spoken(lines)
  return s.serve([[
    local lines = ...
    ]] .. "lines = '" .. lines .. "'" .. [[

    for line in lines:gmatch("%S+") do
      socket.sleep(0.03)
      c:send(line .. "\n")
    end
    c:receive("*a")
  ]])
end

t.case("a wrapped coroutine that is over says so", function()
  local function outcome(f)
    local co = coroutine.wrap(f)
    local first = { pcall(co) }
    local ok, err = pcall(co)
    t.equal(ok, false)
    return tostring(first[2]) .. "|" .. tostring(err):gsub("^.-:%d+: ", "")
  end
  local bodies = { function() return 1 end, function() error("text", 0) end }
  for _, body in ipairs(bodies) do
    local outside, inside = outcome(body), nil
    s.run(function() inside = outcome(body) end)
    t.equal(inside, outside)
    t.ok(inside:find("dead coroutine", 1, true), inside)
  end
end)

t.case("a plain coroutine with I/O in it", function()
  local c = spoken("one two three")
  s.run(function()
    local lines = coroutine.wrap(function()
      for _ = 1, 3 do coroutine.yield((t.ok(c:receive()))) end
      return "end"
    end)
    t.equal(lines(), "one")
    socket.sleep(0.001)
    t.equal(lines(), "two")
    t.equal(lines(), "three")
    t.equal(lines(), "end")
    c:close()
  end)
end)

t.case("a plain coroutine with I/O, others meanwhile and afterwards", function()
  local c = spoken("one two")
  local a, b = s.pair()
  s.run(function()
    local co = coroutine.create(function()
      local line = t.ok(c:receive())
      socket.sleep(0.005)
      coroutine.yield(line)
      return (t.ok(c:receive()))
    end)
    t.gives(true, "one")(coroutine.resume(co))
    t.equal(coroutine.status(co), "suspended")
    t.gives("from b", nil, nil)(a:receive())
    t.gives(true, "two")(coroutine.resume(co))
    t.equal(coroutine.status(co), "dead")
    c:close()
  end, function()
    socket.sleep(0.1)
    b:send("from b\n")
  end)
end)

t.case("a coroutine that waits in one fiber is not for another to resume", function()
  local c, peer = s.pair()
  local co = coroutine.create(function()
    for _ = 1, 2 do coroutine.yield((t.ok(c:receive()))) end
  end)
  local got = {}
  s.run(function()
    local _, line = t.ok(coroutine.resume(co))
    got[#got + 1] = line
  end, function()
    t.equal(coroutine.status(co), "normal")
    t.gives(false, "cannot resume non-suspended coroutine")(coroutine.resume(co))
    t.equal((t.ok(peer:send("one\ntwo\n"))), 8)
    while coroutine.status(co) == "normal" do socket.sleep(0) end
    local _, line = t.ok(coroutine.resume(co))
    got[#got + 1] = line
  end)
  t.equal(table.concat(got, " "), "one two")
  c:close()
  peer:close()
end)

t.case("a coroutine in a coroutine", function()
  local c = spoken("deep")
  s.run(function()
    local outer = coroutine.wrap(function()
      local inner = coroutine.wrap(function() coroutine.yield((t.ok(c:receive()))) end)
      coroutine.yield(inner())
    end)
    t.equal(outer(), "deep")
    c:close()
  end)
end)

t.case("pcall around a call that waits", function()
  local c = spoken("one two")
  s.run(function()
    local turns = s.turns(function()
      t.gives(true, "one", nil, nil)(pcall(c.receive, c))
      t.gives(true, "two")(pcall(function()
        local line = c:receive()
        return line
      end))
    end)
    if yields_across_pcall then t.ok(turns > 0, "the others stood still") end
    c:close()
  end)
end)

t.case("pcall around an error after a wait", function()
  s.run(function()
    local ok, err = pcall(function()
      socket.sleep(0.002)
      error("after", 0)
    end)
    t.equal(ok, false)
    t.equal(err, "after")
    local trace
    ok, trace = xpcall(function()
      socket.sleep(0.002)
      error("traced", 0)
    end, debug.traceback)
    t.equal(ok, false)
    t.ok(trace:find("traced", 1, true))
    ok, err = pcall(pcall, error, "nested")
    t.equal(ok, true)
    t.equal(err, false)
  end)
end)

t.case("protect and newtry around calls that wait", function()
  local c = spoken("one")
  s.run(function()
    local cleaned = 0
    local fetch = socket.protect(function()
      local try = socket.newtry(function() cleaned = cleaned + 1 end)
      local line = try(c:receive())
      try(c:receive(-0, nil))
      c:settimeout(0.01)
      try(c:receive())
      return line
    end)
    t.gives(nil, "timeout")(fetch())
    t.equal(cleaned, 1)
    c:close()
  end)
end)

t.case("a call in table.sort", function()
  local c = spoken("one")
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
  local c = spoken("one two")
  s.run(function()
    local text = ("a-b"):gsub("%a", function() return (t.ok(c:receive())) end)
    t.equal(text, "one-two")
    socket.sleep(0.001)
    c:close()
  end, function() socket.sleep(0.02) end)
end)

-- The call may raise here on 5.1; then the fiber must be as good as before.
local function may_raise(body)
  local ok, err = pcall(body)
  if ok then return end
  t.equal(t.lua, "5.1", "raised: " .. tostring(err))
  t.ok(tostring(err):find("yield", 1, true), err)
end

t.case("a call in an iterator", function()
  local c = spoken("one two three")
  s.run(function()
    may_raise(function()
      local lines = {}
      for line in function() return (c:receive()) end do
        lines[#lines + 1] = line
        if #lines == 2 then break end
      end
      t.equal(table.concat(lines, " "), "one two")
    end)
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
    if yields_across_pcall then
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
  local c = spoken("one")
  s.run(function()
    may_raise(function()
      local object = setmetatable({}, { __index = function() return (t.ok(c:receive())) end })
      t.equal(object.field, "one")
    end)
    socket.sleep(0.002)
    c:close()
  end)
end)

t.case("require of a module that waits", function()
  local c = spoken("one")
  s.run(function()
    package.preload.fibers_waiting_module = function() return { line = t.ok(c:receive()) } end
    t.equal(require("fibers_waiting_module").line, "one")
    package.preload.fibers_waiting_module = nil
    package.loaded.fibers_waiting_module = nil
    c:close()
  end)
end)

t.case("somebody else resumes a waiting fiber", function()
  -- Nobody should. The call then returns what was passed; the process lives.
  local a, b = s.pair()
  local co, got
  s.run(function()
    co = coroutine.running()
    got = a:receive()
    socket.sleep(0.001)
  end, function()
    socket.sleep(0.005)
    coroutine.resume(co, "intruder")
    socket.sleep(0.005)
    b:send("line\n")
    socket.sleep(0.01)
  end)
  t.ok(got == "intruder" or got == "line", got)
end)

t.case("somebody else resumes a waiting fiber to its end", function()
  local text = s.process([[
    local a, b = pair()
    local co
    spawn(function()
      co = coroutine.running()
      say("got", (a:receive()))
    end)
    spawn(function()
      sleep(0.005)
      coroutine.resume(co, "intruder")
      sleep(0.005)
      b:send("line\n")
      sleep(0.01)
    end)
    say("run", run())
    say("alive")
  ]]):finish()
  t.ok(text:find("got intruder", 1, true) or text:find("got line", 1, true), text)
  t.ok(text:find("alive", 1, true), text)
end)

t.case("a waiting fiber is closed", function()
  if not coroutine.close then t.skip("no coroutine.close on this Lua") end
  local text = s.process([[
    local a, b = pair()
    local co
    spawn(function()
      co = coroutine.running()
      a:receive()
      say("not reached")
    end)
    spawn(function()
      sleep(0.005)
      say("closed", coroutine.close(co))
      sleep(0.005)
      b:send("line\n")
      sleep(0.01)
    end)
    say("run", run())
    say("alive")
  ]]):finish()
  t.ok(text:find("closed true", 1, true), text)
  t.ok(not text:find("not reached", 1, true), text)
  t.ok(text:find("alive", 1, true), text)
end)

t.case("deep recursion in a fiber, then a wait", function()
  local function down(n)
    if n == 0 then
      socket.sleep(0.001)
      return 0
    end
    return 1 + down(n - 1)
  end
  s.run(function() t.equal(down(5000), 5000) end)
end)

t.case("waiting in a to-be-closed variable's end", function()
  if not t.at_least("5.4") then t.skip("no to-be-closed variables on this Lua") end
  local log, all = s.log()
  s.run(function()
    local chunk = assert(load([[
      local socket, log = ...
      local guard <close> = setmetatable({}, { __close = function() socket.sleep(0.005) log("closed") end })
      socket.sleep(0.001)
      log("body")
    ]]))
    chunk(socket, log)
    log("after")
  end)
  t.equal(all(), "body closed after")
end)

t.case("varargs and many results survive a wait", function()
  s.run(function()
    local function f(...)
      socket.sleep(0.001)
      return ...
    end
    t.gives(1, nil, "x", nil)(f(1, nil, "x", nil))
  end)
end)
