-- Multicast: its options' arguments, and messages over the loopback interface.

local t, s = ...
local socket = s.socket

local group, group6 = "239.255.77.77", "ff01::4d4d"

t.case("ip-multicast-if is an address or \"*\"", function()
  local u = socket.udp4()
  t.gives(1)(u:setoption("ip-multicast-if", "127.0.0.1"))
  t.gives("127.0.0.1")(u:getoption("ip-multicast-if"))
  t.gives(1)(u:setoption("ip-multicast-if", "*"))
  t.gives("0.0.0.0")(u:getoption("ip-multicast-if"))
  t.gives(1)(u:setoption("ip-multicast-if", "127.1"))
  t.gives("127.0.0.1")(u:getoption("ip-multicast-if"))
  t.fails("setsockopt failed", u:setoption("ip-multicast-if", "192.0.2.77"))
  for _, wrong in ipairs({ "nonsense", "", "::1", "256.1.1.1" }) do
    t.raises(function() local r = u:setoption("ip-multicast-if", wrong) return r, 1 end,
      "bad argument #2 to 'setoption' (ip expected)")
  end
  t.raises(function() local r = u:setoption("ip-multicast-if", {}) return r, 1 end,
    "bad argument #2 to 'setoption' (string expected, got table)")
  t.raises(function() local r = u:setoption("ip-multicast-if") return r, 1 end,
    "bad argument #2 to 'setoption' (string expected, got no value)")
end)

t.case("ip-multicast-ttl", function()
  local u = socket.udp4()
  t.gives(1)(u:setoption("ip-multicast-ttl", 5))
  t.gives(1)(u:setoption("ip-multicast-ttl", "7"))
  t.fails("setsockopt failed", u:setoption("ip-multicast-ttl", 256))
end)

for _, name in ipairs({ "ip-add-membership", "ip-drop-membership" }) do
  t.case(name .. "'s argument", function()
    local u = socket.udp4()
    local function refuses(value, text)
      t.raises(function() local r = u:setoption(name, value) return r, 1 end,
        "bad argument #2 to 'setoption' (" .. text .. ")")
    end
    refuses(1, "table expected, got number")
    refuses("x", "table expected, got string")
    refuses({}, "string 'multiaddr' field expected")
    refuses({ multiaddr = {} }, "string 'multiaddr' field expected")
    refuses({ multiaddr = "nonsense" }, "invalid 'multiaddr' ip address")
    refuses({ multiaddr = group }, "string 'interface' field expected")
    refuses({ multiaddr = group, interface = {} }, "string 'interface' field expected")
    refuses({ multiaddr = group, interface = "nonsense" }, "invalid 'interface' ip address")
  end)
end

for _, name in ipairs({ "ipv6-add-membership", "ipv6-drop-membership" }) do
  t.case(name .. "'s argument", function()
    local u = socket.udp6()
    local function refuses(value, text)
      t.raises(function() local r = u:setoption(name, value) return r, 1 end,
        "bad argument #2 to 'setoption' (" .. text .. ")")
    end
    refuses(1, "table expected, got number")
    refuses({}, "string 'multiaddr' field expected")
    refuses({ multiaddr = group }, "invalid 'multiaddr' ip address")
    t.raises_like(function()
      local r = u:setoption(name, { multiaddr = group6, interface = {} })
      return r, 1
    end, "number 'interface' field expected")
  end)
end

t.case("fields are read through __index", function()
  local u = socket.udp4()
  local value = setmetatable({}, { __index = { multiaddr = group, interface = "127.0.0.1" } })
  t.gives(1)(u:setoption("ip-add-membership", value))
end)

t.case("joining and leaving", function()
  local u = socket.udp4()
  local value = { multiaddr = group, interface = "127.0.0.1" }
  t.gives(1)(u:setoption("ip-add-membership", value))
  t.fails("setsockopt failed", u:setoption("ip-add-membership", value))
  t.gives(1)(u:setoption("ip-drop-membership", value))
  t.fails("setsockopt failed", u:setoption("ip-drop-membership", value))
  t.fails("setsockopt failed",
    u:setoption("ip-add-membership", { multiaddr = "127.0.0.1", interface = "127.0.0.1" }))
end)

