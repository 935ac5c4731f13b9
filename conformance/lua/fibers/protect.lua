-- socket.protect in fibers: a call may wait in it on every Lua.

local t, s = ...
local socket = s.socket

t.case("a wait in protect suspends this fiber alone", function()
  local wait = socket.protect(function(...)
    socket.sleep(0.05)
    return select("#", ...), ...
  end)
  s.run(function()
    local turns = s.turns(function() t.gives(3, 1, nil, nil)(wait(1, nil, nil)) end)
    t.near(turns, 3, 20, "turns of others")
  end)
end)

t.case("protects within each other, each with its own waits and failures", function()
  local inner = socket.protect(function(message)
    socket.sleep(0.01)
    socket.try(not message, message)
    return "inner"
  end)
  local outer = socket.protect(function(message)
    socket.sleep(0.01)
    local first = inner()
    local none, why = inner("refused")
    socket.sleep(0.01)
    socket.try(not message, message)
    return first, none, why
  end)
  s.run(function()
    t.gives("inner", nil, "refused")(outer())
    t.gives(nil, "outside")(outer("outside"))
  end)
end)

t.case("other errors come out as they are", function()
  local object = {}
  local fails = socket.protect(function(what)
    socket.sleep(0.001)
    error(what, 0)
  end)
  s.run(function()
    t.equal(t.raised(function() fails(object) end), object)
    t.equal(t.raised(function() fails("text") end), "text")
  end)
end)

t.case("what the fiber yields by itself in protect is a turn for the others", function()
  local wait = socket.protect(function()
    for _ = 1, 5 do coroutine.yield() end
    return "done"
  end)
  s.run(function() t.gives("done")(wait()) end)
end)

t.case("many at once", function()
  local wait = socket.protect(function(n)
    socket.sleep(0.05)
    return n
  end)
  local sum = 0
  local bodies = {}
  for i = 1, 50 do
    bodies[i] = function()
      local n = wait(i)
      sum = sum + n
    end
  end
  local took = t.elapsed(function() s.run((unpack or table.unpack)(bodies)) end)
  t.equal(sum, 1275)
  t.near(took, 0.05, 1)
end)

t.case("below a pcall of the fiber's own it still works", function()
  local wait = socket.protect(function()
    socket.sleep(0.005)
    return "done"
  end)
  s.run(function() t.gives(true, "done")(pcall(wait)) end)
end)

t.case("a coroutine of the fiber's own that protects", function()
  local wait = socket.protect(function()
    socket.sleep(0.005)
    return "done"
  end)
  s.run(function()
    t.gives("done")(coroutine.wrap(function() return wait() end)())
    local turns = s.turns(function() t.gives("done")(wait()) end)
    t.near(turns, 0, 10)
  end)
end)
