-- Garbage collection while fibers wait.

local t, s = ...
local socket = s.socket

t.case("everything is collected around fibers that wait", function()
  local got = {}
  local peers = {}
  for i = 1, 20 do
    local c, peer = s.pair()
    peers[i] = peer
    -- The only reference to the object is on this fiber's stack.
    s.spawn(function(object) got[i] = t.ok(object:receive("*l", "prefix " .. i .. " ")) end, c)
  end
  s.run(function()
    for _ = 1, 5 do
      t.collect()
      socket.sleep(0.002)
    end
    for i, peer in ipairs(peers) do peer:send(i .. "\n") end
    t.collect()
  end)
  for i = 1, 20 do t.equal(got[i], "prefix " .. i .. " " .. i) end
end)

t.case("the string of a send that waits is collected last", function()
  local c, peer = s.pair()
  local size = 6 * 1024 * 1024
  s.run(function()
    t.gives(size, nil, nil)(c:send(("x"):rep(size)))
    c:close()
  end, function()
    for _ = 1, 3 do t.collect() end
    local junk = {}
    for i = 1, 50 do junk[i] = ("y"):rep(200000 + i) end
    t.collect()
    local data = t.ok(peer:receive("*a"))
    t.equal(#data, size)
    t.equal(data:find("[^x]"), nil)
  end)
end)

t.case("an object whose only user is a call that waits", function()
  s.run(function()
    local server, port = s.listener()
    s.spawn(function() t.ok(socket.connect("127.0.0.1", port)):send("x\n") end)
    t.gives("x", nil, nil)(t.ok(server:accept()):receive())
  end, function()
    for _ = 1, 10 do
      t.collect()
      socket.sleep(0.001)
    end
  end)
end)

t.case("select's tables and objects", function()
  local got
  s.run(function()
    local c, peer = s.pair()
    s.spawn(function()
      socket.sleep(0.02)
      peer:send("x")
    end)
    c:settimeout(1.25)
    got = socket.select({ c }, nil, s.patience)
  end, function()
    for _ = 1, 10 do
      t.collect()
      socket.sleep(0.001)
    end
  end)
  t.equal(#got, 1)
  t.gives(1.25, -1)(got[1]:gettimeout())
end)

t.case("__gc by hand under a call that waits", function()
  local c, peer = s.pair()
  local came
  s.run(function() came = t.pack(c:receive()) end, function()
    socket.sleep(0.005)
    getmetatable(c).__gc(c)
    socket.sleep(0.005)
    peer:close()
  end)
  t.equal(came[1], nil)
  t.equal(type(came[2]), "string")
end)

t.case("finalizers that use sockets and spawn fibers", function()
  if not t.at_least("5.2") then t.skip("no __gc for tables on this Lua") end
  local c, peer = s.pair()
  local spawned = 0
  s.run(function()
    for _ = 1, 50 do
      setmetatable({}, { __gc = function()
        c:send("x")
        s.moonsocket.spawn(function() spawned = spawned + 1 end)
      end })
      socket.sleep(0)
    end
    t.collect()
    socket.sleep(0.01)
  end)
  t.equal(spawned, 50)
  t.equal(#t.ok(peer:receive(50)), 50)
end)

t.case("a finalizer that waits", function()
  if not t.at_least("5.2") then t.skip("no __gc for tables on this Lua") end
  -- It cannot yield: it blocks, whatever fiber it falls upon, and nothing breaks.
  local done = 0
  s.run(function()
    setmetatable({}, { __gc = function()
      socket.sleep(0.003)
      done = done + 1
    end })
    t.collect()
    socket.sleep(0.001)
    t.collect()
  end, function() socket.sleep(0.002) end)
  t.equal(done, 1)
end)

t.case("a finalizer that waits, in the middle of something else", function()
  local done = false
  local function finish()
    socket.sleep(0.001)
    done = true
  end
  s.run(function()
    if newproxy then
      getmetatable(newproxy(true)).__gc = finish
    else
      setmetatable({}, { __gc = finish })
    end
    -- No function in C stands between, as in a call of the collector.
    local t0, rest = t.clock(), nil
    repeat
      for _ = 1, 1000 do rest = { rest = {} } end
    until done or t.clock() - t0 >= s.patience
    t.ok(rest.rest)
  end)
  t.equal(done, true)
end)

t.case("the collector runs at every step", function()
  local c, peer = s.pair()
  -- 5.5 has other words for it.
  local new = t.at_least("5.5")
  local function parameter(name, value)
    if new then return collectgarbage("param", name, value) end
    return collectgarbage("set" .. name, value)
  end
  local pause, stepmul = parameter("pause", 0), parameter("stepmul", 10000)
  local ok, err = pcall(s.run, function()
    for i = 1, 100 do
      t.gives("line " .. i, nil, nil)(c:receive())
      t.gives(3, nil, nil)(c:send("ok\n"))
    end
  end, function()
    for i = 1, 100 do
      peer:send("line " .. i)
      socket.sleep(0)
      peer:send("\n")
      t.gives("ok", nil, nil)(peer:receive())
    end
  end)
  parameter("pause", pause)
  parameter("stepmul", stepmul)
  if not ok then error(err, 0) end
end)