local function receiver(value)
  local u = socket.udp4()
  assert(u:setoption("reuseaddr", true))
  assert(u:setsockname(group, 0))
  u:settimeout(s.patience)
  t.gives(1)(u:setoption("ip-add-membership", value))
  return u, s.port(u)
end

t.case("messages reach the members of a group", function()
  local a, port = receiver({ multiaddr = group, interface = "127.0.0.1" })
  local b = socket.udp4()
  b:setoption("reuseaddr", true)
  t.gives(1)(b:setsockname(group, port))
  b:settimeout(s.patience)
  t.gives(1)(b:setoption("ip-add-membership", { multiaddr = group, interface = "127.0.0.1" }))
  local u = socket.udp4()
  t.gives(1)(u:setoption("ip-multicast-if", "127.0.0.1"))
  t.gives(5)(u:sendto("hello", group, port))
  t.gives("hello", "127.0.0.1", s.port(u))(a:receivefrom())
  t.gives("hello")(b:receive())
  t.gives(1)(a:setoption("ip-drop-membership", { multiaddr = group, interface = "127.0.0.1" }))
end)

-- The interface's number, as the kernel lists it; 1 is the loopback everywhere.
t.case("IPv6 groups, with the interface's number", function()
  local a = socket.udp6()
  t.needs_v6()
  if not a:setsockname(group6 .. "%lo", 0) then t.skip("no IPv6 multicast here") end
  a:settimeout(s.patience)
  t.gives(1)(a:setoption("ipv6-add-membership", { multiaddr = group6, interface = 1 }))
  t.fails("setsockopt failed",
    a:setoption("ipv6-add-membership", { multiaddr = group6, interface = 1 }))
  local u = socket.udp6()
  local sent, err = u:sendto("hello", group6 .. "%lo", s.port(a))
  -- Not every loopback interface has a route for multicast.
  if sent then t.gives("hello")(a:receive()) else t.equal(err, "Network is unreachable") end
  t.gives(1)(a:setoption("ipv6-drop-membership", { multiaddr = group6, interface = "1" }))
  t.fails("setsockopt failed",
    a:setoption("ipv6-drop-membership", { multiaddr = group6, interface = 1 }))
end)

t.case("IPv6 groups, with the interface's name", function()
  local a = socket.udp6()
  if not a:setsockname("*", 0) then t.skip("no IPv6 here") end
  t.gives(1)(a:setoption("ipv6-add-membership", { multiaddr = group6, interface = "lo" }))
  t.gives(1)(a:setoption("ipv6-drop-membership", { multiaddr = group6, interface = 1 }))
  t.fails("setsockopt failed",
    a:setoption("ipv6-add-membership", { multiaddr = group6, interface = "nosuch0" }))
end)

t.case("ipv6-multicast-loop is a boolean", function()
  local u = socket.udp6()
  t.gives(1)(u:setoption("ipv6-multicast-loop", false))
  t.gives(false)(u:getoption("ipv6-multicast-loop"))
end)

t.case("ipv6-multicast-hops are not the unicast ones", function()
  local u = socket.udp6()
  t.gives(1)(u:getoption("ipv6-multicast-hops"))
  t.gives(1)(u:setoption("ipv6-multicast-hops", 5))
  t.gives(5)(u:getoption("ipv6-multicast-hops"))
  t.gives(64)(u:getoption("ipv6-unicast-hops"))
  t.gives(1)(u:setoption("ipv6-unicast-hops", 9))
  t.gives(5)(u:getoption("ipv6-multicast-hops"))
end)

t.case("groups joined before there is a descriptor", function()
  local a = socket.udp()
  local other = "239.255.77.78"
  t.gives(1)(a:setoption("ip-add-membership", { multiaddr = group, interface = "127.0.0.1" }))
  t.gives(1)(a:setoption("ip-add-membership", { multiaddr = other, interface = "127.0.0.1" }))
  t.fails("setsockopt failed",
    a:setoption("ip-add-membership", { multiaddr = "127.0.0.1", interface = "*" }))
  t.equal(a:getfd(), -1)
  t.gives(1)(a:setsockname("*", 0))
  for _, ip in ipairs({ group, other }) do
    local value = { multiaddr = ip, interface = "127.0.0.1" }
    t.fails("setsockopt failed", a:setoption("ip-add-membership", value))
    t.gives(1)(a:setoption("ip-drop-membership", value))
  end
end)
