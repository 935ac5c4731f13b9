-- Input nobody should give: wrong types, NULs, absurd numbers. Nothing may
-- crash, hang or leave the object unusable.

local t, s = ...
local socket = s.socket

local values = {
  "", "x", "\0", "*", ("y"):rep(5000), 0, -1, 1.5, 2 ^ 31, 2 ^ 53, 2 ^ 63, 2 ^ 64, -2 ^ 63, 1e300,
  math.huge, -math.huge, 0 / 0, true, false, {}, print, coroutine.create(function() end), io.stdout,
}

-- Every method with every value in both argument places; a call may return or
-- raise a string, but must come back, and `check` must hold afterwards.
local function bombard(make, names, check)
  for _, name in ipairs(names) do
    for i = 0, #values do
      local object, other = make()
      local a = values[i]
      for _, b in ipairs({ "none", "x", 1, -1, 2 ^ 53, 0 / 0, {}, true }) do
        local ok, err
        if b == "none" then
          ok, err = pcall(object[name], object, a)
        else
          ok, err = pcall(object[name], object, a, b)
        end
        if not ok then t.equal(type(err), "string", name .. " raised") end
      end
      check(object)
      object:setfd(-1)
      if other then other:close() end
    end
  end
end

t.case("a client survives any arguments", function()
  local c, peer = s.pair()
  local fd = c:getfd()
  bombard(function()
    c:setfd(fd)
    c:settimeout(0)
    c:settimeout(nil, "t")
    return c
  end, { "receive", "settimeout", "setoption", "getoption", "setstats", "getpeername", "getsockname",
    "dirty", "getfamily", "gettimeout", "getstats" }, function() end)
  c:setfd(fd)
  c:settimeout(s.patience)
  peer:send("alive\n")
  t.gives("alive", nil, nil)(c:receive())
end)

t.case("send survives any arguments", function()
  local c, peer = s.pair()
  c:settimeout(0)
  for _, i in ipairs(values) do
    for _, j in ipairs({ 0, 3, -1, 2 ^ 53, -2 ^ 53, "x", {} }) do
      local ok, err = pcall(c.send, c, "hello", i, j)
      if not ok then t.equal(type(err), "string") end
      pcall(c.send, c, i, j)
    end
  end
  c:close()
  t.results(3, peer:receive("*a"))
end)

t.case("a master survives any arguments", function()
  for _, name in ipairs({ "bind", "listen", "setoption", "getoption", "settimeout", "close" }) do
    for i = 0, #values do
      local c = socket.tcp4()
      local ok, err = pcall(c[name], c, values[i], 0)
      if not ok then t.equal(type(err), "string", name) end
      c:close()
      t.equal(c:getfd(), -1)
    end
  end
end)

t.case("module functions survive any arguments", function()
  for _, value in ipairs(values) do
    for _, call in ipairs({ socket.tcp, socket.tcp4, socket.tcp6, socket.gettime, socket.newtry,
      socket.protect, socket.skip, socket.choose, socket.sink, socket.source }) do
      local ok, err = pcall(call, value)
      if not ok then t.equal(type(err), "string") end
    end
    local ok, err = pcall(socket.select, value, value, 0)
    if not ok then t.equal(type(err), "string") end
    ok, err = pcall(socket.connect, "127.0.0.1", 1, value, value, value)
    if not ok then t.equal(type(err), "string") end
  end
end)

t.case("NUL in a host name", function()
  local c = socket.tcp()
  local ok, err = c:connect("a..b\0c", 80)
  t.equal(ok, nil)
  t.equal(type(err), "string")
  ok, err = c:connect("127.0.0.1", "no\0such")
  t.equal(ok, nil)
  t.equal(type(err), "string")
  t.equal((socket.dns.toip("a..b\0c")), nil)
end)

t.case("NUL inside an address is not cut off", function()
  local server, port = s.listener()
  t.equal((socket.connect("127.0.0.1\0.example", port)), nil)
  t.equal((socket.tcp():bind("127.0.0.1\0x", 0)), nil)
  server:close()
end)

t.case("very long names", function()
  local name = ("x"):rep(100000)
  t.equal((socket.tcp():connect(name, 80)), nil)
  t.equal((socket.tcp():connect("127.0.0.1", name)), nil)
  t.equal((socket.dns.getaddrinfo(name)), nil)
  t.equal((socket.dns.toip(name)), nil)
end)

t.case("percent signs and line ends in names", function()
  for _, name in ipairs({ "%s%n", "a\nb", "a\r\nb", "\255\254", "[::1]", "127.0.0.1:80" }) do
    local ok, err = socket.tcp():connect(name .. "..", 80)
    t.equal(ok, nil)
    t.equal(type(err), "string")
  end
end)

t.case("a client that is also a server", function()
  local server, port = s.listener()
  local c = assert(socket.connect("127.0.0.1", port))
  t.raises(function() local r = c:listen() return r, 1 end,
    "calling 'listen' on bad self (tcp{master} expected)")
  t.raises(function() local r = c:bind("*", 0) return r, 1 end,
    "calling 'bind' on bad self (tcp{master} expected)")
end)

t.case("huge setstats do not harm", function()
  local c, peer = s.pair()
  for _, n in ipairs({ 2 ^ 53, 1e18 }) do
    t.gives(1)(c:setstats(n, n, n))
    t.results(3, c:getstats())
  end
  c:send("x\n")
  t.gives("x", nil, nil)(peer:receive())
end)

t.case("a raising call leaves the stream as it was", function()
  local c, peer = s.pair()
  peer:send("one\ntwo\n")
  s.await(c)
  t.gives("one", nil, nil)(c:receive())
  for _ = 1, 3 do
    pcall(c.receive, c, {})
    pcall(c.receive, c, "*x")
    pcall(c.receive, c, -1)
    pcall(c.receive, c, "*l", {})
    pcall(c.send, c, {})
    pcall(c.settimeout, c, "x")
  end
  t.gives("two", nil, nil)(c:receive())
end)

t.case("methods work from a coroutine", function()
  local c, peer = s.pair()
  peer:send("one\n")
  local co = coroutine.wrap(function()
    local line = c:receive()
    coroutine.yield(line)
    return (c:receive())
  end)
  t.equal(co(), "one")
  peer:send("two\n")
  t.equal(co(), "two")
end)

t.case("an object as a table key and in comparisons", function()
  local a, b = socket.tcp(), socket.tcp()
  local set = { [a] = 1, [b] = 2 }
  t.equal(set[a], 1)
  t.equal(set[b], 2)
  t.equal(a == b, false)
  t.equal(a == a, true)
end)
