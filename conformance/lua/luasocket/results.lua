-- All results of what other cases take the first of, and what arguments change.

local t, s = ...
local socket = s.socket
local unix = require("socket.unix")

local path = t.path

local function unix_pair()
  local server, name = unix.stream(), path()
  assert(server:bind(name))
  assert(server:listen(1))
  local client = unix.stream()
  assert(client:connect(name))
  local accepted = assert(server:accept())
  client:settimeout(s.patience)
  accepted:settimeout(s.patience)
  return client, accepted
end

t.case_for({ "keepalive", "tcp-nodelay" }, "a switch reads off and on, on every class", function(name)
  local client = s.pair()
  for _, object in ipairs({ socket.tcp4(), (s.listener()), client }) do
    t.gives(1)(object:setoption(name, false))
    t.gives(false)(object:getoption(name))
    t.gives(1)(object:setoption(name, true))
    t.gives(true)(object:getoption(name))
  end
end)

t.case_for({ "recv-buffer-size", "send-buffer-size" }, "Linux doubles a buffer's size", function(name)
  for _, object in ipairs({ socket.tcp4(), socket.udp4() }) do
    t.gives(1)(object:setoption(name, 30000))
    t.gives(60000)(object:getoption(name))
  end
end)

t.case("options of Unix sockets", function()
  local u = unix.stream()
  t.gives(false)(u:getoption("keepalive"))
  t.gives(1)(u:setoption("keepalive", true))
  t.gives(true)(u:getoption("keepalive"))
  t.gives(1)(u:setoption("linger", { on = true, timeout = 4 }))
  local linger = t.results(1, u:getoption("linger"))
  t.equal(linger.on, true)
  t.equal(linger.timeout, 4)
  for _, object in ipairs({ u, unix.dgram() }) do
    for _, name in ipairs({ "recv-buffer-size", "send-buffer-size" }) do
      t.gives(1)(object:setoption(name, 30000))
      t.gives(60000)(object:getoption(name))
    end
  end
end)

t.case_for({ "ipv6-v6only", "ipv6-multicast-loop" }, "a switch of IPv6 reads off and on", function(name)
  local u = socket.udp6()
  for _, value in ipairs({ false, true, false }) do
    t.gives(1)(u:setoption(name, value))
    t.gives(value)(u:getoption(name))
  end
end)

t.case("bindtodevice answers 1", function()
  if not pcall(require, "moonsocket") then t.skip("newer than 3.1.0, and there for TCP alone (upstream #71)") end
  local u = socket.udp4()
  local done, err = u:setoption("bindtodevice", "lo")
  if not done then t.skip(err) end
  t.equal(done, 1)
  t.gives("lo")(u:getoption("bindtodevice"))
end)

t.case("names of a connected udp object", function()
  local a, b = socket.udp4(), socket.udp4()
  assert(a:setsockname("127.0.0.1", 0))
  local port = s.port(a)
  t.gives(1)(b:setpeername("127.0.0.1", port))
  t.gives("inet4")(b:getfamily())
  local ip, own, family = t.results(3, b:getsockname())
  t.equal(ip, "127.0.0.1")
  t.ok(tonumber(own) > 0)
  t.equal(family, "inet")
end)

t.case("the peer's name of a master that was given a connection", function()
  local c = s.pair()
  local _, port = c:getpeername()
  local fd, master = c:getfd(), socket.tcp4()
  master:close()
  c:setfd(-1)
  master:setfd(fd)
  t.equal(master.class, "tcp{master}")
  t.gives("127.0.0.1", port, "inet")(master:getpeername())
  master:close()
end)

t.case("ip-multicast-ttl up to 255", function()
  local u = socket.udp4()
  t.gives(1)(u:setoption("ip-multicast-ttl", 255))
  t.fails("setsockopt failed", u:setoption("ip-multicast-ttl", 256))
end)

t.case("dirty tells of bytes that were not asked for", function()
  local client, peer = s.pair()
  local unix_client, unix_peer = unix_pair()
  for _, pair in ipairs({ { client, peer }, { unix_client, unix_peer } }) do
    local c, other = pair[1], pair[2]
    t.gives(false)(c:dirty())
    other:send("ab")
    t.gives("a")((c:receive(1)))
    t.gives(true)(c:dirty())
    t.gives("b")((c:receive(1)))
    t.gives(false)(c:dirty())
  end
end)

t.case("a part is sent of a string, and a failure says how much", function()
  for _, make in ipairs({ s.pair, unix_pair }) do
    local c, peer = make()
    t.equal((c:send("abcdef", 3)), 6)
    t.equal((c:send("abcdef", 3, 4)), 4)
    t.equal((c:send("abcdef", -2, -1)), 6)
    t.equal((peer:receive(8)), "cdefcdef")
    c:close()
    t.gives(nil, "closed", 0)(c:send("x"))
  end
end)

t.case("receiveany gives data alone", function()
  if not s.socket.fromfd then t.skip("an addition") end
  for _, make in ipairs({ s.pair, unix_pair }) do
    local c, peer = make()
    peer:send("abc")
    s.await(c)
    t.gives("abc")(c:receiveany(10))
    c:settimeout(0)
    t.gives(nil, "timeout")(c:receiveany(10))
  end
end)

t.case("getoption's failure says so", function()
  local c = s.pair()
  c:close()
  t.fails("getsockopt failed", c:getoption("keepalive"))
end)

t.case("sinks, sources and their makers give one thing each", function()
  local c, peer = s.pair()
  for _, mode in ipairs({ "default", "close-when-done", "keep-open" }) do
    if socket.sinkt[mode] then t.results(1, socket.sinkt[mode](c)) end
  end
  t.results(1, socket.sourcet.default(c))
  t.results(1, socket.sourcet["by-length"](c, 1))
  t.results(1, socket.sourcet["until-closed"](c))
  t.results(1, socket.sink("keep-open", c))
  t.results(1, socket.source("until-closed", c))
  for _, make in ipairs({ socket.sink, socket.source }) do
    t.raises_like(function() local r = make("nosuch", c) return r, 1 end, "unknown key (nosuch)")
  end
  t.results(1, socket.choose({}))
  t.results(1, socket.choose({ x = function() return 1 end })("x", c))
  t.results(1, socket.newtry(function() end))
  t.results(1, socket.protect(function() end))
  peer:close()
end)

t.case("dirty and getfd of sinks and sources are the socket's", function()
  local c, peer = s.pair()
  peer:send("ab")
  t.equal((c:receive(1)), "a")
  for _, object in ipairs({
    socket.sink("close-when-done", c), socket.sink("keep-open", c), socket.source("until-closed", c),
    socket.source("by-length", c, 1),
  }) do
    t.equal(object:dirty(), true)
    t.equal(object:getfd(), c:getfd())
  end
end)

t.case("the lists that dns gives", function()
  local ip, found = t.results(2, socket.dns.toip("127.0.0.1"))
  t.equal(ip, "127.0.0.1")
  t.equal(#found.alias, 0)
  t.equal(found.ip[1], "127.0.0.1")
  local own = t.results(1, socket.dns.gethostname())
  t.equal(own, (t.shell("cat /proc/sys/kernel/hostname"):gsub("%s+$", "")))
end)
