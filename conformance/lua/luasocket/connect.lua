-- connect and setpeername with time to wait.

local t, s = ...
local socket = s.socket

t.case_for(s.ips, "connect returns 1 and makes a client", function(ip)
  local server, port = s.listener(ip)
  local c = socket.tcp()
  t.gives(1)(c:connect(ip, port))
  t.equal(c.class, "tcp{client}")
  local a = t.ok(server:accept())
  local address, theirs = a:getpeername()
  t.equal(address, ip)
  t.equal(tonumber(theirs), s.port(c))
end)

t.case_for(s.ips, "setpeername is connect", function(ip)
  local server, port = s.listener(ip)
  local c = ip == "::1" and socket.tcp6() or socket.tcp4()
  t.gives(1)(c:setpeername(ip, port))
  t.equal(c.class, "tcp{client}")
  server:close()
end)

t.case_for(s.ips, "nobody listens", function(ip)
  local port = s.dead_port(ip)
  local c = socket.tcp()
  t.fails("connection refused", c:connect(ip, port))
  t.equal(c.class, "tcp{client}")
end)

t.case("a refused object can try again", function()
  local c = socket.tcp()
  t.fails("connection refused", c:connect("127.0.0.1", s.dead_port()))
  local server, port = s.listener()
  t.gives(1)(c:connect("127.0.0.1", port))
  local a = t.ok(server:accept())
  c:send("ok")
  a:settimeout(s.patience)
  t.gives("ok", nil, nil)(a:receive(2))
end)

t.case_for(s.ips, "with a limit, each refusal is one, until somebody listens", function(ip)
  local c = socket.tcp()
  c:settimeout(s.patience)
  for _ = 1, 3 do
    t.fails("connection refused", c:connect(ip, s.dead_port(ip)))
  end
  local server, port = s.listener(ip)
  t.gives(1)(c:connect(ip, port))
  server:close()
end)

t.case("with a limit, each refusal of a tcp4 object is one, too", function()
  local c = socket.tcp4()
  c:settimeout(s.patience)
  for _ = 1, 3 do
    t.fails("connection refused", c:connect("127.0.0.1", s.dead_port("127.0.0.1")))
  end
end)

t.case_for(s.ips, "a connected object says so once more, then that it is connected already", function(ip)
  local server, port = s.listener(ip)
  for _, limit in ipairs({ -1, s.patience }) do
    local c = socket.tcp()
    c:settimeout(limit)
    t.gives(1)(c:connect(ip, port))
    t.gives(1)(c:connect(ip, port))
    t.fails("already connected", c:connect(ip, port))
    t.fails("already connected", c:connect(ip, port))
  end
  server:close()
end)

t.case_for(s.ips, "a connected object is not given up for an address of the other family", function(ip)
  local server, port = s.listener(ip)
  local c = socket.tcp()
  t.gives(1)(c:connect(ip, port))
  local a = t.ok(server:accept())
  c:connect(ip, port)
  t.fails("Address family for hostname not supported",
    c:connect(ip == "::1" and "127.0.0.1" or "::1", port))
  c:send("ok")
  a:settimeout(s.patience)
  t.gives("ok", nil, nil)(a:receive(2))
end)

t.case("the port may be a numeric string", function()
  local server, port = s.listener()
  t.gives(1)(socket.tcp():connect("127.0.0.1", tostring(port)))
  server:close()
end)

t.case("names are resolved", function()
  local server, port = s.listener()
  local c = socket.tcp4()
  t.gives(1)(c:connect("localhost", port))
  t.equal((c:getpeername()), "127.0.0.1")
  server:close()
end)

t.case("a name with several addresses is tried through", function()
  local server, port = s.listener("127.0.0.1")
  local c = socket.tcp()
  t.gives(1)(c:connect("localhost", port))
  t.equal((c:getpeername()), "127.0.0.1")
  server:close()
end)

t.case("short forms of an address", function()
  local server, port = s.listener("127.0.0.1")
  local c = socket.tcp()
  t.gives(1)(c:connect("127.1", port))
  t.equal((c:getpeername()), "127.0.0.1")
  server:close()
end)

t.case("star goes to loopback", function()
  local server, port = s.listener("127.0.0.1")
  local c = socket.tcp4()
  t.gives(1)(c:connect("*", port))
  t.equal((c:getpeername()), "127.0.0.1")
  server:close()
end)

t.case("unknown hosts and services", function()
  local host = "host or service not provided, or not known"
  local c = socket.tcp()
  t.fails(host, c:connect("a..b", 80))
  t.equal(c.class, "tcp{client}")
  t.fails(host, socket.tcp4():connect("no such host", 80))
  t.fails(host, socket.tcp():connect("", 80))
  t.fails("service not supported for socket type", socket.tcp():connect("127.0.0.1", "nosuchservice"))
end)

t.case("a client that never got a descriptor is a closed one", function()
  local c = socket.tcp()
  t.fails("host or service not provided, or not known", c:connect("a..b", 80))
  t.equal(c:getfd(), -1)
  t.gives(nil, "closed", "")(c:receive())
  t.gives(nil, "closed", 0)(c:send("x"))
  t.fails("Bad file descriptor", c:getpeername())
  t.gives(1)(c:shutdown())
  t.gives(1)(c:close())
end)

t.case("I/O after a refused connect says closed", function()
  local c = socket.tcp4()
  t.fails("connection refused", c:connect("127.0.0.1", s.dead_port()))
  t.gives(nil, "closed", "")(c:receive())
  t.gives(nil, "closed", 0)(c:send("x"))
end)

