-- socket.connect, connect4, connect6 and socket.bind.

local t, s = ...
local socket = s.socket

t.case_for(s.ips, "connect gives a client without limits", function(ip)
  local server, port = s.listener(ip)
  local c = t.results(1, socket.connect(ip, port))
  t.equal(c.class, "tcp{client}")
  t.gives(-1, -1)(c:gettimeout())
  t.equal(c:getfamily(), ip == "::1" and "inet6" or "inet4")
  server:close()
end)

t.case_for(s.ips, "connect to nobody", function(ip)
  t.fails("connection refused", socket.connect(ip, s.dead_port(ip)))
end)

t.case("connect takes a string port", function()
  local server, port = s.listener()
  t.ok(socket.connect("127.0.0.1", tostring(port)))
  server:close()
end)

t.case("connect from a local address and port", function()
  local server, port = s.listener()
  local free = s.dead_port()
  local c = t.ok(socket.connect("127.0.0.1", port, "127.0.0.1", free))
  t.equal(s.port(c), free)
  local a = t.ok(server:accept())
  t.equal(select(2, a:getpeername()), free)
end)

t.case("connect from another loopback address", function()
  local server, port = s.listener()
  local c = t.ok(socket.connect("127.0.0.1", port, "127.0.0.3"))
  t.equal((c:getsockname()), "127.0.0.3")
  local a = t.ok(server:accept())
  t.equal((a:getpeername()), "127.0.0.3")
end)

t.case("connect with lport nil and a family", function()
  local server, port = s.listener()
  local c = t.ok(socket.connect("127.0.0.1", port, "127.0.0.1", nil, "inet"))
  t.equal((c:getsockname()), "127.0.0.1")
  t.ok(socket.connect("127.0.0.1", port, nil, nil, "unspec"))
  t.ok(socket.connect("127.0.0.1", port, nil, nil, nil))
  server:close()
end)

t.case("connect with an unknown family raises", function()
  t.raises(function() local r = socket.connect("127.0.0.1", 1, nil, nil, "inet5") return r, 1 end,
    "bad argument #5 to 'connect' (invalid option 'inet5')")
end)

t.case("connect wants an address and a port", function()
  t.raises(function() local r = socket.connect() return r, 1 end,
    "bad argument #1 to 'connect' (string expected, got no value)")
  t.raises(function() local r = socket.connect("127.0.0.1") return r, 1 end,
    "bad argument #2 to 'connect' (string expected, got no value)")
  t.raises(function() local r = socket.connect({}, 1) return r, 1 end,
    "bad argument #1 to 'connect' (string expected, got table)")
end)

t.case("connect from an address that is not ours", function()
  -- In a process of its own, for the original leaves a descriptor behind.
  local peer = t.peer([[
    local socket = require("socket")
    local c, err = socket.connect("127.0.0.1", 1, "192.0.2.1")
    say(c, err)
  ]])
  t.equal(peer:line(), "nil Cannot assign requested address")
end)

t.case("connect from an address of the other family fails", function()
  t.needs_v6()
  local text = "Address family for hostname not supported"
  local server, port = s.listener()
  t.fails(text, socket.connect("127.0.0.1", port, "::1"))
  t.fails(text, socket.connect("127.0.0.1", port, "::1", 0, "inet6"))
  t.fails(text, socket.connect("::1", port, "127.0.0.1"))
  t.equal((t.ok(socket.connect("localhost", port, "127.0.0.1")):getsockname()), "127.0.0.1")
  server:close()
end)

t.case("connect with a family name as local address fails", function()
  -- connect(host, select(2, server:getsockname())) passes the family by accident.
  local server, port = s.listener()
  t.fails("host or service not provided, or not known", socket.connect("127.0.0.1", port, "inet"))
  server:close()
end)

t.case("connect to an unknown host", function()
  t.fails("host or service not provided, or not known", socket.connect("a..b", 80))
  t.fails("service not supported for socket type", socket.connect("127.0.0.1", "nosuchservice"))
end)

t.case("a failed connect leaves no descriptor", function()
  local before = t.descriptors()
  local port = s.dead_port()
  for _ = 1, 50 do t.fails("connection refused", socket.connect("127.0.0.1", port)) end
  for _ = 1, 50 do socket.connect("a..b", port) end
  for _ = 1, 50 do socket.connect("127.0.0.1", port, "a..b") end
  t.equal((t.descriptors()), before)
end)

