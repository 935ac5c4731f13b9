-- bind, setsockname and listen.

local t, s = ...
local socket = s.socket

t.case_for(s.ips, "bind returns 1 and picks a port for 0", function(ip)
  local c = socket.tcp()
  t.gives(1)(c:bind(ip, 0))
  local address, port = c:getsockname()
  t.equal(address, ip)
  t.near(tonumber(port), 1, 65535)
  t.equal(c.class, "tcp{master}")
end)

t.case_for(s.ips, "setsockname is bind", function(ip)
  local c = socket.tcp()
  t.equal(c.setsockname ~= nil, true)
  t.gives(1)(c:setsockname(ip, 0))
  t.equal((c:getsockname()), ip)
end)

t.case("star is any address of the family", function()
  local four, six, open = socket.tcp4(), socket.tcp6(), socket.tcp()
  t.gives(1)(four:bind("*", 0))
  t.equal((four:getsockname()), "0.0.0.0")
  t.gives(1)(six:bind("*", 0))
  t.equal((six:getsockname()), "::")
  t.gives(1)(open:bind("*", 0))
  t.ok(s.port(open) > 0)
end)

t.case("names are resolved", function()
  local c = socket.tcp4()
  t.gives(1)(c:bind("localhost", 0))
  t.equal((c:getsockname()), "127.0.0.1")
end)

t.case("the port may be a numeric string", function()
  local c = socket.tcp()
  t.gives(1)(c:bind("127.0.0.1", "0"))
  local free = s.dead_port()
  local d = socket.tcp()
  t.gives(1)(d:bind("127.0.0.1", tostring(free)))
  t.equal(s.port(d), free)
end)

t.case("the port may be a service name", function()
  local c = socket.tcp()
  local ok, err = c:bind("127.0.0.1", "http")
  -- Who may bind port 80 differs by machine; that the name was understood does not.
  if ok then
    t.equal(s.port(c), 80)
  else
    t.ok(err == "permission denied" or err == "address already in use", err)
  end
end)

t.case("an unknown service", function()
  t.fails("service not supported for socket type", socket.tcp():bind("127.0.0.1", "nosuchservice"))
  t.fails("service not supported for socket type", socket.tcp4():bind("127.0.0.1", "nosuchservice"))
end)

t.case("a fractional port is an error", function()
  t.fails_like("", socket.tcp():bind("127.0.0.1", 1.5))
end)

t.case("a negative port is an error", function()
  t.fails_like("", socket.tcp():bind("127.0.0.1", -1))
end)

t.case("a port above 65535 is an error", function()
  for _, port in ipairs({ 65536, 99999, 2 ^ 31, 2 ^ 32 + 80 }) do
    local c = socket.tcp()
    t.fails_like("", c:bind("127.0.0.1", string.format("%.0f", port)))
    t.fails_like("", c:bind("127.0.0.1", port))
  end
end)

t.case("an unknown host", function()
  local text = "host or service not provided, or not known"
  t.fails(text, socket.tcp():bind("a..b", 0))
  t.fails(text, socket.tcp4():bind("no such host", 0))
  t.fails(text, socket.tcp6():bind("-", 0))
end)

t.case("the wrong family", function()
  t.fails("Address family for hostname not supported", socket.tcp4():bind("::1", 0))
  t.fails("Address family for hostname not supported", socket.tcp6():bind("127.0.0.1", 0))
end)

t.case("an address that is not ours", function()
  t.fails("Cannot assign requested address", socket.tcp():bind("192.0.2.1", 0))
end)

t.case_for(s.ips, "a port in use", function(ip)
  local server, port = s.listener(ip)
  t.fails("address already in use", socket.tcp():bind(ip, port))
  server:close()
end)

t.case("binding twice", function()
  local c = socket.tcp()
  t.gives(1)(c:bind("127.0.0.1", 0))
  local port = s.port(c)
  t.fails("Invalid argument", c:bind("127.0.0.1", 0))
  t.equal(s.port(c), port)
end)

