-- getopt and setopt: the levels "ip" and "ipv6", multicast among them.

local t, s = ...
local nixio, const = s.nixio, s.const

local function udp() return t.ok(nixio.socket("inet", "dgram")) end

local function udp6()
  local socket, _, err = nixio.socket("inet6", "dgram")
  if not socket then t.skip("no IPv6 here: " .. tostring(err)) end
  return socket
end

local function loopback_mtu()
  local file = io.open("/sys/class/net/lo/mtu")
  if not file then t.skip("the kernel does not tell its interfaces here") end
  local mtu = file:read("*n")
  file:close()
  return mtu
end

t.case("ip: mtu, of a connection", function()
  local c, peer = s.pair()
  -- A packet of IPv4 is shorter than 64 KiB, whatever the interface takes.
  t.gives(math.min(loopback_mtu(), 65535))(c:getopt("ip", "mtu"))
  s.fails(107, udp():getopt("ip", "mtu"))
  s.fails(const.ENOPROTOOPT, c:setopt("ip", "mtu", 1000))
end)

t.case("ip: hdrincl is for raw sockets", function()
  s.fails(const.ENOPROTOOPT, udp():setopt("ip", "hdrincl", 1))
end)

t.case("ip: multicast_ttl", function()
  local socket = udp()
  t.gives(1)(socket:getopt("ip", "multicast_ttl"))
  t.gives(true)(socket:setopt("ip", "multicast_ttl", 255))
  t.gives(255)(socket:getopt("ip", "multicast_ttl"))
  s.fails(const.EINVAL, socket:setopt("ip", "multicast_ttl", 256))
  t.gives(true)(socket:setopt("ip", "multicast_ttl", -1))
  t.gives(1)(socket:getopt("ip", "multicast_ttl"))
end)

t.case("ip: multicast_loop", function()
  local socket = udp()
  t.gives(1)(socket:getopt("ip", "multicast_loop"))
  t.gives(true)(socket:setopt("ip", "multicast_loop", 0))
  t.gives(0)(socket:getopt("ip", "multicast_loop"))
  t.gives(true)(socket:setopt("ip", "multicast_loop", 5))
  t.gives(1)(socket:getopt("ip", "multicast_loop"))
end)

t.case("ip: multicast_if, of two addresses the second", function()
  local socket = udp()
  t.equal((socket:getopt("ip", "multicast_if")), "0.0.0.0")
  t.gives(true)(socket:setopt("ip", "multicast_if", "0.0.0.0", "127.0.0.1"))
  t.equal((socket:getopt("ip", "multicast_if")), "127.0.0.1")
end)

t.case("ip: multicast_if, one address", function()
  local socket = udp()
  t.gives(true)(socket:setopt("ip", "multicast_if", "127.0.0.1"))
  t.gives("127.0.0.1")(socket:getopt("ip", "multicast_if"))
  s.fails(const.EINVAL, socket:setopt("ip", "multicast_if", "lo"))
  s.fails(99, socket:setopt("ip", "multicast_if", "192.0.2.1"))
  t.raises_like(function() return socket:setopt("ip", "multicast_if", {}) end, "string expected")
end)

t.case("ip: multicast_if, a second address that is none", function()
  local socket = udp()
  socket:setblocking(false)
  for _, bad in ipairs({ {}, true }) do
    t.raises_like(function() return socket:setopt("ip", "multicast_if", "0.0.0.0", bad) end, "string expected")
  end
  t.equal((socket:setopt("ip", "multicast_if", "0.0.0.0", 5)) or nil, nil)
end)

t.case("ip: numbers are taken for texts", function()
  local socket = udp()
  t.equal((socket:setopt("ip", "add_membership", 5)) or nil, nil)
  t.equal((socket:setopt("ip", "add_membership", "239.1.2.3", 5)) or nil, nil)
  t.equal((socket:setopt("ip", "drop_membership", 5)) or nil, nil)
end)

t.case("ip: memberships", function()
  local socket = udp()
  t.gives(true)(socket:setopt("ip", "add_membership", "239.1.2.3", "127.0.0.1"))
  s.fails(const.EADDRINUSE, socket:setopt("ip", "add_membership", "239.1.2.3", "127.0.0.1"))
  t.gives(true)(socket:setopt("ip", "drop_membership", "239.1.2.3", "127.0.0.1"))
  s.fails(99, socket:setopt("ip", "drop_membership", "239.1.2.3", "127.0.0.1"))
  s.fails(const.EINVAL, socket:setopt("ip", "add_membership", "192.0.2.1", "127.0.0.1"))
  s.fails(const.ENOPROTOOPT, socket:getopt("ip", "add_membership"))
  s.fails(const.ENOPROTOOPT, socket:getopt("ip", "drop_membership"))
  t.raises_like(function() return socket:setopt("ip", "add_membership") end, "string expected")
  t.raises_like(function() return socket:setopt("ip", "add_membership", "239.1.2.3", {}) end, "string expected")
end)

t.case("ip: texts that are no addresses", function()
  local socket = udp()
  socket:setblocking(false)
  s.would_block(socket:recv(1))
  s.fails(const.EINVAL, socket:setopt("ip", "add_membership", "group"))
  s.fails(const.EINVAL, socket:setopt("ip", "add_membership", "239.1.2.3", "lo"))
  s.fails(const.EINVAL, socket:setopt("ip", "drop_membership", "::1"))
end)