t.case("a failed connect from an address that is not ours leaves no descriptor", function()
  local peer = t.peer([[
    local socket = require("socket")
    local probe = socket.tcp4()
    local before = probe:getfd()
    probe:close()
    for _ = 1, 20 do socket.connect("127.0.0.1", 1, "192.0.2.1") end
    say(socket.tcp4():getfd() == before)
  ]])
  t.equal(peer:line(), "true")
end)

t.case("connect4 and connect6", function()
  local server, port = s.listener("127.0.0.1")
  local c = t.ok(socket.connect4("127.0.0.1", port))
  t.equal(c:getfamily(), "inet4")
  local six, port6 = s.listener("::1")
  local d = t.ok(socket.connect6("::1", port6))
  t.equal(d:getfamily(), "inet6")
  t.ok(socket.connect4("127.0.0.1", port, "127.0.0.1", 0))
  t.ok(socket.connect6("::1", port6, "::1", 0))
  server:close()
  six:close()
end)

-- socket.bind

t.case_for(s.ips, "bind gives a listening server", function(ip)
  local server = t.results(1, socket.bind(ip, 0))
  t.equal(server.class, "tcp{server}")
  t.equal((server:getsockname()), ip)
  t.ok(s.port(server) > 0)
  t.gives(-1, -1)(server:gettimeout())
end)

t.case("bind sets reuseaddr", function()
  t.gives(true)(socket.bind("127.0.0.1", 0):getoption("reuseaddr"))
end)

t.case("bind star is IPv4 any", function()
  local server = t.ok(socket.bind("*", 0))
  t.equal((server:getsockname()), "0.0.0.0")
end)

t.case("bind resolves names", function()
  local server = t.ok(socket.bind("localhost", 0))
  local ip = server:getsockname()
  t.ok(ip == "127.0.0.1" or ip == "::1", ip)
end)

t.case("bind takes a backlog and a string port", function()
  t.ok(socket.bind("127.0.0.1", "0", 5))
  t.ok(socket.bind("127.0.0.1", 0, nil))
end)

t.case("bind on a port in use", function()
  local server, port = s.listener()
  t.fails("address already in use", socket.bind("127.0.0.1", port))
  server:close()
end)

t.case("bind on an unknown host", function()
  t.fails("host or service not provided, or not known", socket.bind("a..b", 0))
end)

t.case("bind wants a host and a port", function()
  t.raises_like(function() local r = socket.bind() return r, 1 end, "string expected, got ")
  t.raises_like(function() local r = socket.bind("127.0.0.1") return r, 1 end, "string expected, got ")
end)

t.case("a failed bind leaves no descriptor", function()
  local server, port = s.listener()
  local before = t.descriptors()
  for _ = 1, 30 do t.fails("address already in use", socket.bind("127.0.0.1", port)) end
  t.equal((t.descriptors()), before)
  server:close()
end)

t.case("connect4, connect6 and connect: the local address and its port", function()
  local function own(connect, ip)
    local _, port = s.listener(ip)
    t.results(1, connect(ip, port))
    -- Someone else may take the port that was free: several are tried.
    for _ = 1, 20 do
      local free = s.dead_port(ip)
      local c = connect(ip, port, ip, free)
      if c then
        t.equal((c:getsockname()), ip)
        t.equal(s.port(c), free)
        return
      end
    end
    t.fail("no local port can be had")
  end
  own(socket.connect4, "127.0.0.1")
  own(socket.connect6, "::1")
  own(socket.connect, "127.0.0.1")
  local _, port = s.listener()
  for _, connect in ipairs({ socket.connect4, socket.connect }) do
    t.equal((t.results(1, connect("127.0.0.1", port, "127.0.0.2", 0)):getsockname()), "127.0.0.2")
  end
end)

t.case("connect: the family is that of the local address", function()
  if not pcall(require, "moonsocket") then t.skip("the original leaks a descriptor") end
  local _, port = s.listener()
  t.results(1, socket.connect("127.0.0.1", port, "127.0.0.1", 0, "inet"))
  t.fails("Address family for hostname not supported", socket.connect("127.0.0.1", port, "127.0.0.1", 0, "inet6"))
end)
