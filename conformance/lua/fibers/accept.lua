-- accept and connect in fibers, both ends in one Lua state.

local t, s = ...
local socket = s.socket

t.case_for(s.ips, "an accept loop and fifty clients", function(ip)
  local server, port = s.listener(ip, 128)
  local sum, served = 0, 0
  local function serve(c)
    c:settimeout(s.patience)
    local line = t.ok(c:receive())
    t.ok(c:send("got " .. line .. "\n"))
    t.gives(nil, "closed", "")(c:receive())
    c:close()
    served = served + 1
  end
  s.spawn(function()
    for _ = 1, 50 do
      local c = t.ok(t.results(1, server:accept()))
      t.equal(c.class, "tcp{client}")
      s.spawn(serve, c)
    end
    server:close()
  end)
  for i = 1, 50 do
    s.spawn(function()
      local c = t.ok(t.results(1, socket.connect(ip, port)))
      t.ok(c:send(i .. "\n"))
      socket.sleep(i % 5 / 1000)
      t.gives("got " .. i, nil, nil)(c:receive())
      c:close()
      sum = sum + i
    end)
  end
  s.run()
  t.equal(sum, 1275)
  t.equal(served, 50)
end)

t.case("accept's limit", function()
  local server = s.listener()
  s.run(function()
    server:settimeout(0.03)
    local took = t.elapsed(function() t.gives(nil, "timeout")(server:accept()) end)
    t.near(took, 0.03 - s.slack, 0.5)
    server:settimeout(0)
    t.gives(nil, "timeout")(server:accept())
  end)
end)

t.case("connect results: a refusal, a bad name, a bad port", function()
  local port = s.dead_port()
  s.run(function()
    t.fails("connection refused", socket.connect("127.0.0.1", port))
    local c = socket.tcp()
    t.fails("connection refused", c:connect("127.0.0.1", port))
    t.equal(c.class, "tcp{client}")
    t.equal((socket.connect("no such host..", 80)), nil)
    t.equal((socket.connect("127.0.0.1", "no such service")), nil)
    t.equal((socket.connect("127.0.0.1", 65536)), nil)
  end)
end)

t.case("connect as a method, then a class that fits", function()
  local server, port = s.listener()
  s.run(function()
    local c = socket.tcp()
    c:settimeout(s.patience)
    t.gives(1)(c:connect("127.0.0.1", port))
    t.equal(c.class, "tcp{client}")
    t.gives(1)(c:connect("127.0.0.1", port))
    t.fails("already connected", c:connect("127.0.0.1", port))
    t.ok(c:send("hello\n"))
  end, function()
    local a = t.ok(server:accept())
    t.gives("hello", nil, nil)(a:receive())
  end)
end)

t.case("connect to a full backlog suspends only its fiber", function()
  local server, port = s.listener("127.0.0.1", 0)
  local fillers = {}
  -- Until one more has to wait.
  for i = 1, 8 do
    local c = socket.tcp4()
    c:settimeout(0)
    c:connect("127.0.0.1", port)
    fillers[i] = c
  end
  local _, ready = socket.select(nil, fillers, 0.1)
  if #ready == #fillers then t.skip("the backlog takes eight and more") end
  s.run(function()
    local c = socket.tcp4()
    c:settimeout(0.1)
    local turns = s.turns(function()
      local took = t.elapsed(function() t.fails("timeout", c:connect("127.0.0.1", port)) end)
      t.near(took, 0.1 - s.slack, 1)
    end)
    t.ok(turns >= 1, "others ran meanwhile: " .. turns)
  end)
  server:close()
end)

t.case("socket.bind in a fiber", function()
  s.run(function()
    local server = t.ok(socket.bind("localhost", 0))
    -- The name may stand for ::1 as well, first.
    local ip, port = server:getsockname()
    local c = t.ok(socket.connect(ip, port))
    t.ok(server:accept())
    c:close()
  end)
end)

t.case("connections that come while nobody accepts are not lost", function()
  local server, port = s.listener("127.0.0.1", 32)
  local taken = 0
  s.run(function()
    for _ = 1, 20 do
      t.ok(server:accept())
      taken = taken + 1
      socket.sleep(0.001)
    end
  end, function()
    for _ = 1, 20 do t.ok(socket.connect("127.0.0.1", port)) end
  end)
  t.equal(taken, 20)
end)
