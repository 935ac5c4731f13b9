-- The method bind.

local t, s = ...
local nixio, const = s.nixio, s.const

t.case_for(s.ips, "to an address", function(ip)
  local socket = t.ok(nixio.socket(s.family(ip), "stream"))
  t.gives(true)(socket:bind(ip, 0))
  local own, port = socket:getsockname()
  t.equal(own, ip)
  t.ok(port > 0)
end)

t.case("no host is all addresses", function()
  local socket = t.ok(nixio.socket("inet", "dgram"))
  t.gives(true)(socket:bind(nil, 0))
  t.equal((socket:getsockname()), "0.0.0.0")
end)

t.case("a name is looked up", function()
  local socket = t.ok(nixio.socket("inet", "stream"))
  t.gives(true)(socket:bind("localhost", "0"))
  t.equal((socket:getsockname()), "127.0.0.1")
end)

t.case("keeps the descriptor, sets no option, does not listen", function()
  local socket = t.ok(nixio.socket("inet", "stream"))
  local number = socket:fileno()
  t.ok(socket:bind("127.0.0.1", 0))
  t.equal(socket:fileno(), number)
  t.gives(0)(socket:getopt("socket", "reuseaddr"))
  s.fails(const.EINVAL, socket:accept())
end)

t.case("options that were set before hold", function()
  local socket = t.ok(nixio.socket("inet", "stream"))
  t.ok(socket:setopt("socket", "reuseaddr", 1))
  t.ok(socket:bind("127.0.0.1", 0))
  t.gives(1)(socket:getopt("socket", "reuseaddr"))
end)

t.case("failures", function()
  local _, port = s.listener()
  local socket = t.ok(nixio.socket("inet", "stream"))
  s.fails(const.EADDRINUSE, socket:bind("127.0.0.1", port))
  s.fails(99, socket:bind("192.0.2.1", 0))
  s.fails(-8, socket:bind("127.0.0.1", "no-such-service"))
  s.fails(-9, socket:bind("::1", 0))
  s.fails(-2, socket:bind("", 0))
  -- It can be used all the same.
  t.gives(true)(socket:bind("127.0.0.1", 0))
  s.fails(const.EINVAL, socket:bind("127.0.0.1", 0))
end)

t.case("a port there must be", function()
  local socket = t.ok(nixio.socket("inet", "stream"))
  t.raises_like(function() return socket:bind("127.0.0.1") end, "string expected")
  t.raises_like(function() return socket:bind() end, "string expected")
end)
