-- A socket that another fiber waits for is closed, handed over or shut down.

local t, s = ...
local socket = s.socket

local function waits(call, finish, check)
  s.run(function() check(call()) end, function()
    socket.sleep(0.01)
    finish()
  end)
end

t.case("close wakes a receive", function()
  local c, peer = s.pair()
  waits(function() return c:receive() end, function() t.gives(1)(c:close()) end,
    t.gives(nil, "closed", ""))
end)

t.case("close wakes a receive, and its partial comes along", function()
  local c, peer = s.pair()
  peer:send("part")
  waits(function() return c:receive(100) end, function() c:close() end,
    t.gives(nil, "closed", "part"))
end)

t.case("close wakes a send", function()
  local c, peer = s.pair()
  waits(function() return c:send(("x"):rep(16 * 1024 * 1024)) end, function() c:close() end,
    function(last, err, partial)
      t.equal(last, nil)
      t.equal(err, "closed")
      t.near(partial, 1, 16 * 1024 * 1024)
    end)
end)

t.case("close wakes an accept", function()
  local server = s.listener()
  waits(function() return server:accept() end, function() server:close() end,
    t.gives(nil, "closed"))
end)

t.case("close wakes all who wait", function()
  local c, peer = s.pair()
  local woken = 0
  for _ = 1, 5 do
    s.spawn(function()
      t.gives(nil, "closed", "")(c:receive())
      woken = woken + 1
    end)
  end
  s.run(function()
    socket.sleep(0.01)
    c:close()
  end)
  t.equal(woken, 5)
end)

t.case("close wakes a connect", function()
  local server, port = s.listener("127.0.0.1", 0)
  local fillers = {}
  for i = 1, 8 do
    local c = socket.tcp4()
    c:settimeout(0)
    c:connect("127.0.0.1", port)
    fillers[i] = c
  end
  local _, ready = socket.select(nil, fillers, 0.1)
  if #ready == #fillers then t.skip("the backlog takes eight and more") end
  local c = socket.tcp4()
  c:settimeout(s.patience)
  local took = t.elapsed(function()
    waits(function() return c:connect("127.0.0.1", port) end, function() c:close() end,
      function(ok, err)
        t.equal(ok, nil)
        t.equal(err, "closed")
      end)
  end)
  t.near(took, 0, 1)
  server:close()
end)

t.case("the number of a closed descriptor is used again at once", function()
  local c, peer = s.pair()
  local fd = c:getfd()
  local next_fd
  waits(function() return c:receive() end, function()
    c:close()
    local fresh, other = s.pair()
    next_fd = fresh:getfd()
    fresh:settimeout(0.02)
    t.gives(nil, "timeout", "")(fresh:receive())
    other:close()
  end, t.gives(nil, "closed", ""))
  t.equal(type(next_fd), "number")
  t.ok(fd)
  peer:close()
end)

t.case("setfd(-1) takes the descriptor from under a receive", function()
  local c, peer = s.pair()
  local fd = c:getfd()
  waits(function() return c:receive() end, function() c:setfd(-1) end,
    t.gives(nil, "closed", ""))
  c:setfd(fd)
  peer:send("x\n")
  t.gives("x", nil, nil)(c:receive())
end)

t.case("a receive goes on with another descriptor put under it", function()
  local c, peer = s.pair()
  local other, other_peer = s.pair()
  local old = c:getfd()
  other_peer:send("from the other\n")
  waits(function() return c:receive() end, function()
    c:setfd(other:getfd())
    other:setfd(old)
  end, t.gives("from the other", nil, nil))
  peer:close()
end)

t.case("shutdown ends the receive of this side", function()
  local c, peer = s.pair()
  waits(function() return c:receive() end, function() c:shutdown("receive") end,
    t.gives(nil, "closed", ""))
end)

t.case("the other end closes", function()
  local c, peer = s.pair()
  waits(function() return c:receive() end, function() peer:close() end,
    t.gives(nil, "closed", ""))
end)

t.case("close inside a fiber that will use it again", function()
  local c, peer = s.pair()
  s.run(function()
    c:close()
    t.gives(nil, "closed", "")(c:receive())
    t.gives(nil, "closed", 0)(c:send("x"))
  end)
end)

t.case("a closed select does not hang", function()
  -- What a select says of a closed descriptor is undefined; that it comes back is not.
  local c, peer = s.pair()
  local came = false
  local took = t.elapsed(function()
    s.run(function()
      pcall(socket.select, { c }, nil, 0.3)
      came = true
    end, function()
      socket.sleep(0.01)
      c:close()
    end)
  end)
  t.equal(came, true)
  t.near(took, 0, 1)
end)

t.case("close wakes a select: what was closed is ready", function()
  for _, write in ipairs({ false, true }) do
    local c, peer = s.pair()
    local other, others_peer = s.pair()
    if write then
      c:settimeout(0)
      while c:send(("x"):rep(1024 * 1024)) do end
    end
    waits(function() return socket.select(not write and { other, c } or nil, write and { c } or nil) end, function() c:close() end,
      function(readable, writable, err)
        t.equal(err, nil)
        t.equal(type(readable), "table")
        t.equal((write and writable or readable)[1], c)
        t.equal(#readable + #writable, 1)
        t.gives(nil, "closed", "")(c:receive())
      end)
    peer:close()
    others_peer:close()
  end
end)
