-- Options of UDP objects.

local t, s = ...
local socket = s.socket

for _, name in ipairs({ "dontroute", "broadcast", "reuseaddr", "reuseport", "ip-multicast-loop" }) do
  t.case(name .. " is a boolean", function()
    local u = socket.udp4()
    t.gives(1)(u:setoption(name, true))
    t.gives(true)(u:getoption(name))
    t.gives(1)(u:setoption(name, false))
    t.gives(false)(u:getoption(name))
    for _, kind in ipairs({ { 1, "number" }, { "true", "string" }, { {}, "table" } }) do
      t.raises(function() local r = u:setoption(name, kind[1]) return r, 1 end,
        "bad argument #2 to 'setoption' (boolean expected, got " .. kind[2] .. ")")
    end
    t.raises(function() local r = u:setoption(name) return r, 1 end,
      "bad argument #2 to 'setoption' (boolean expected, got no value)")
  end)
end

t.case("setting one boolean leaves the others", function()
  local names = { "dontroute", "broadcast", "reuseaddr", "reuseport" }
  for _, set in ipairs(names) do
    local u = socket.udp4()
    u:setoption(set, true)
    for _, name in ipairs(names) do t.equal(u:getoption(name), name == set, name) end
  end
end)

t.case("what a fresh object has", function()
  local u = socket.udp4()
  t.gives(false)(u:getoption("broadcast"))
  t.gives(true)(u:getoption("ip-multicast-loop"))
  t.gives("0.0.0.0")(u:getoption("ip-multicast-if"))
  t.gives(nil)(u:getoption("error"))
  local six = socket.udp6()
  t.gives(true)(six:getoption("ipv6-multicast-loop"))
  t.gives(64)(six:getoption("ipv6-unicast-hops"))
end)

t.case("broadcast is needed for broadcasts", function()
  local u = socket.udp4()
  t.fails("permission denied", u:sendto("x", "255.255.255.255", 9))
  t.gives(1)(u:setoption("broadcast", true))
  local _, err = u:sendto("x", "255.255.255.255", 9)
  t.differs(err, "permission denied")
end)

for _, name in ipairs({ "recv-buffer-size", "send-buffer-size" }) do
  t.case(name .. " is at least what was asked", function()
    local u = socket.udp4()
    t.gives(1)(u:setoption(name, 20000))
    t.near(t.results(1, u:getoption(name)), 20000, 80000)
    t.gives(1)(u:setoption(name, "30000"))
    t.near(t.results(1, u:getoption(name)), 30000, 120000)
    local other = name == "recv-buffer-size" and "send-buffer-size" or "recv-buffer-size"
    t.equal(u:getoption(other), socket.udp4():getoption(other))
  end)
end

t.case("numbers are not checked", function()
  local u = socket.udp6()
  for _, name in ipairs({ "ipv6-unicast-hops" }) do
    t.gives(1)(u:setoption(name, 7))
    t.gives(7)(u:getoption(name))
    t.gives(1)(u:setoption(name, "9"))
    t.gives(9)(u:getoption(name))
    t.gives(1)(u:setoption(name, 12.7))
    t.gives(12)(u:getoption(name))
    t.gives(1)(u:setoption(name, {}))
    t.gives(0)(u:getoption(name))
    t.fails("setsockopt failed", u:setoption(name, 256))
  end
end)

t.case("error tells a refusal once", function()
  local u = socket.udp4()
  local gone = socket.udp4()
  gone:setsockname("127.0.0.1", 0)
  local port = s.port(gone)
  gone:close()
  u:setpeername("127.0.0.1", port)
  u:send("x")
  s.await(u)
  t.gives("connection refused")(u:getoption("error"))
  t.gives(nil)(u:getoption("error"))
end)

t.case("ipv6-v6only", function()
  local u = socket.udp6()
  t.gives(1)(u:setoption("ipv6-v6only", false))
  t.gives(false)(u:getoption("ipv6-v6only"))
  t.gives(1)(u:setsockname("*", 0))
  local four = socket.udp4()
  t.gives(1)(four:sendto("x", "127.0.0.1", s.port(u)))
  u:settimeout(s.patience)
  local _, from = u:receivefrom()
  t.equal(from, "::ffff:127.0.0.1")
end)

