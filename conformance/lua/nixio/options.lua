-- getopt and setopt: the levels "socket" and "tcp".

local t, s = ...
local nixio, const = s.nixio, s.const

t.case_for({ "keepalive", "reuseaddr", "broadcast", "dontroute", "oobinline", "reuseport" }, "a switch", function(name)
  local socket = t.ok(nixio.socket("inet", "dgram"))
  t.gives(0)(socket:getopt("socket", name))
  t.gives(true)(socket:setopt("socket", name, 1))
  t.gives(1)(socket:getopt("socket", name))
  t.gives(true)(socket:setopt("socket", name, 0))
  t.gives(0)(socket:getopt("socket", name))
  t.gives(true)(socket:setopt("socket", name, 7))
  t.gives(1)(socket:getopt("socket", name))
  t.gives(true)(socket:setopt("socket", name, "0"))
  t.gives(0)(socket:getopt("socket", name))
end)

t.case("a switch takes a boolean, too", function()
  local socket = t.ok(nixio.socket("inet", "stream"))
  t.gives(true)(socket:setopt("socket", "keepalive", true))
  t.gives(1)(socket:getopt("socket", "keepalive"))
  t.gives(true)(socket:setopt("socket", "keepalive", false))
  t.gives(0)(socket:getopt("socket", "keepalive"))
  t.gives(true)(socket:setopt("tcp", "nodelay", true))
  t.gives(1)(socket:getopt("tcp", "nodelay"))
end)

t.case_for({ "sndbuf", "rcvbuf" }, "a size, which Linux doubles", function(name)
  local socket = t.ok(nixio.socket("inet", "stream"))
  t.gives(true)(socket:setopt("socket", name, 8192))
  t.gives(16384)(socket:getopt("socket", name))
end)

t.case("priority", function()
  local socket = t.ok(nixio.socket("inet", "stream"))
  t.gives(true)(socket:setopt("socket", "priority", 6))
  t.gives(6)(socket:getopt("socket", "priority"))
  local ok, code = socket:setopt("socket", "priority", 7)
  t.ok(ok == true or code == const.EPERM)
end)

t.case("error: the pending one, once; it cannot be set", function()
  local socket = t.ok(nixio.socket("inet", "stream"))
  t.gives(0)(socket:getopt("socket", "error"))
  s.fails(const.ENOPROTOOPT, socket:setopt("socket", "error", 0))
end)

t.case("linger: seconds, 0 is off", function()
  local socket = t.ok(nixio.socket("inet", "stream"))
  t.gives(0)(socket:getopt("socket", "linger"))
  t.gives(true)(socket:setopt("socket", "linger", 5))
  t.gives(5)(socket:getopt("socket", "linger"))
  t.gives(true)(socket:setopt("socket", "linger", 0))
  t.gives(0)(socket:getopt("socket", "linger"))
end)

t.case("linger: on with no time at all is a reset", function()
  local c, a = s.pair()
  t.gives(true)(c:setopt("socket", "linger", true))
  t.gives(0, true)(c:getopt("socket", "linger"))
  c:close()
  s.await(a)
  s.fails(104, a:recv(10))
  local socket = t.ok(nixio.socket("inet", "stream"))
  t.gives(true)(socket:setopt("socket", "linger", true, 7))
  t.gives(7)(socket:getopt("socket", "linger"))
  t.gives(true)(socket:setopt("socket", "linger", false))
  t.gives(0)(socket:getopt("socket", "linger"))
end)

t.case("linger: less than nothing", function()
  s.fails(const.EINVAL, t.ok(nixio.socket("inet", "stream")):setopt("socket", "linger", -1))
end)

t.case("linger: no table", function()
  local socket = t.ok(nixio.socket("inet", "stream"))
  t.raises_like(function() return socket:setopt("socket", "linger", {}) end, "number expected")
  t.raises_like(function() return socket:setopt("socket", "linger") end, "number expected")
end)

t.case("bindtodevice", function()
  local socket = t.ok(nixio.socket("inet", "dgram"))
  t.gives("")(socket:getopt("socket", "bindtodevice"))
  s.fails(const.ENODEV, socket:setopt("socket", "bindtodevice", "no-such-device"))
  s.fails(const.ENODEV, socket:setopt("socket", "bindtodevice", 5))
  t.raises_like(function() return socket:setopt("socket", "bindtodevice", ("x"):rep(17)) end, "invalid interface name")
  local ok, code = socket:setopt("socket", "bindtodevice", "lo")
  if not ok then
    t.equal(code, const.EPERM)
    t.skip("binding to a device needs privilege here")
  end
  t.gives("lo")(socket:getopt("socket", "bindtodevice"))
  ok, code = socket:setopt("socket", "bindtodevice", "")
  if not ok then
    t.equal(code, const.EPERM)
    t.skip("only with privilege can it be bound to another, or none")
  end
  t.gives("")(socket:getopt("socket", "bindtodevice"))
end)

t.case_for({ "nodelay", "cork" }, "of tcp", function(name)
  local socket = t.ok(nixio.socket("inet", "stream"))
  t.gives(0)(socket:getopt("tcp", name))
  t.gives(true)(socket:setopt("tcp", name, 1))
  t.gives(1)(socket:getopt("tcp", name))
  t.gives(true)(socket:setopt("tcp", name, 0))
  t.gives(0)(socket:getopt("tcp", name))
  local datagram = t.ok(nixio.socket("inet", "dgram"))
  s.fails(95, datagram:getopt("tcp", name))
  s.fails(const.ENOPROTOOPT, datagram:setopt("tcp", name, 1))
end)

t.case("a value there must be, of a kind that fits", function()
  local socket = t.ok(nixio.socket("inet", "stream"))
  for _, bad in ipairs({ "x", {}, print }) do
    t.raises_like(function() return socket:setopt("socket", "keepalive", bad) end, "number expected")
    t.raises_like(function() return socket:setopt("socket", "sndbuf", bad) end, "number expected")
  end
  t.raises_like(function() return socket:setopt("socket", "keepalive") end, "number expected")
  t.raises_like(function() return socket:setopt("socket", "sndbuf", true) end, "number expected")
end)

t.case("levels and options that there are not raise", function()
  local socket = t.ok(nixio.socket("inet", "stream"))
  for _, words in ipairs({ { "udp", "x" }, { "SOCKET", "error" } }) do
    t.raises_like(function() return socket:getopt(words[1], words[2]) end, "supported values: socket, tcp, ip, ipv6")
    t.raises_like(function() return socket:setopt(words[1], words[2], 1) end, "supported values: socket, tcp, ip, ipv6")
  end
  for _, words in ipairs({
    { "socket", "nodelay" }, { "tcp", "keepalive" }, { "ip", "v6only" }, { "ipv6", "hdrincl" },
  }) do
    t.raises_like(function() return socket:getopt(words[1], words[2]) end, "supported values")
    t.raises_like(function() return socket:setopt(words[1], words[2], 1) end, "supported values")
  end
  t.raised(function() return socket:getopt() end)
  t.raised(function() return socket:getopt("socket") end)
end)
