-- spawn and run themselves: arguments, order, errors, nesting.

local t, s = ...
local socket, moonsocket = s.socket, s.moonsocket

t.case("run without fibers gives true", function()
  t.gives(true)(moonsocket.run())
end)

t.case("spawn gives nothing and calls nothing yet", function()
  local called = false
  t.results(0, moonsocket.spawn(function() called = true end))
  t.equal(called, false)
  t.gives(true)(moonsocket.run())
  t.equal(called, true)
end)

t.case("arguments arrive, trailing nils too", function()
  local got
  moonsocket.spawn(function(...) got = t.pack(...) end, 1, nil, "x", nil)
  moonsocket.run()
  t.equal(got.n, 4)
  t.equal(got[1], 1)
  t.equal(got[3], "x")
end)

t.case("two hundred arguments", function()
  local list, got = {}, nil
  for i = 1, 200 do list[i] = i end
  moonsocket.spawn(function(...) got = t.pack(...) end, (table.unpack or unpack)(list))
  moonsocket.run()
  t.equal(got.n, 200)
  t.equal(got[200], 200)
end)

t.case("spawn wants a function", function()
  t.raises(function() local r = moonsocket.spawn() return r, 1 end,
    "bad argument #1 to 'spawn' (function expected, got no value)")
  t.raises(function() local r = moonsocket.spawn({}) return r, 1 end,
    "bad argument #1 to 'spawn' (function expected, got table)")
  t.gives(true)(moonsocket.run())
end)

t.case("fibers start in the order in which they were spawned", function()
  local log, all = s.log()
  for i = 1, 5 do s.spawn(function() log(i) end) end
  s.run()
  t.equal(all(), "1 2 3 4 5")
end)

t.case("a fiber spawns fibers", function()
  local log, all = s.log()
  s.run(function()
    s.spawn(function(name)
      log(name)
      s.spawn(log, "grandchild")
      socket.sleep(0.1)
      log("child again")
    end, "child")
    log("parent")
  end)
  t.equal(all(), "parent child grandchild child again")
end)

t.case("fibers of a function of the library itself", function()
  local c, peer = s.pair()
  moonsocket.spawn(socket.sleep, 0.01)
  moonsocket.spawn(c.receive, c)
  s.run(function()
    socket.sleep(0.02)
    peer:send("one\ntwo\n")
  end)
  t.gives("two", nil, nil)(c:receive())
end)

t.case("run inside run is an error, and nothing is lost by it", function()
  local message
  s.run(function()
    socket.sleep(0.001)
    local ok, err = pcall(moonsocket.run)
    t.equal(ok, false)
    message = err
  end, function() socket.sleep(0.01) end)
  t.ok(message:find("fibers are running already", 1, true), message)
  t.gives(true)(moonsocket.run())
end)

t.case("run inside a coroutine", function()
  local log, all = s.log()
  s.spawn(function()
    socket.sleep(0.002)
    log("fiber")
  end)
  coroutine.wrap(function()
    s.run()
    log("done")
  end)()
  t.equal(all(), "fiber done")
end)

t.case("a plain yield lets the others have their turn", function()
  local log, all = s.log()
  s.run(function()
    for i = 1, 3 do
      log("a" .. i)
      coroutine.yield("nobody", "takes", "these")
    end
  end, function()
    for i = 1, 3 do
      log("b" .. i)
      t.results(0, coroutine.yield())
    end
  end)
  t.equal(all(), "a1 b1 a2 b2 a3 b3")
end)

t.case("calls in fibers block as always once run is over", function()
  s.run(function() socket.sleep(0.001) end)
  local c, peer = s.pair()
  c:settimeout(0.02)
  t.gives(nil, "timeout", "")(c:receive())
  peer:send("x\n")
  t.gives("x", nil, nil)(c:receive())
end)

t.case("an error ends its fiber, stands on stderr, and the others go on", function()
  local peer = s.process([[
    spawn(function()
      local function deeper() error("went wrong") end
      sleep(0.01)
      deeper()
    end)
    spawn(function() error({}) end)
    spawn(function() error(setmetatable({}, { __tostring = function() return "an object" end })) end)
    spawn(function() error() end)
    spawn(function()
      sleep(0.05)
      say("the other goes on")
    end)
    say("run", run())
  ]])
  local text = peer:finish()
  t.ok(text:find("moonsocket: error in a fiber: ", 1, true), text)
  t.ok(text:find("went wrong", 1, true), text)
  t.ok(text:find("stack traceback:", 1, true), text)
  t.ok(text:find("deeper", 1, true), text)
  t.ok(text:find("an object", 1, true), text)
  t.ok(text:find("the other goes on", 1, true), text)
  t.ok(text:find("run true", 1, true), text)
  local count = select(2, text:gsub("moonsocket: error in a fiber", ""))
  t.equal(count, 4)
end)

t.case("an error in a fiber leaves run usable", function()
  local stderr = s.process([[
    for _ = 1, 100 do spawn(function() sleep(0); error("x") end) end
    say(run())
    spawn(function() sleep(0.001) say("again") end)
    say(run())
  ]]):finish()
  t.ok(stderr:find("true\nagain\ntrue\n", 1, true) ~= nil
    or select(2, stderr:gsub("true\n", "")) == 2, stderr)
end)
