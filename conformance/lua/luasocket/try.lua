-- newtry, try and protect.

local t, s = ...
local socket = s.socket

t.case("try passes all values through", function()
  t.gives(1, 2, nil, "x", nil)(socket.try(1, 2, nil, "x", nil))
  t.gives(true)(socket.try(true))
  t.gives(0, nil)(socket.try(0, nil))
  t.gives("", "err")(socket.try("", "err"))
end)

t.case("try raises a table with the message", function()
  local err = t.raised(function() return socket.try(nil, "message", "more") end)
  t.equal(type(err), "table")
  t.equal(err[1], "message")
  t.equal(err[2], nil)
  t.equal(getmetatable(err), false)
end)

t.case("try raises for false too", function()
  local err = t.raised(function() return socket.try(false, "message") end)
  t.equal(err[1], "message")
end)

t.case("try's message may be any value", function()
  local thing = {}
  t.equal(t.raised(function() return socket.try(nil, thing) end)[1], thing)
  t.equal(t.raised(function() return socket.try(nil) end)[1], nil)
  t.equal(t.raised(function() return socket.try(nil, 12) end)[1], 12)
end)

t.case("the finalizer runs before the error, without arguments", function()
  local calls, count = 0, nil
  local try = socket.newtry(function(...)
    calls = calls + 1
    count = select("#", ...)
    return "ignored"
  end)
  t.gives(1)(try(1))
  t.equal(calls, 0)
  t.equal(t.raised(function() return try(nil, "boom") end)[1], "boom")
  t.equal(calls, 1)
  t.equal(count, 0)
end)

t.case("the finalizer's own error wins", function()
  local thing = {}
  local try = socket.newtry(function() error(thing) end)
  t.equal(t.raised(function() return try(nil, "boom") end), thing)
end)

t.case("newtry without a finalizer", function()
  t.equal(t.raised(function() return socket.newtry()(nil, "boom") end)[1], "boom")
end)

t.case("newtry does not look at the finalizer until it is needed", function()
  local try = socket.newtry(12)
  t.gives(5)(try(5))
  -- Some versions name the variable in between.
  local err = t.raised(function() local r = try(nil, "x") return r, 1 end)
  t.ok(tostring(err):match("attempt to call .*a number value"), err)
end)

t.case("protect passes arguments and results", function()
  local f = socket.protect(function(...) return select("#", ...), ... end)
  t.gives(3, 1, nil, 3)(f(1, nil, 3))
  t.gives(0)(f())
  t.results(0, socket.protect(function() end)())
end)

t.case("protect turns try's error into nil, message", function()
  local f = socket.protect(function(v) return socket.try(nil, v) end)
  t.gives(nil, "boom")(f("boom"))
  local thing = {}
  t.gives(nil, thing)(f(thing))
  t.gives(nil, nil)(f(nil))
end)

t.case("protect lets other errors through unchanged", function()
  local thing = {}
  t.equal(t.raised(socket.protect(function() error(thing) end)), thing)
  t.equal(t.raised(socket.protect(function() error("text", 0) end)), "text")
  t.equal(t.raised(socket.protect(function() error(12, 0) end)), 12)
  local fake = { "message" }
  t.equal(t.raised(socket.protect(function() error(fake) end)), fake)
end)

t.case("protect lets error(nil) through", function()
  local ok, err = pcall(socket.protect(function() error(nil) end))
  t.equal(ok, false)
  if t.at_least("5.5") then return end
  t.equal(err, nil)
end)

t.case("protect knows try's error when it was caught and raised again", function()
  local f = socket.protect(function()
    local ok, err = pcall(socket.try, nil, "again")
    assert(not ok)
    error(err)
  end)
  t.gives(nil, "again")(f())
end)

t.case("protect knows the errors of every newtry", function()
  local f = socket.protect(function() return socket.newtry(function() end)(nil, "mine") end)
  t.gives(nil, "mine")(f())
end)

t.case("protected functions nest", function()
  local inner = socket.protect(function() return socket.try(nil, "inner") end)
  local outer = socket.protect(function()
    local v, err = inner()
    return socket.try(v, "outer saw " .. err)
  end)
  t.gives(nil, "outer saw inner")(outer())
end)

t.case("protect does not look at its function until called", function()
  local f = socket.protect(12)
  t.raises_like(function() local r = f() return r, 1 end, "attempt to call a number value")
end)

t.case("the usual way: try with a finalizer that closes", function()
  local closed
  local request = socket.protect(function(port)
    local c = socket.tcp()
    local try = socket.newtry(function()
      c:close()
      closed = c:getfd()
    end)
    try(c:connect("127.0.0.1", port))
    try(c:send("x"))
    return try(c:receive())
  end)
  t.fails("connection refused", request(s.dead_port()))
  t.equal(closed, -1)
end)

t.case("yielding across protect on 5.2 and later", function()
  if not t.at_least("5.2") then t.skip("no yield across C calls on this Lua") end
  local co = coroutine.create(socket.protect(function(a)
    local b = coroutine.yield(a + 1)
    return socket.try(nil, b)
  end))
  t.gives(true, 2)(coroutine.resume(co, 1))
  t.gives(true, nil, "late")(coroutine.resume(co, "late"))
end)

t.case("yields pass through protect with results", function()
  if not t.at_least("5.2") then t.skip("no yield across C calls on this Lua") end
  local f = socket.protect(function(...)
    local sum = 0
    for i = 1, 3 do sum = sum + coroutine.yield(i, ...) end
    return sum, "done"
  end)
  local co = coroutine.create(function() return f("a", "b") end)
  t.gives(true, 1, "a", "b")(coroutine.resume(co))
  t.gives(true, 2, "a", "b")(coroutine.resume(co, 10))
  t.gives(true, 3, "a", "b")(coroutine.resume(co, 20))
  t.gives(true, 60, "done")(coroutine.resume(co, 30))
end)