t.case("a bound object keeps its address, whatever another one's family", function()
  t.needs_v6()
  local c = socket.tcp()
  t.gives(1)(c:bind("::1", 0))
  local port = s.port(c)
  t.fails("Address family for hostname not supported", c:bind("127.0.0.1", 0))
  t.equal((c:getsockname()), "::1")
  t.equal(s.port(c), port)
end)

t.case("a failed bind leaves the object usable", function()
  local server, port = s.listener()
  local c = socket.tcp4()
  local fd = c:getfd()
  t.fails("address already in use", c:bind("127.0.0.1", port))
  t.equal(c:getfd(), fd)
  t.equal(c.class, "tcp{master}")
  t.gives(1)(c:bind("127.0.0.1", 0))
  server:close()
end)

t.case("missing and odd arguments raise", function()
  local c = socket.tcp()
  t.raises(function() local r = c:bind() return r, 1 end,
    "bad argument #1 to 'bind' (string expected, got no value)")
  t.raises(function() local r = c:bind("*") return r, 1 end,
    "bad argument #2 to 'bind' (string expected, got no value)")
  t.raises(function() local r = c:bind({}, 0) return r, 1 end,
    "bad argument #1 to 'bind' (string expected, got table)")
  t.raises(function() local r = c:bind("*", true) return r, 1 end,
    "bad argument #2 to 'bind' (string expected, got boolean)")
  t.equal(c:getfd(), -1)
end)

t.case("reuseaddr lets a port with lingering connections be bound again", function()
  local server, port = s.listener()
  local c = assert(socket.connect("127.0.0.1", port))
  local a = assert(server:accept())
  a:close()
  t.gives(nil, "closed", "")(c:receive("*a"))
  c:close()
  server:close()
  local again = socket.tcp4()
  t.gives(1)(again:setoption("reuseaddr", true))
  t.gives(1)(again:bind("127.0.0.1", port))
  t.gives(1)(again:listen())
end)

t.case("without reuseaddr that port stays in use", function()
  local server, port = s.listener()
  local c = assert(socket.connect("127.0.0.1", port))
  local a = assert(server:accept())
  a:close()
  t.gives(nil, "closed", "")(c:receive("*a"))
  c:close()
  server:close()
  t.fails("address already in use", socket.tcp4():bind("127.0.0.1", port))
end)

-- listen

t.case("listen makes a server", function()
  local c = socket.tcp()
  c:bind("127.0.0.1", 0)
  t.gives(1)(c:listen())
  t.equal(c.class, "tcp{server}")
  t.equal(getmetatable(c).__index.class, "tcp{server}")
end)

t.case("listen takes any backlog", function()
  for _, backlog in ipairs({ 0, -1, 1, 5, 100000, "7", 2.5 }) do
    local c = socket.tcp()
    c:bind("127.0.0.1", 0)
    t.gives(1)(c:listen(backlog))
    local d = socket.tcp()
    t.gives(1)(d:connect("127.0.0.1", s.port(c)))
  end
end)

t.case("listen without bind takes a port of its own", function()
  local c = socket.tcp4()
  t.gives(1)(c:listen())
  t.ok(s.port(c) > 0)
end)

t.case("listen wants a number", function()
  local c = socket.tcp4()
  t.raises(function() local r = c:listen("x") return r, 1 end,
    "bad argument #1 to 'listen' (number expected, got string)")
  t.raises(function() local r = c:listen({}) return r, 1 end,
    "bad argument #1 to 'listen' (number expected, got table)")
  t.equal(c.class, "tcp{master}")
end)

t.case("listen twice raises, for it is a server now", function()
  local c = socket.tcp4()
  t.gives(1)(c:listen(nil))
  t.raises(function() local r = c:listen() return r, 1 end,
    "calling 'listen' on bad self (tcp{master} expected)")
end)
