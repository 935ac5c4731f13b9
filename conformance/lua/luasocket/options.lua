-- Options of TCP objects that have a descriptor.

local t, s = ...
local socket = s.socket

local booleans = { "keepalive", "reuseaddr", "reuseport", "tcp-nodelay" }

for _, name in ipairs(booleans) do
  t.case_for(s.ips, name .. " is a boolean", function(ip)
    local c = ip == "::1" and socket.tcp6() or socket.tcp4()
    t.gives(false)(c:getoption(name))
    t.gives(1)(c:setoption(name, true))
    t.gives(true)(c:getoption(name))
    t.gives(1)(c:setoption(name, false))
    t.gives(false)(c:getoption(name))
  end)
end

t.case("options work on every class", function()
  local server, port = s.listener()
  local c = assert(socket.connect("127.0.0.1", port))
  local a = assert(server:accept())
  for _, object in ipairs({ server, c, a, socket.tcp4() }) do
    for _, name in ipairs({ "keepalive", "tcp-nodelay" }) do
      t.gives(1)(object:setoption(name, true))
      t.gives(true)(object:getoption(name))
    end
  end
end)

for _, name in ipairs({ "tcp-keepidle", "tcp-keepcnt", "tcp-keepintvl" }) do
  t.case(name .. " is a number", function()
    local c = socket.tcp4()
    t.ok(t.results(1, c:getoption(name)) > 0)
    t.gives(1)(c:setoption(name, 42))
    t.gives(42)(c:getoption(name))
    t.gives(1)(c:setoption(name, "7"))
    t.gives(7)(c:getoption(name))
    t.gives(1)(c:setoption(name, 12.7))
    t.gives(12)(c:getoption(name))
  end)

  t.case(name .. " refused by the system", function()
    local c = socket.tcp4()
    t.fails("setsockopt failed", c:setoption(name, 0))
    t.fails("setsockopt failed", c:setoption(name, -1))
    t.fails("setsockopt failed", c:setoption(name, 1e6))
  end)

  t.case(name .. " takes what is no number as 0", function()
    local c = socket.tcp4()
    t.fails("setsockopt failed", c:setoption(name))
    t.fails("setsockopt failed", c:setoption(name, "x"))
    t.fails("setsockopt failed", c:setoption(name, {}))
  end)
end

t.case("linger is a table", function()
  local c = socket.tcp4()
  local value = t.results(1, c:getoption("linger"))
  t.equal(value.on, false)
  t.equal(value.timeout, 0)
  t.gives(1)(c:setoption("linger", { on = true, timeout = 5 }))
  value = c:getoption("linger")
  t.equal(value.on, true)
  t.equal(value.timeout, 5)
  t.gives(1)(c:setoption("linger", { on = false, timeout = 3 }))
  t.equal(c:getoption("linger").on, false)
  t.gives(1)(c:setoption("linger", { on = true, timeout = "3" }))
  t.equal(c:getoption("linger").timeout, 3)
end)

t.case("linger reads its fields through __index", function()
  local c = socket.tcp4()
  local value = setmetatable({}, { __index = { on = true, timeout = 7 } })
  t.gives(1)(c:setoption("linger", value))
  t.equal(c:getoption("linger").timeout, 7)
end)

t.case("linger with a negative timeout waits long", function()
  local c = socket.tcp4()
  t.gives(1)(c:setoption("linger", { on = true, timeout = -1 }))
  t.equal(c:getoption("linger").timeout, 65535)
  t.gives(1)(c:setoption("linger", { on = false, timeout = 0 }))
end)

t.case("linger on with timeout 0 resets the peer", function()
  local c, peer = s.pair()
  t.gives(1)(c:setoption("linger", { on = true, timeout = 0 }))
  peer:send("unread")
  c:close()
  t.gives(nil, "closed", "")(peer:receive())
end)

for _, name in ipairs({ "recv-buffer-size", "send-buffer-size" }) do
  t.case(name .. " is at least what was asked", function()
    local c = socket.tcp4()
    t.ok(t.results(1, c:getoption(name)) > 0)
    t.gives(1)(c:setoption(name, 20000))
    t.near(t.results(1, c:getoption(name)), 20000, 80000)
    t.gives(1)(c:setoption(name, "30000"))
    t.near(t.results(1, c:getoption(name)), 30000, 120000)
  end)
end

t.case("error is nil when there is none", function()
  local c = s.pair()
  t.gives(nil)(c:getoption("error"))
  t.gives(nil)(socket.tcp4():getoption("error"))
end)

t.case("error tells a reset once", function()
  local c, peer = s.pair()
  peer:setoption("linger", { on = true, timeout = 0 })
  peer:close()
  s.await(c)
  t.equal(type(t.results(1, c:getoption("error"))), "string")
  t.gives(nil)(c:getoption("error"))
end)

t.case("ipv6-v6only can be set on an IPv6 object", function()
  local c = socket.tcp6()
  t.gives(1)(c:setoption("ipv6-v6only", false))
  t.gives(1)(c:bind("*", 0))
  t.gives(1)(c:listen())
  local d = socket.tcp4()
  t.gives(1)(d:connect("127.0.0.1", s.port(c)))
end)

t.case("ipv6-v6only on an IPv4 object", function()
  t.fails("setsockopt failed", socket.tcp4():setoption("ipv6-v6only", true))
end)

t.case("tcp-defer-accept and tcp-fastopen on a server", function()
  local server = s.listener()
  t.gives(1)(server:setoption("tcp-defer-accept", 1))
  t.gives(1)(server:setoption("tcp-fastopen", 5))
end)

t.case("tcp-fastopen-connect before connecting", function()
  local server, port = s.listener()
  local c = socket.tcp4()
  t.gives(1)(c:setoption("tcp-fastopen-connect", 1))
  t.gives(1)(c:setoption("tcp-fastopen-connect", 0))
  t.gives(1)(c:connect("127.0.0.1", port))
  server:close()
end)

t.case("reuseport lets two servers share a port", function()
  local a, b = socket.tcp4(), socket.tcp4()
  t.gives(1)(a:setoption("reuseport", true))
  t.gives(1)(b:setoption("reuseport", true))
  t.gives(1)(a:bind("127.0.0.1", 0))
  t.gives(1)(b:bind("127.0.0.1", s.port(a)))
  t.gives(1)(a:listen())
  t.gives(1)(b:listen())
end)

t.case("tcp-nodelay stays over connect", function()
  local server, port = s.listener()
  local c = socket.tcp4()
  c:setoption("tcp-nodelay", true)
  c:connect("127.0.0.1", port)
  t.gives(true)(c:getoption("tcp-nodelay"))
  server:close()
end)
