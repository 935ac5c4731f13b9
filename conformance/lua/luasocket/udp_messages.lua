-- Messages over UDP: what arrives, from whom, and what does not fit.

local t, s = ...
local socket = s.socket

local function bound(ip)
  local u = ip == "::1" and socket.udp6() or socket.udp4()
  local done, err = u:setsockname(ip or "127.0.0.1", 0)
  if ip == "::1" then t.needs_v6() end
  assert(done, err)
  u:settimeout(s.patience)
  return u, s.port(u)
end

t.case_for(s.ips, "a message and its answer", function(ip)
  local a, a_port = bound(ip)
  local b, b_port = bound(ip)
  t.gives(5)(a:sendto("hello", ip, b_port))
  t.gives("hello", ip, a_port)(b:receivefrom())
  t.gives(6)(b:sendto("answer", ip, a_port))
  t.gives("answer")(a:receive())
end)

t.case_for(s.ips, "udp makes its descriptor for the first sendto", function(ip)
  local a, port = bound(ip)
  local u = socket.udp()
  t.gives(1)(u:sendto("x", ip, port))
  t.ok(u:getfd() >= 0)
  t.equal(u:getfamily(), ip == "::1" and "inet6" or "inet4")
  t.gives("x", ip, s.port(u))(a:receivefrom())
end)

