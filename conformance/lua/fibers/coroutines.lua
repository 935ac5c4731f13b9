-- A user's own coroutines and pcall inside fibers. What each Lua can do differs; nothing may be lost or mixed up on any.

local t, s = ...
local socket = s.socket

local yields_across_pcall = t.lua ~= "5.1"

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

t.case("what a wrapped coroutine raises is what it raises outside", function()
  local function raised(value)
    local co = coroutine.wrap(function() error(value, 0) end)
    local _, err = pcall(function()
      local result = co()
      return result
    end)
    return err
  end
  for _, value in ipairs({ "text", 5, 0.5, true, {} }) do
    local outside, inside = raised(value), nil
    s.run(function() inside = raised(value) end)
    t.equal(inside, outside)
  end
end)

t.case("a plain coroutine with I/O in it", function()
  local c = s.spoken("one two three")
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
  local c = s.spoken("one two")
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
  local c = s.spoken("deep")
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
  local c = s.spoken("one two")
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

t.case("pcall and xpcall of a function in C raise what they do outside", function()
  local server = s.listener()
  local function raised()
    local list = {}
    local function add(_, err) list[#list + 1] = tostring(err) end
    add(pcall(error, "text"))
    add(pcall(string.rep))
    add(pcall(server.accept, "no server"))
    add(pcall(server.settimeout, server, {}))
    add(pcall(nil))
    add(pcall({}))
    add(xpcall(server.accept, function(message) return "handled " .. tostring(message) end))
    return table.concat(list, "\n")
  end
  local outside, inside = raised(), nil
  s.run(function() inside = raised() end)
  server:close()
  t.equal(inside, outside)
end)

t.case("coroutines, pcall and protect below a function in C block, and go on", function()
  local function wait()
    socket.sleep(0.002)
    return "waited"
  end
  -- What is called, and what it gives, told as a text.
  local ways = {
    pcall = function() return select(2, pcall(wait)) end,
    xpcall = function() return select(2, xpcall(wait, debug.traceback)) end,
    resume = function() return select(2, coroutine.resume(coroutine.create(wait))) end,
    wrap = function() return coroutine.wrap(wait)() end,
    ["wrap in wrap"] = function() return coroutine.wrap(function() return coroutine.wrap(wait)() end)() end,
    protect = function() return socket.protect(wait)() end,
  }
  for name, way in pairs(ways) do
    local got, sorted, other = nil, nil, 0
    s.run(function()
      got = ("x"):gsub("x", way)
      local list = { 2, 1 }
      table.sort(list, function(a, b) return way() == "waited" and a < b end)
      sorted = list[1]
      -- What stood below it is nobody's concern afterwards.
      socket.sleep(0.005)
      got = got .. " " .. way()
    end, function()
      for _ = 1, 3 do
        socket.sleep(0.001)
        other = other + 1
      end
    end)
    t.equal(got, "waited waited", name)
    t.equal(sorted, 1, name)
    t.equal(other, 3, name)
  end
end)

t.case("protect and newtry around calls that wait", function()
  local c = s.spoken("one")
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

t.case("to-be-closed variables of a fiber that fails", function()
  if not t.at_least("5.4") then t.skip("no to-be-closed variables on this Lua") end
  local text = s.process([[
    local c, a = pair()
    local function guard(word, f)
      return setmetatable({}, { __close = function(_, err) say(word, err) if f then f() end end })
    end
    spawn(function()
      local outer <close> = guard("outer")
      local client <close> = c
      local inner <close> = guard("inner", function() sleep(0.001) end)
      sleep(0.001)
      error("why", 0)
    end)
    a:settimeout(3)
    spawn(function() say("peer", a:receive()) end)
    spawn(function()
      local guard <close> = guard("third", function() error("in its end", 0) end)
      error("lost", 0)
    end)
    say("run", run())
  ]]):finish()
  for _, line in ipairs { "inner why", "outer why", "peer nil closed", "third lost", "run true", "fiber: why\n", "fiber: in its end\n" } do
    t.ok(text:find(line, 1, true), text)
  end
  t.ok(text:find("stack traceback:.*in function"), text)
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
