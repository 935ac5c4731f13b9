-- getsockname, getpeername, getaddrinfo, getnameinfo.

local t, s = ...
local nixio = s.nixio

t.case_for(s.ips, "getsockname and getpeername", function(ip)
  local c, a = s.pair(ip)
  local own_ip, own_port = t.results(2, c:getsockname())
  t.gives(own_ip, own_port)(a:getpeername())
  t.gives(c:getpeername())(a:getsockname())
  t.equal(own_ip, ip)
end)

t.case("of a fresh socket", function()
  local socket = t.ok(nixio.socket("inet", "stream"))
  t.gives("0.0.0.0", 0)(socket:getsockname())
  s.fails(107, socket:getpeername())
end)

local function described(list)
  local out = {}
  for i, entry in ipairs(list) do
    out[i] = table.concat({ entry.family, entry.address, tostring(entry.port), tostring(entry.socktype) }, " ")
  end
  return table.concat(out, ", ")
end

t.case("getaddrinfo: each address once", function()
  t.equal(described(t.results(1, nixio.getaddrinfo("127.0.0.1"))), "inet 127.0.0.1 nil nil")
  t.equal(described(nixio.getaddrinfo("::1", "inet6")), "inet6 ::1 nil nil")
  -- Where /etc/hosts has it for ::1 too, glibc makes 127.0.0.1 of that.
  local name = described(nixio.getaddrinfo("localhost", "inet")):gsub("^(.-), %1$", "%1")
  t.equal(name, "inet 127.0.0.1 nil nil")
end)

t.case("getaddrinfo: with a port each type", function()
  local all = "inet 127.0.0.1 80 stream, inet 127.0.0.1 80 dgram, inet 127.0.0.1 80 raw"
  t.equal(described(nixio.getaddrinfo("127.0.0.1", "any", 80)), all)
  t.equal(described(nixio.getaddrinfo("127.0.0.1", nil, "80")), all)
  t.equal(described(nixio.getaddrinfo(nil, "inet", 80)), all)
end)

t.case("getaddrinfo: with a service those that it has", function()
  local list = nixio.getaddrinfo("127.0.0.1", "inet", "http")
  t.equal(list[1].port, 80)
  t.equal(list[1].socktype, "stream")
end)

t.case("getaddrinfo: a boolean is no port", function()
  t.equal(described(nixio.getaddrinfo("127.0.0.1", "any", true)), "inet 127.0.0.1 nil nil")
end)

t.case("getaddrinfo: failures", function()
  t.gives(nil, -2, "Name or service not known")(nixio.getaddrinfo(""))
  s.fails(-2, nixio.getaddrinfo(nil))
  s.fails(-8, nixio.getaddrinfo("127.0.0.1", "any", "no-such-service"))
  s.fails(-9, nixio.getaddrinfo("127.0.0.1", "inet6"))
  t.raises_like(function() return nixio.getaddrinfo("127.0.0.1", "unix") end, "supported values")
end)

t.case("getnameinfo: the name of an address", function()
  t.gives("localhost")(nixio.getnameinfo("127.0.0.1"))
  t.gives("localhost")(nixio.getnameinfo("127.0.0.1", "inet"))
end)

t.case("getnameinfo: with a limit in milliseconds", function()
  t.gives("localhost")(nixio.getnameinfo("127.0.0.1", nil, 1000))
  if not s.ours then return end
  -- A nanosecond is enough only for a name that comes at once.
  for _ = 1, 1000 do
    local name, code = nixio.getnameinfo("127.0.0.1", nil, 1e-6)
    if not name then
      t.equal(code, -3)
      return
    end
  end
  t.fail("the limit never struck")
end)

t.case("getnameinfo: no time, or less, is no limit", function()
  for _ = 1, 200 do
    t.gives("localhost")(nixio.getnameinfo("127.0.0.1", nil, 0))
    t.gives("localhost")(nixio.getnameinfo("127.0.0.1", nil, -1))
  end
end)

t.case("getnameinfo: failures", function()
  t.gives(nil, -6, "ai_family not supported")(nixio.getnameinfo("no address"))
  s.fails(-6, nixio.getnameinfo("127.0.0.1", "inet6"))
  t.raises_like(function() return nixio.getnameinfo("127.0.0.1", "unix") end, "supported values")
  t.raised(function() return nixio.getnameinfo() end)
end)
