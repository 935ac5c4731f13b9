-- getsockname and getpeername.

local t, s = ...
local socket = s.socket

local function family_of(ip) return ip == "::1" and "inet6" or "inet" end

t.case_for(s.ips, "three results: address, port, family", function(ip)
  local server, port = s.listener(ip)
  local c = assert(socket.connect(ip, port))
  local a = assert(server:accept())
  local address, number, family = t.results(3, server:getsockname())
  t.equal(address, ip)
  t.equal(tonumber(number), port)
  t.equal(family, family_of(ip))
  address, number, family = t.results(3, c:getpeername())
  t.equal(address, ip)
  t.equal(number, port)
  t.equal(family, family_of(ip))
  address, number, family = t.results(3, a:getpeername())
  t.equal(address, ip)
  t.equal(number, s.port(c))
  t.equal(family, family_of(ip))
  address, number, family = t.results(3, a:getsockname())
  t.equal(address, ip)
  t.equal(tonumber(number), port)
  t.equal(family, family_of(ip))
end)

t.case("getpeername's port prints without a fraction", function()
  local c, peer = s.pair()
  local _, port = c:getpeername()
  t.equal(type(port), "number")
  t.ok(tostring(port):find("^%d+$"), tostring(port))
  peer:close()
end)

t.case("getsockname's port is a number", function()
  local server = s.listener()
  local _, port = server:getsockname()
  t.equal(type(port), "number")
  t.ok(tostring(port):find("^%d+$"), tostring(port))
  _, port = socket.tcp4():getsockname()
  t.equal(port, 0)
end)

t.case("a port from getsockname can be used to connect", function()
  local server = s.listener()
  local _, port = server:getsockname()
  t.ok(socket.connect("127.0.0.1", port))
end)

t.case("a server has no peer", function()
  local server = s.listener()
  t.fails("Transport endpoint is not connected", server:getpeername())
end)

t.case("a closed object has no names", function()
  local c, peer = s.pair()
  c:close()
  t.fails("Bad file descriptor", c:getsockname())
  t.fails("Bad file descriptor", c:getpeername())
  peer:close()
end)

t.case("the peer's name is gone after a reset", function()
  local c, peer = s.pair()
  peer:setoption("linger", { on = true, timeout = 0 })
  peer:close()
  s.await(c)
  t.fails("Transport endpoint is not connected", c:getpeername())
  t.equal((c:getsockname()), "127.0.0.1")
end)

t.case("the peer's name stays after its orderly close", function()
  local c, peer = s.pair()
  local port = s.port(peer)
  peer:close()
  s.await(c)
  t.gives("127.0.0.1", port, "inet")(c:getpeername())
end)

t.case("any-addresses", function()
  local four = assert(socket.bind("0.0.0.0", 0))
  t.equal((four:getsockname()), "0.0.0.0")
  local six = assert(socket.bind("::", 0))
  t.equal((six:getsockname()), "::")
end)

t.case("a client of an any-address server shows the real one", function()
  local server = assert(socket.bind("0.0.0.0", 0))
  local c = assert(socket.connect("127.0.0.2", s.port(server)))
  local a = assert(server:accept())
  t.equal((a:getsockname()), "127.0.0.2")
  t.equal((c:getpeername()), "127.0.0.2")
end)

t.case("IPv6 addresses come in their short form", function()
  local server, port = s.listener("::1")
  local c = assert(socket.connect("0:0:0:0:0:0:0:1", port))
  t.equal((c:getpeername()), "::1")
  server:close()
end)

t.case("the family is the descriptor's, after a failed bind as well", function()
  local object = socket.tcp()
  t.fails("Cannot assign requested address", object:bind("1.2.3.4", 0))
  t.equal((select(3, object:getsockname())), "inet")
  object:close()
end)

t.case("the interface of an address: by name where names are local to it, by number elsewhere", function()
  t.needs_v6()
  for text, shown in pairs({
    ["fe80::1%lo"] = "fe80::1%lo", ["fe80::1%1"] = "fe80::1%lo", ["ff02::1%1"] = "ff02::1%lo", ["::1%1"] = "::1%1",
    ["2001:db8::1%01"] = "2001:db8::1%1",
  }) do
    local found = t.ok(socket.dns.getaddrinfo(text))
    t.equal(found[1].addr, shown)
  end
  for _, text in ipairs({ "::1%lo", "::1%+1", "fe80::1%+1", "fe80::1%nosuch" }) do
    t.fails("host or service not provided, or not known", socket.dns.getaddrinfo(text))
    t.fails("host or service not provided, or not known", socket.tcp6():bind(text, 0))
  end
end)
