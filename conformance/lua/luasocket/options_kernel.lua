-- That an option's name means what it says shows in the kernel's own numbers.

local t, s = ...
local socket = s.socket

local booleans = { "keepalive", "reuseaddr", "reuseport", "tcp-nodelay" }

local function kernel(name, field)
  local file = io.open("/proc/sys/net/ipv4/" .. name, "r")
  if not file then t.skip("no /proc/sys/net/ipv4/" .. name) end
  local values = {}
  for value in file:read("*a"):gmatch("%d+") do values[#values + 1] = tonumber(value) end
  file:close()
  return values[field or 1]
end

t.case("fresh objects have the kernel's keep-alive settings", function()
  local c = socket.tcp4()
  t.gives(kernel("tcp_keepalive_time"))(c:getoption("tcp-keepidle"))
  t.gives(kernel("tcp_keepalive_probes"))(c:getoption("tcp-keepcnt"))
  t.gives(kernel("tcp_keepalive_intvl"))(c:getoption("tcp-keepintvl"))
end)

t.case("setting one keep-alive option leaves the others", function()
  local names = { "tcp-keepidle", "tcp-keepcnt", "tcp-keepintvl" }
  for _, set in ipairs(names) do
    local c, before = socket.tcp4(), {}
    for _, name in ipairs(names) do before[name] = c:getoption(name) end
    c:setoption(set, 21)
    for _, name in ipairs(names) do
      t.equal(c:getoption(name), name == set and 21 or before[name], name)
    end
  end
end)

t.case("fresh objects have the kernel's buffer sizes", function()
  local c = socket.tcp4()
  t.gives(kernel("tcp_rmem", 2))(c:getoption("recv-buffer-size"))
  t.gives(kernel("tcp_wmem", 2))(c:getoption("send-buffer-size"))
end)

t.case("setting one buffer size leaves the other", function()
  local c = socket.tcp4()
  c:setoption("recv-buffer-size", 30000)
  t.gives(kernel("tcp_wmem", 2))(c:getoption("send-buffer-size"))
  local d = socket.tcp4()
  d:setoption("send-buffer-size", 30000)
  t.gives(kernel("tcp_rmem", 2))(d:getoption("recv-buffer-size"))
end)

t.case("setting one boolean leaves the others", function()
  for _, set in ipairs(booleans) do
    local c = socket.tcp4()
    c:setoption(set, true)
    for _, name in ipairs(booleans) do t.equal(c:getoption(name), name == set, name) end
  end
end)

t.case("keepalive starts the kernel's timer", function()
  local c, peer = s.pair()
  local function timer()
    local want = string.format(":%04X:%04X", s.port(c), s.port(peer))
    for line in io.lines("/proc/net/tcp") do
      local mine, theirs, kind = line:match("^%s*%d+: %x+(:%x+) %x+(:%x+) %x+ %x+:%x+ (%x+):")
      if mine and mine .. theirs == want then return kind end
    end
  end
  t.equal(timer(), "00")
  c:setoption("keepalive", true)
  t.equal(timer(), "02")
  c:setoption("keepalive", false)
  t.equal(timer(), "00")
  peer:close()
end)

t.case("tcp-defer-accept hides a client until it speaks", function()
  local server, port = s.listener()
  t.gives(1)(server:setoption("tcp-defer-accept", 5))
  local c = assert(socket.connect("127.0.0.1", port))
  server:settimeout(0.05)
  t.fails("timeout", server:accept())
  c:send("hello\n")
  server:settimeout(s.patience)
  local a = t.ok(server:accept())
  a:settimeout(s.patience)
  t.gives("hello", nil, nil)(a:receive())
end)

t.case("an option is its own object's alone", function()
  local c, peer = s.pair()
  t.gives(1)(c:setoption("tcp-nodelay", true))
  t.gives(true)(c:getoption("tcp-nodelay"))
  t.gives(false)(peer:getoption("tcp-nodelay"))
end)