t.case("IPv6 options on an IPv4 object", function()
  local u = socket.udp4()
  t.fails("setsockopt failed", u:setoption("ipv6-v6only", true))
  t.fails("getsockopt failed", u:getoption("ipv6-unicast-hops"))
end)

t.case("reuseport lets two objects share a port", function()
  local a, b = socket.udp4(), socket.udp4()
  a:setoption("reuseport", true)
  b:setoption("reuseport", true)
  t.gives(1)(a:setsockname("127.0.0.1", 0))
  t.gives(1)(b:setsockname("127.0.0.1", s.port(a)))
end)

t.case("unknown names raise", function()
  local u = socket.udp4()
  for _, name in ipairs({ "nope", "keepalive", "linger", "tcp-nodelay", "Broadcast" }) do
    t.raises(function() local r = u:setoption(name, true) return r, 1 end,
      "bad argument #1 to 'setoption' (unsupported option `" .. name .. "')")
    t.raises(function() local r = u:getoption(name) return r, 1 end,
      "bad argument #1 to 'getoption' (unsupported option `" .. name .. "')")
  end
  t.raises(function() local r = u:setoption("error", 1) return r, 1 end,
    "bad argument #1 to 'setoption' (unsupported option `error')")
end)

t.case("options that can only be set", function()
  local u = socket.udp4()
  for _, name in ipairs({ "ip-multicast-ttl", "ip-add-membership", "ip-drop-membership",
    "ipv6-add-membership", "ipv6-drop-membership" }) do
    t.raises(function() local r = u:getoption(name) return r, 1 end,
      "bad argument #1 to 'getoption' (unsupported option `" .. name .. "')")
  end
end)

t.case("a closed object", function()
  local u = socket.udp4()
  u:close()
  t.fails("getsockopt failed", u:getoption("broadcast"))
  t.fails("getsockopt failed", u:getoption("ip-multicast-if"))
  t.fails("getsockopt failed", u:getoption("error"))
end)

t.case("set before there is a descriptor", function()
  local u = socket.udp()
  t.gives(1)(u:setoption("broadcast", true))
  t.gives(1)(u:setoption("reuseaddr", true))
  t.equal(u:getfd(), -1)
  t.gives(1)(u:setsockname("127.0.0.1", 0))
  t.gives(true)(u:getoption("broadcast"))
  t.gives(true)(u:getoption("reuseaddr"))
  local v = socket.udp()
  v:setoption("broadcast", true)
  t.gives(1)(v:sendto("x", "127.0.0.1", s.port(u)))
  t.gives(true)(v:getoption("broadcast"))
end)

t.case("bindtodevice", function()
  local u = socket.udp4()
  t.gives("")(u:getoption("bindtodevice"))
  local done, err = u:setoption("bindtodevice", "lo")
  if not done then
    t.equal(err, "setsockopt failed")
    t.skip("may not bind to a device here")
  end
  t.gives("lo")(u:getoption("bindtodevice"))
  t.fails("setsockopt failed", u:setoption("bindtodevice", "nosuch0"))
  t.raises(function() local r = u:setoption("bindtodevice", ("x"):rep(16)) return r, 1 end,
    "bad argument #2 to 'setoption' (interface name of at most 15 bytes expected)")
  t.raises(function() local r = u:setoption("bindtodevice", {}) return r, 1 end,
    "bad argument #2 to 'setoption' (string expected, got table)")
end)

t.case("priority and tcp-user-timeout", function()
  local u = socket.udp4()
  t.gives(1)(u:setoption("priority", 3))
  t.gives(3)(u:getoption("priority"))
  local c = socket.tcp4()
  t.gives(1)(c:setoption("tcp-user-timeout", 1500))
  t.gives(1500)(c:getoption("tcp-user-timeout"))
end)