t.case_for(s.ips, "messages keep their bounds and order", function(ip)
  local a, port = bound(ip)
  local u = socket.udp()
  for _, text in ipairs({ "one", "", "three", "\0\r\n\255" }) do
    t.gives(#text)(u:sendto(text, ip, port))
  end
  for _, text in ipairs({ "one", "", "three", "\0\r\n\255" }) do t.gives(text)(a:receive()) end
end)

t.case("port and data may be numbers or strings", function()
  local a, port = bound()
  local u = socket.udp()
  for _, spelled in ipairs({ port, tostring(port), "0" .. port }) do
    t.gives(2)(u:sendto(42, "127.0.0.1", spelled))
    t.gives("42")(a:receive())
  end
  for _, none in ipairs({ 0, "0" }) do t.fails("Invalid argument", u:sendto("x", "127.0.0.1", none)) end
  -- A port of one digit, where nobody is.
  t.gives(1)(u:sendto("x", "127.0.0.1", 9))
end)

t.case("receivefrom's port is an integer", function()
  local a, port = bound()
  local b, b_port = bound()
  assert(b:sendto("x", "127.0.0.1", port))
  local _, _, from = a:receivefrom()
  t.equal(from, b_port)
  t.equal(tostring(from), string.format("%d", b_port))
end)

t.case("without a size 8192 bytes are received", function()
  local a, port = bound()
  local u, data = socket.udp(), s.noise(8193)
  assert(u:sendto(data, "127.0.0.1", port))
  t.gives(data:sub(1, 8192))(a:receive())
  assert(u:sendto(data, "127.0.0.1", port))
  t.equal((a:receivefrom()), data:sub(1, 8192))
end)

t.case("what is longer than the size is lost", function()
  local a, port = bound()
  local u = socket.udp()
  u:sendto("abcdef", "127.0.0.1", port)
  u:sendto("next", "127.0.0.1", port)
  t.gives("abc")(a:receive(3))
  t.gives("next")(a:receive())
  u:sendto("abcdef", "127.0.0.1", port)
  u:sendto("next", "127.0.0.1", port)
  t.equal((a:receivefrom(3)), "abc")
  t.equal((a:receivefrom()), "next")
end)

t.case("size 0 drops a message", function()
  local a, port = bound()
  local u = socket.udp()
  u:sendto("abcdef", "127.0.0.1", port)
  u:sendto("next", "127.0.0.1", port)
  t.gives("")(a:receive(0))
  t.gives("next")(a:receive())
  a:settimeout(0)
  t.fails("timeout", a:receive(0))
end)

t.case("sizes are cut to whole numbers, and may be strings", function()
  local a, port = bound()
  local u = socket.udp()
  for _ = 1, 4 do u:sendto("abcdef", "127.0.0.1", port) end
  t.gives("abc")(a:receive(3.9))
  t.gives("abcd")(a:receive("4"))
  t.gives("")(a:receive(0.5))
  t.gives("")(a:receive(-0.5))
end)

t.case("nil is no size", function()
  local a, port = bound()
  local u = socket.udp()
  for _ = 1, 2 do u:sendto("abcdef", "127.0.0.1", port) end
  t.gives("abcdef")(a:receive(nil))
  t.equal((a:receivefrom(nil)), "abcdef")
end)

t.case_for(s.ips, "the largest message passes whole", function(ip)
  local a, port = bound(ip)
  local u, size = socket.udp(), ip == "::1" and 65527 or 65507
  local data = s.noise(size)
  t.gives(size)(u:sendto(data, ip, port))
  local got = t.results(1, a:receive(65536))
  t.ok(got == data, "it was changed")
  t.fails("Message too long", u:sendto(("x"):rep(size + 1), ip, port))
end)

t.case("a huge size allocates no more than a message", function()
  local a, port = bound()
  local u = socket.udp()
  for _, size in ipairs({ 1e12, 2 ^ 60, 2 ^ 31, 1 / 0 }) do
    u:sendto("abc", "127.0.0.1", port)
    t.gives("abc")(a:receive(size))
  end
end)

t.case("a negative size or NaN is an error", function()
  local a, port = bound()
  socket.udp():sendto("abc", "127.0.0.1", port)
  s.await(a)
  t.fails("out of memory", a:receive(-1))
  t.fails("out of memory", a:receivefrom(-1e9))
  t.fails("out of memory", a:receive(0 / 0))
  t.gives("abc")(a:receive())
end)

t.case("the size is a number", function()
  local a = bound()
  t.raises(function() local r = a:receive("*a") return r, 1 end,
    "bad argument #1 to 'receive' (number expected, got string)")
  t.raises(function() local r = a:receivefrom({}) return r, 1 end,
    "bad argument #1 to 'receivefrom' (number expected, got table)")
end)

t.case("data, address and port are needed", function()
  local u = socket.udp()
  t.raises(function() local r = u:sendto() return r, 1 end,
    "bad argument #1 to 'sendto' (string expected, got no value)")
  t.raises(function() local r = u:sendto("x") return r, 1 end,
    "bad argument #2 to 'sendto' (string expected, got no value)")
  t.raises(function() local r = u:sendto("x", "127.0.0.1") return r, 1 end,
    "bad argument #3 to 'sendto' (string expected, got no value)")
  t.raises(function() local r = u:sendto({}, "127.0.0.1", 9) return r, 1 end,
    "bad argument #1 to 'sendto' (string expected, got table)")
  t.raises(function() local r = u:sendto("x", {}, 9) return r, 1 end,
    "bad argument #2 to 'sendto' (string expected, got table)")
  t.raises(function() local r = u:sendto("x", "127.0.0.1", {}) return r, 1 end,
    "bad argument #3 to 'sendto' (string expected, got table)")
  t.equal(u:getfd(), -1)
end)

t.case("sendto takes numeric addresses only", function()
  local u = socket.udp4()
  for _, limit in ipairs({ -1, 0, 1 }) do
    u:settimeout(limit)
    t.fails("Name or service not known", u:sendto("x", "localhost", 9))
    t.fails("Name or service not known", u:sendto("x", "127.0.0.1", "http"))
    t.fails("Name or service not known", u:sendto("x", "127.0.0.1", "80.0"))
    t.fails("Name or service not known", u:sendto("x", "", 9))
  end
end)

t.case("sendto reads addresses as inet_aton does", function()
  local a, port = bound()
  local u = socket.udp()
  for _, ip in ipairs({ "127.1", "0x7f000001", "2130706433", "127.0.0.01" }) do
    t.gives(#ip)(u:sendto(ip, ip, port))
    t.gives(ip)(a:receive())
  end
end)

t.case("sendto an address of the other family", function()
  t.fails("Address family for hostname not supported", socket.udp4():sendto("x", "::1", 9))
  t.fails("Address family for hostname not supported", socket.udp6():sendto("x", "127.0.0.1", 9))
  local u = socket.udp()
  t.gives(1)(u:sendto("x", "127.0.0.1", 9))
  t.fails("Address family for hostname not supported", u:sendto("x", "::1", 9))
end)

t.case("sendto \"*\" is the loopback", function()
  local a, port = bound()
  t.gives(1)(socket.udp4():sendto("x", "*", port))
  t.gives("x")(a:receive())
end)

t.case("sendto port 0", function()
  t.fails("Invalid argument", socket.udp4():sendto("x", "127.0.0.1", 0))
end)

t.case("sendto ports out of range are an error", function()
  for _, port in ipairs({ 65536, "99999", -1 }) do
    local v, message = socket.udp4():sendto("x", "127.0.0.1", port)
    t.equal(v, nil)
    t.equal(type(message), "string")
  end
end)

t.case("receive waits as long as its limit", function()
  local a = bound()
  a:settimeout(0)
  t.fails("timeout", a:receive())
  t.fails("timeout", a:receivefrom())
  a:settimeout(0.1)
  for _, name in ipairs({ "receive", "receivefrom" }) do
    local took, v, err = t.elapsed(function() return a[name](a) end)
    t.equal(v, nil)
    t.equal(err, "timeout")
    t.near(took, 0.1 - s.slack, 1)
  end
end)

t.case("receive waits for a message that comes later", function()
  local a, port = bound()
  local peer = t.peer([[
    local socket = require("socket")
    socket.sleep(0.15)
    assert(socket.udp():sendto("late", "127.0.0.1", ...))
  ]], port)
  t.gives("late")(a:receive())
  peer:finish()
end)

t.case("a limit of more than a second is kept", function()
  local a = bound()
  a:settimeout(1.2)
  local took, v, err = t.elapsed(function() return a:receive() end)
  t.equal(v, nil)
  t.equal(err, "timeout")
  t.near(took, 1.2 - s.slack, 2.2)
end)

t.case("timeouts give two results", function()
  local a = bound()
  a:settimeout(0)
  t.gives(nil, "timeout")(a:receive())
  t.gives(nil, "timeout")(a:receivefrom())
end)

t.case("many messages, each whole", function()
  local a, port = bound()
  local u = socket.udp()
  for round = 1, 20 do
    for i = 1, 20 do assert(u:sendto(round .. ":" .. i, "127.0.0.1", port)) end
    for i = 1, 20 do t.gives(round .. ":" .. i)(a:receive()) end
  end
  a:settimeout(0)
  t.fails("timeout", a:receive())
end)

t.case("a message survives a collection while it is handed over", function()
  local a, port = bound()
  local u = socket.udp()
  local data = s.noise(5000)
  for _ = 1, 200 do
    u:sendto(data, "127.0.0.1", port)
    local got, ip, from = a:receivefrom()
    t.ok(got == data)
    t.equal(ip, "127.0.0.1")
    t.equal(from, s.port(u))
  end
end)
