-- socket_getaddrinfo and socket_gethostname.

local t, s = ...
local S = s.S

local function first(...)
  local list = t.ok(t.results(1, S.socket_getaddrinfo(...)))
  t.equal(type(list), "table")
  t.ok(#list >= 1)
  return list[1], list
end

t.case("a numeric host and port", function()
  for _, port in ipairs({ "8080", 8080 }) do
    local entry = first("127.0.0.1", port)
    t.equal(entry.family, S.AF_INET)
    t.equal(entry.socktype, S.SOCK_STREAM)
    t.equal(entry.protocol, S.IPPROTO_TCP)
    t.equal(entry.flags, 0)
    t.equal(entry.canonname, nil)
    t.equal(S.typeof(entry.addr), "socket_address")
    t.equal(entry.addr.full_addr_string, "127.0.0.1:8080")
  end
  t.equal(S.socket_error(), 0)
end)

t.case("hints: type and family", function()
  local datagram = first("127.0.0.1", "1", S.SOCK_DGRAM)
  t.equal(datagram.socktype, S.SOCK_DGRAM)
  t.equal(datagram.protocol, S.IPPROTO_UDP)
  t.equal(first("::1", "1", S.SOCK_STREAM, S.AF_INET6).addr.addr_string, "::1")
  t.fails_like("", S.socket_getaddrinfo("127.0.0.1", "1", S.SOCK_STREAM, S.AF_INET6))
  t.ok(S.socket_error() ~= 0)
  t.ok(#S.socket_error(true) > 0)
  t.fails_like("", S.socket_getaddrinfo("127.0.0.1", "1", S.SOCK_STREAM, S.AF_UNIX))
  t.fails_like("", S.socket_getaddrinfo("127.0.0.1", "1", 4711))
  -- No type: one answer for each.
  local _, list = first("127.0.0.1", "1", 0)
  t.ok(#list >= 2)
end)

t.case("localhost, and what it leads to", function()
  local server, at = s.listener()
  local entry = first("localhost", tostring(at.port):gsub("%.0$", "") .. "", S.SOCK_STREAM, S.AF_INET)
  local c = t.ok(S.socket_tcp())
  t.gives(true)(c:connect(entry.addr))
  server:close()
end)

t.case("what there is not", function()
  for _, port in ipairs({ "no such service", "65536", "-1", "http ", "a\0b", 65536, -1, 1.5 }) do
    local none, text = t.results(2, S.socket_getaddrinfo("127.0.0.1", port))
    t.equal(none, nil)
    t.ok(S.socket_error() ~= 0)
    t.equal(text, S.socket_error(true))
  end
  for _, host in ipairs({ "no such host..", "a\0b", ("x"):rep(5000), "\255" }) do
    t.fails_like("", S.socket_getaddrinfo(host, "80"))
  end
  t.raises_like(function() S.socket_getaddrinfo("127.0.0.1") end, "string expected")
  t.raises_like(function() S.socket_getaddrinfo("127.0.0.1", {}) end, "string expected")
end)

t.case("the host's name", function()
  local file = io.open("/proc/sys/kernel/hostname", "r")
  if not file then t.skip("the kernel does not tell its name here") end
  local name = file:read("*l")
  file:close()
  t.gives(name)(S.socket_gethostname())
end)
