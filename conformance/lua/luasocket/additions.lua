-- What the original does not have: new functions under new names.

local t, s = ...
local socket = s.socket

t.case("fromfd adopts a descriptor", function()
  local c, peer = s.pair()
  t.equal(type(socket.fromfd), "function")
  local fd = c:getfd()
  c:setfd(-1)
  local heir = t.ok(socket.fromfd(fd))
  t.equal(heir:getfd(), fd)
  heir:settimeout(s.patience)
  t.gives(2, nil, nil)(heir:send("ok"))
  t.gives("ok", nil, nil)(peer:receive(2))
end)

t.case("receiveany gives what is there, up to its limit", function()
  local c, peer = s.pair()
  peer:send("abcdef")
  s.await(c)
  t.equal((c:receiveany(4)), "abcd")
  t.equal((c:receiveany(100)), "ef")
  c:settimeout(0)
  local data, err = c:receiveany(100)
  t.equal(data, nil)
  t.equal(err, "timeout")
  peer:close()
  c:settimeout(s.patience)
  data, err = c:receiveany(100)
  t.equal(data, nil)
  t.equal(err, "closed")
end)

t.case("receiveany takes from the buffer first", function()
  local c, peer = s.pair()
  peer:send("line\nrest")
  s.await(c)
  t.gives("line", nil, nil)(c:receive())
  t.equal(c:dirty(), true)
  t.equal((c:receiveany(100)), "rest")
  t.equal(c:dirty(), false)
end)

t.case("dup gives a second descriptor for one connection", function()
  local c, peer = s.pair()
  local twin = t.ok(c:dup())
  t.differs(twin:getfd(), c:getfd())
  c:close()
  twin:settimeout(s.patience)
  t.gives(2, nil, nil)(twin:send("ok"))
  t.gives("ok", nil, nil)(peer:receive(2))
  twin:close()
  t.gives(nil, "closed", "")(peer:receive())
end)

t.case("socketpair gives two connected objects", function()
  local a, b = socket.socketpair()
  t.ok(a, b)
  a:settimeout(s.patience)
  b:settimeout(s.patience)
  t.gives(5, nil, nil)(a:send("ping\n"))
  t.gives("ping", nil, nil)(b:receive())
  t.gives(4, nil, nil)(b:send("pong"))
  b:close()
  t.gives("pong", nil, nil)(a:receive("*a"))
end)

t.case("monotime never runs backwards", function()
  t.equal(type(socket.monotime), "function")
  local first = t.results(1, socket.monotime())
  t.equal(type(first), "number")
  socket.sleep(0.02)
  t.near(socket.monotime() - first, 0.02, 3)
  local last = socket.monotime()
  for _ = 1, 1000 do
    local now = socket.monotime()
    t.ok(now >= last)
    last = now
  end
end)

-- socket.connect with a table of options in the place of the local address.

t.case("connect with happy eyeballs", function()
  for _, happy in ipairs({ true, 0.05, false }) do
    local server, port = s.listener()
    local before = t.descriptors()
    local c = t.ok(socket.connect("localhost", port, { happy_eyeballs = happy, timeout = s.patience }))
    t.equal(t.descriptors(), before + 1)
    t.equal(c.class, "tcp{client}")
    t.equal(tonumber((select(2, c:getpeername()))), port)
    local a = t.ok(server:accept())
    a:send("ok\n")
    c:settimeout(s.patience)
    t.gives("ok", nil, nil)(c:receive())
    c:close()
    t.equal(t.descriptors(), before + 1)
    a:close()
    server:close()
  end
end)

t.case("the options' timeout is for the connect alone", function()
  local server, port = s.listener()
  local c = t.ok(socket.connect("127.0.0.1", port, { happy_eyeballs = true, timeout = 0.05 }))
  local a = t.ok(server:accept())
  local took = t.elapsed(function()
    local fibers = require("moonsocket")
    fibers.spawn(function() socket.sleep(0.12) a:send("late\n") end)
    fibers.spawn(function() t.gives("late", nil, nil)(c:receive()) end)
    fibers.run()
  end)
  t.near(took, 0.12 - s.slack, 4)
end)

t.case("connect with options that fails", function()
  local before = t.descriptors()
  for _, happy in ipairs({ true, false }) do
    t.fails("connection refused", socket.connect("localhost", s.dead_port(), { happy_eyeballs = happy }))
    t.fails("connection refused", socket.connect("127.0.0.1", s.dead_port(), { happy_eyeballs = happy, family = "inet" }))
    local c, err = socket.connect("no such name..", 80, { happy_eyeballs = happy })
    t.equal(c, nil)
    t.equal(type(err), "string")
  end
  t.equal(t.descriptors(), before)
end)

t.case("connect with options: the family", function()
  local _, port = s.listener()
  t.results(1, socket.connect("127.0.0.1", port, { family = "inet" }))
  t.fails("Address family for hostname not supported", socket.connect("127.0.0.1", port, { family = "inet6" }))
end)

t.case("connect with options gives up in time", function()
  local server = socket.tcp4()
  t.gives(1)(server:bind("127.0.0.1", 0))
  t.gives(1)(server:listen(0))
  local port, waiting = s.port(server), {}
  for i = 1, 8 do
    waiting[i] = socket.tcp()
    waiting[i]:settimeout(0)
    waiting[i]:connect("127.0.0.1", port)
  end
  local before = t.descriptors()
  for _, happy in ipairs({ true, 0.02, false }) do
    local options = { happy_eyeballs = happy, timeout = 0.1 }
    local function try()
      local took = t.elapsed(function() t.fails("timeout", socket.connect("127.0.0.1", port, options)) end)
      t.near(took, 0.1 - s.slack, 4)
    end
    try()
    local all = t.elapsed(function()
      for _ = 1, 10 do require("moonsocket").spawn(try) end
      require("moonsocket").run()
    end)
    t.near(all, 0.1 - s.slack, 0.9)
  end
  t.equal(t.descriptors(), before)
end)

t.case("options that cannot be", function()
  for _, options in ipairs({
    { happy_eyeballs = "yes" }, { happy_eyeballs = -1 }, { happy_eyeballs = 0 / 0 }, { timeout = "soon" },
    { timeout = 0 / 0 }, { timeout = {} }, { family = "inet5" }, { family = 4 }, { family = {} },
  }) do
    t.raises_like(function() socket.connect("127.0.0.1", 1, options) end, "bad argument #3 to 'connect'")
  end
  t.raises_like(function() socket.connect("127.0.0.1", 1, true) end, "string expected, got boolean")
end)
