-- dns, as far as no name server is needed.

local t, s = ...
local dns = s.socket.dns

t.case("toip of addresses", function()
  local ip, info = t.results(2, dns.toip("127.0.0.1"))
  t.equal(ip, "127.0.0.1")
  t.equal(type(info), "table")
  t.equal(info.ip[1], "127.0.0.1")
  t.equal(type(info.alias), "table")
  t.equal(type(info.name), "string")
end)

t.case("toip of an address asks nobody for its name", function()
  local ip, info = t.results(2, dns.toip("127.0.0.77"))
  t.equal(ip, "127.0.0.77")
  t.equal(info.name, "127.0.0.77")
end)

t.case("toip of short forms", function()
  t.equal((dns.toip("127.1")), "127.0.0.1")
end)

t.case("an address ends at a blank", function()
  for _, rest in ipairs({ " ", "\n", "\r\n", "\tlocalhost" }) do
    t.equal((dns.toip("127.0.0.1" .. rest)), "127.0.0.1")
    t.equal((dns.tohostname("127.0.0.1" .. rest)), (dns.tohostname("127.0.0.1")))
  end
  t.fails("host not found", dns.toip("a..b 127.0.0.1"))
end)

t.case("toip of localhost", function()
  local ip, info = t.results(2, dns.toip("localhost"))
  t.equal(ip, "127.0.0.1")
  t.equal(info.name, "localhost")
end)

t.case("toip of names that cannot be", function()
  for _, name in ipairs({ "a..b", "no such host", "-", ("x"):rep(70) }) do
    t.fails("host not found", dns.toip(name))
  end
end)

t.case("no name at all", function()
  t.fails("Unknown server error", dns.toip(""))
  t.fails("Unknown server error", dns.tohostname(""))
  t.fails("host or service not provided, or not known", dns.getaddrinfo(""))
end)

t.case("tohostname", function()
  local name, info = t.results(2, dns.tohostname("127.0.0.1"))
  t.equal(type(name), "string")
  t.equal(info.name, name)
  t.equal(info.ip[1], "127.0.0.1")
  t.fails("host not found", dns.tohostname("a..b"))
end)

t.case("gethostname", function()
  local name = t.results(1, dns.gethostname())
  t.equal(type(name), "string")
  t.ok(#name > 0)
end)

t.case_for(s.ips, "getaddrinfo of an address", function(ip)
  local list = t.results(1, dns.getaddrinfo(ip))
  t.equal(#list, 1)
  t.equal(list[1].addr, ip)
  t.equal(list[1].family, ip == "::1" and "inet6" or "inet")
end)

t.case("getaddrinfo of localhost", function()
  local list = t.results(1, dns.getaddrinfo("localhost"))
  t.ok(#list >= 1)
  for _, entry in ipairs(list) do
    t.ok(entry.addr == "127.0.0.1" and entry.family == "inet"
      or entry.addr == "::1" and entry.family == "inet6", entry.addr)
  end
end)

t.case("getaddrinfo ignores further arguments", function()
  t.equal(dns.getaddrinfo("127.0.0.1", "http", 3)[1].addr, "127.0.0.1")
end)

t.case("getaddrinfo of names that cannot be", function()
  local text = "host or service not provided, or not known"
  for _, name in ipairs({ "a..b", "no such host", "-", ("x"):rep(70), "", "*" }) do
    t.fails(text, dns.getaddrinfo(name))
  end
end)

t.case("getnameinfo of a service", function()
  local hosts, service = t.results(2, dns.getnameinfo(nil, 80))
  t.equal(#hosts, 0)
  t.equal(service, "http")
end)

t.case("getnameinfo of a host", function()
  local hosts = dns.getnameinfo("127.0.0.1")
  t.ok(#hosts >= 1)
  t.equal(type(hosts[1]), "string")
end)

t.case("getnameinfo of both", function()
  local hosts, service = t.results(2, dns.getnameinfo("127.0.0.1", "80"))
  t.ok(#hosts >= 1)
  t.equal(service, "http")
end)

t.case("getnameinfo of a port without a name", function()
  local _, service = dns.getnameinfo(nil, "34463")
  t.equal(service, "34463")
end)

t.case("getnameinfo: a star is no name", function()
  local hosts, service = t.results(2, dns.getnameinfo("*", "80"))
  t.ok(#hosts >= 1)
  t.equal(service, "http")
  hosts, service = t.results(2, dns.getnameinfo("127.0.0.1", "*"))
  t.ok(#hosts >= 1)
  t.equal(service, "0")
  for _, args in ipairs({ { "*" }, { nil, "*" }, { "*", "*" } }) do
    t.fails("host or service not provided, or not known", dns.getnameinfo(args[1], args[2]))
  end
end)

t.case("getnameinfo of neither raises", function()
  t.raises(function() local r = dns.getnameinfo() return r, 1 end, "host and serv cannot be both nil")
  t.raises(function() local r = dns.getnameinfo(nil, nil) return r, 1 end,
    "host and serv cannot be both nil")
end)

t.case("wrong arguments raise", function()
  for name in pairs({ toip = 1, tohostname = 1, getaddrinfo = 1 }) do
    local call = dns[name]
    t.raises(function() local r = call() return r, 1 end,
      "bad argument #1 to 'call' (string expected, got no value)")
    t.raises(function() local r = call({}) return r, 1 end,
      "bad argument #1 to 'call' (string expected, got table)")
  end
end)