t.case("a name that is not found leaves a refused object as it was", function()
  local c = socket.tcp()
  t.fails("connection refused", c:connect("127.0.0.1", s.dead_port()))
  t.equal(c:connect("no such host", 80), nil)
  t.gives(nil, "closed", "")(c:receive())
end)

t.case("the wrong family", function()
  t.fails("Address family for hostname not supported", socket.tcp4():connect("::1", 80))
  t.fails("Address family for hostname not supported", socket.tcp6():connect("127.0.0.1", 80))
end)

t.case("ports out of range are an error", function()
  local server, port = s.listener()
  for _, bad in ipairs({ port + 65536, 65536, 2 ^ 31, 2 ^ 32 + port }) do
    local text = string.format("%.0f", bad)
    t.fails_like("", socket.tcp():connect("127.0.0.1", text))
  end
  server:close()
end)

t.case("negative and fractional ports are an error", function()
  t.fails_like("", socket.tcp():connect("127.0.0.1", -1))
  t.fails_like("", socket.tcp():connect("127.0.0.1", 80.5))
end)

t.case("missing and odd arguments raise", function()
  local c = socket.tcp()
  t.raises(function() local r = c:connect() return r, 1 end,
    "bad argument #1 to 'connect' (string expected, got no value)")
  t.raises(function() local r = c:connect("127.0.0.1") return r, 1 end,
    "bad argument #2 to 'connect' (string expected, got no value)")
  t.raises(function() local r = c:connect({}, 1) return r, 1 end,
    "bad argument #1 to 'connect' (string expected, got table)")
  t.equal(c.class, "tcp{master}")
end)

t.case("connect takes and ignores a third argument", function()
  local server, port = s.listener()
  t.gives(1)(socket.tcp():connect("127.0.0.1", port, nil))
  server:close()
end)

t.case("connect to a bound object's address", function()
  local server, port = s.listener()
  local c = socket.tcp4()
  t.gives(1)(c:bind("127.0.0.1", 0))
  local mine = s.port(c)
  t.gives(1)(c:connect("127.0.0.1", port))
  t.equal(s.port(c), mine)
  server:close()
end)

t.case("a second connect says already connected at last", function()
  local server, port = s.listener()
  local c = socket.tcp()
  t.gives(1)(c:connect("127.0.0.1", port))
  -- The kernel may report the success once more; which, depends on how it was made.
  local again, err = c:connect("127.0.0.1", port)
  t.ok(again == 1 or err == "already connected", err)
  t.fails("already connected", c:connect("127.0.0.1", port))
  t.fails("already connected", c:connect("127.0.0.1", port))
  server:close()
end)

t.case("connect on a server makes a useless client of it", function()
  local server, port = s.listener()
  t.fails("already connected", server:connect("127.0.0.1", port))
  t.equal(server.class, "tcp{client}")
  t.raises(function() local r = server:accept() return r, 1 end,
    "calling 'accept' on bad self (tcp{server} expected)")
end)

t.case("connect with a limit succeeds at once", function()
  local server, port = s.listener()
  local c = socket.tcp()
  c:settimeout(5)
  local took = t.elapsed(function() t.gives(1)(c:connect("127.0.0.1", port)) end)
  t.near(took, 0, 3)
  t.gives(5, -1)(c:gettimeout())
  server:close()
end)

t.case("refusal is told at once, limit or not", function()
  for _, limit in ipairs({ 5, -1 }) do
    local c = socket.tcp()
    c:settimeout(limit)
    local took = t.elapsed(function()
      t.fails("connection refused", c:connect("127.0.0.1", s.dead_port()))
    end)
    t.near(took, 0, 3)
  end
end)

-- A listener whose queue is full drops further attempts, so they hang.
local function full(ip)
  local server = ip == "::1" and socket.tcp6() or socket.tcp4()
  assert(server:bind(ip, 0))
  assert(server:listen(0))
  local port, waiting = s.port(server), {}
  for i = 1, 8 do
    local c = socket.tcp()
    c:settimeout(0)
    c:connect(ip, port)
    waiting[i] = c
  end
  return server, port, waiting
end

t.case_for(s.ips, "connect gives up in time", function(ip)
  local server, port, waiting = full(ip)
  for _, mode in ipairs({ "b", "t" }) do
    local c = socket.tcp()
    c:settimeout(0.1, mode)
    local took = t.elapsed(function() t.fails("timeout", c:connect(ip, port)) end)
    t.near(took, 0.1 - s.slack, 4)
    t.equal(c.class, "tcp{client}")
    c:close()
  end
  for _, c in ipairs(waiting) do c:close() end
  server:close()
end)

t.case("an attempt that timed out is still under way", function()
  local server, port, waiting = full("127.0.0.1")
  local c = socket.tcp4()
  local fd = c:getfd()
  c:settimeout(0.05)
  t.fails("timeout", c:connect("127.0.0.1", port))
  t.equal(c:getfd(), fd)
  t.fails("Operation already in progress", c:connect("127.0.0.1", port))
  c:settimeout(0)
  t.gives(nil, "timeout", "")(c:receive(1))
  t.gives(nil, "timeout", 0)(c:send("x"))
  for _, w in ipairs(waiting) do w:close() end
  server:close()
end)

t.case("sending to ourselves over one loop", function()
  -- Simultaneous open: a socket connected to its own address.
  local c = socket.tcp4()
  t.gives(1)(c:bind("127.0.0.1", 0))
  t.gives(1)(c:connect("127.0.0.1", s.port(c)))
  c:settimeout(s.patience)
  t.gives(4, nil, nil)(c:send("self"))
  t.gives("self", nil, nil)(c:receive(4))
end)