t.case("ip: what is sent to the group arrives", function()
  local here = t.ok(nixio.bind("0.0.0.0", 0, "inet", "dgram"))
  local _, port = here:getsockname()
  t.ok(here:setopt("ip", "add_membership", "239.1.2.3", "127.0.0.1"))
  local socket = udp()
  t.ok(socket:setopt("ip", "multicast_if", "0.0.0.0", "127.0.0.1"))
  t.ok(socket:sendto("to all", "239.1.2.3", port))
  t.equal((here:recvfrom(20)), "to all")
end)

t.case("ipv6: v6only", function()
  local socket = udp6()
  t.gives(0)(socket:getopt("ipv6", "v6only"))
  t.gives(true)(socket:setopt("ipv6", "v6only", 1))
  t.gives(1)(socket:getopt("ipv6", "v6only"))
  t.gives(true)(socket:setopt("ipv6", "v6only", 0))
  t.gives(0)(socket:getopt("ipv6", "v6only"))
  s.fails(95, udp():getopt("ipv6", "v6only"))
  s.fails(const.ENOPROTOOPT, udp():setopt("ipv6", "v6only", 1))
end)

t.case("ipv6: mtu", function()
  local socket = udp6()
  s.fails(107, socket:getopt("ipv6", "mtu"))
  t.gives(true)(socket:setopt("ipv6", "mtu", 1280))
  s.fails(const.EINVAL, socket:setopt("ipv6", "mtu", 1279))
  local c, peer = s.pair("::1")
  t.gives(loopback_mtu())(c:getopt("ipv6", "mtu"))
end)

t.case("ipv6: multicast_hops", function()
  local socket = udp6()
  t.gives(1)(socket:getopt("ipv6", "multicast_hops"))
  t.gives(true)(socket:setopt("ipv6", "multicast_hops", 5))
  t.gives(5)(socket:getopt("ipv6", "multicast_hops"))
end)

t.case("ipv6: multicast_loop is 0 or 1", function()
  local socket = udp6()
  t.gives(1)(socket:getopt("ipv6", "multicast_loop"))
  t.gives(true)(socket:setopt("ipv6", "multicast_loop", 0))
  t.gives(0)(socket:getopt("ipv6", "multicast_loop"))
  s.fails(const.EINVAL, socket:setopt("ipv6", "multicast_loop", 5))
end)

t.case("ipv6: multicast_if, an interface's number or name", function()
  local socket = udp6()
  t.gives(0)(socket:getopt("ipv6", "multicast_if"))
  t.gives(true)(socket:setopt("ipv6", "multicast_if", 1))
  t.gives(1)(socket:getopt("ipv6", "multicast_if"))
  t.gives(true)(socket:setopt("ipv6", "multicast_if", "lo"))
  s.fails(const.ENODEV, socket:setopt("ipv6", "multicast_if", 4242))
  s.fails(const.ENODEV, socket:setopt("ipv6", "multicast_if", "no-such-device"))
end)

t.case("ipv6: memberships", function()
  local socket = udp6()
  t.gives(true)(socket:setopt("ipv6", "add_membership", "ff15::1234", 1))
  s.fails(const.EADDRINUSE, socket:setopt("ipv6", "add_membership", "ff15::1234", 1))
  s.fails(99, socket:setopt("ipv6", "drop_membership", "ff15::1234", 2))
  t.gives(true)(socket:setopt("ipv6", "drop_membership", "ff15::1234", 1))
  s.fails(99, socket:setopt("ipv6", "drop_membership", "ff15::1234", 1))
  s.fails(const.ENODEV, socket:setopt("ipv6", "add_membership", "ff15::1234", 4242))
  s.fails(const.EINVAL, socket:setopt("ipv6", "add_membership", "::1", 1))
  t.raised(function() return socket:setopt("ipv6", "add_membership", "ff15::1234", {}) end)
end)

t.case("ipv6: memberships, the interface by name; no address at all", function()
  local socket = udp6()
  t.gives(true)(socket:setopt("ipv6", "add_membership", "ff15::1234", "lo"))
  s.fails(const.EADDRINUSE, socket:setopt("ipv6", "add_membership", "ff15::1234", 1))
  s.fails(const.ENODEV, socket:setopt("ipv6", "add_membership", "ff15::1234", "no-such-device"))
  s.fails(const.EINVAL, socket:setopt("ipv6", "add_membership", "group", 1))
  s.fails(const.ENOPROTOOPT, socket:getopt("ipv6", "add_membership"))
end)

t.case("ipv6: what is sent to the group arrives", function()
  local here, _, err = nixio.bind("::", 0, "inet6", "dgram")
  if not here then t.skip("no IPv6 here: " .. tostring(err)) end
  local _, port = here:getsockname()
  t.ok(here:setopt("ipv6", "add_membership", "ff11::1234", 1))
  local socket = udp6()
  t.ok(socket:setopt("ipv6", "multicast_if", 1))
  local sent, code = socket:sendto("to all", "ff11::1234", port)
  if not sent and code == const.ENETUNREACH then t.skip("no route for IPv6 multicast here") end
  t.equal(sent, 6)
  t.equal((here:recvfrom(20)), "to all")
end)
