-- connect and serve.

local t, s = ...
local osn = s.osn

t.case_for(s.ips, "connect gives one connected socket", function(ip)
  local server, port = s.listener(ip)
  local c = t.ok(t.results(1, osn.connect({ ip = ip, port = port })))
  t.gives(ip, port)(c:getpeername())
  server:close()
end)

t.case("serve gives one listen socket", function()
  local server = t.ok(t.results(1, osn.serve({ ip = "127.0.0.1", port = "0" })))
  t.equal(server.class, "osn listen socket")
end)

t.case("without ip, the loopback of the family that is asked for", function()
  for family, ip in pairs({ inet = "127.0.0.1", inet6 = "::1" }) do
    local server, port = s.listener(ip)
    t.gives(ip, port)(t.ok(osn.connect({ port = port, family = family })):getpeername())
    local other = family == "inet" and "inet6" or "inet"
    t.gives(nil, "Connection refused", 111)(osn.connect({ port = port, family = other }))
    server:close()
  end
end)

t.case("serve by name, of a stream and of datagrams", function()
  for _, protocol in ipairs({ "tcp", "udp" }) do
    local server = t.ok(osn.serve({ ip = "localhost", port = "0", family = "inet", protocol = protocol }))
    t.equal((server:getsockname()), "127.0.0.1")
    server:close()
  end
end)

t.case("a service by name", function()
  local c = t.ok(osn.connect({ ip = "127.0.0.1", port = "domain", protocol = "udp" }))
  t.gives("127.0.0.1", "53")(c:getpeername())
  t.ok(osn.udp_socket({ ip = "127.0.0.1", port = "domain" }))
  local server, err, code = osn.serve({ ip = "127.0.0.1", port = "domain", protocol = "udp" })
  -- Without privilege, or where there is a server, the name has been found all the same.
  t.ok(server or code == 13 or code == 98, err)
end)

t.case("connect by name", function()
  local server, port = s.listener()
  local c = t.ok(osn.connect({ ip = "localhost", port = port, family = "inet" }))
  t.equal((c:getpeername()), "127.0.0.1")
  server:close()
end)

t.case("connect without ip goes to the loopback", function()
  local server, port = s.listener()
  local c, err = osn.connect({ port = port })
  t.ok(c, err)
  t.equal((c:getpeername()), "127.0.0.1")
  server:close()
end)

t.case("without ip, datagrams reach a server without ip", function()
  local server = t.ok(osn.serve({ port = "0", protocol = "udp" }))
  local _, port = server:getsockname()
  local client = t.ok(osn.connect({ port = port, protocol = "udp" }))
  t.equal(client:send("hello"), 5)
  local data, from = server:receive(100, 5)
  t.equal(data, "hello")
  t.equal(server:send("back", from), 4)
  t.equal((client:receive(100, 5)), "back")
end)

t.case("serve without ip takes any address", function()
  local server = t.ok(osn.serve({ port = "0" }))
  local ip, port = server:getsockname()
  t.ok(ip == "0.0.0.0" or ip == "::", ip)
  local c = t.ok(osn.connect({ ip = ip == "::" and "::1" or "127.0.0.1", port = port }))
  t.ok(server:accept())
  c:close()
end)

t.case("a port that nobody listens on", function()
  t.gives(nil, "Connection refused", 111)(osn.connect({ ip = "127.0.0.1", port = s.dead_port() }))
end)

t.case("a busy port", function()
  local server, port = s.listener()
  local message, code = s.refused(osn.serve({ ip = "127.0.0.1", port = port }))
  t.equal(message, "Address already in use")
  t.equal(code, 98)
  server:close()
end)

t.case("a port that was just in use can be served again", function()
  local server, port = s.listener()
  local c = t.ok(osn.connect({ ip = "127.0.0.1", port = port }))
  local a = t.ok(server:accept())
  server:close()
  a:close()
  t.gives(nil, "closed")(c:receive(1))
  c:close()
  t.ok(osn.serve({ ip = "127.0.0.1", port = port })):close()
end)

t.case("an address that is not ours cannot be served", function()
  local message = s.refused(osn.serve({ ip = "192.0.2.1", port = "0" }))
  t.equal(message, "Cannot assign requested address")
end)

t.case("connect_timeout has no effect on a good connect", function()
  local c, peer = s.pair("127.0.0.1", { connect_timeout = 5000 })
  t.gives("", "timeout")(c:receive(10, 0.05))
  t.gives(2)(peer:send("ok"))
  t.gives("ok")(c:receive(10))
end)

t.case("connect_timeout ends a connect to a full backlog", function()
  -- A process that never accepts, on a backlog that osn cannot choose: so LuaSocket's.
  local socket = require("moonsocket").socket
  local server = t.ok(socket.bind("127.0.0.1", 0, 0))
  local port = tostring((select(2, server:getsockname())))
  local fillers, timed_out = {}, nil
  for i = 1, 8 do
    local took = t.elapsed(function()
      local c, err, code = osn.connect({ ip = "127.0.0.1", port = port, connect_timeout = 400 })
      fillers[i] = c
      timed_out = err
      t.ok(c or err == "timeout", err)
      t.equal(code, nil)
    end)
    if timed_out then
      t.near(took, 0.4 - s.slack, 1.2)
      break
    end
  end
  t.equal(timed_out, "timeout")
  server:close()
end)

t.case("connect_timeout that makes no sense", function()
  local server, port = s.listener()
  for _, limit in ipairs({ -1, 1e300, math.huge, 0 / 0, "x", {} }) do
    local ok, c, err = pcall(osn.connect, { ip = "127.0.0.1", port = port, connect_timeout = limit })
    if ok then
      t.ok(c or type(err) == "string")
      if c then c:close() end
    else
      t.equal(type(c), "string")
    end
  end
  server:close()
end)

t.case("a failed call leaves no descriptor", function()
  local port = s.dead_port()
  local before = t.descriptors()
  for _ = 1, 50 do
    osn.connect({ ip = "127.0.0.1", port = port })
    osn.connect({ ip = "127.0.0.1", port = "no such service" })
    osn.serve({ ip = "192.0.2.1", port = "0" })
    pcall(osn.connect, { ip = "127.0.0.1", port = port, family = "x" })
  end
  t.collect()
  t.equal((t.descriptors()), before)
end)
