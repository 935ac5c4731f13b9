-- Datagrams over udp: addresses as tables.

local t, s = ...
local osn = s.osn

--- A bound udp socket, and its port.
local function server(ip)
  local socket, err = osn.serve({ ip = ip or "127.0.0.1", port = "0", protocol = "udp" })
  if ip == "::1" then t.needs_v6() end
  t.ok(socket, err)
  return socket, (select(2, socket:getsockname()))
end

t.case_for(s.ips, "receive gives the sender, and send takes it", function(ip)
  local here, port = server(ip)
  local one = t.ok(osn.connect({ ip = ip, port = port, protocol = "udp" }))
  local two = t.ok(osn.connect({ ip = ip, port = port, protocol = "u" }))
  t.gives(3)(one:send("one"))
  t.gives(3)(two:send("two"))
  for _ = 1, 2 do
    local data, from = t.ok(t.results(2, here:receive(100)))
    t.equal(type(from), "table")
    t.gives(#data + 1)(here:send(data .. "!", from))
  end
  local data, from = t.results(2, two:receive(100))
  t.equal(data, "two!")
  t.equal(from.ip, ip)
  t.equal(from.port, port)
  t.gives("one!")((one:receive(100)))
end)

t.case("what an address has", function()
  local here, port = server()
  local c = t.ok(osn.connect({ ip = "127.0.0.1", port = port, protocol = "udp" }))
  c:send("x")
  local _, from = here:receive(10)
  local _, own = c:getsockname()
  t.equal(from.ip, "127.0.0.1")
  t.equal(from.port, own)
  t.equal(from.family, "inet")
  t.equal(from.usock, nil)
  t.equal(tostring(from), "127.0.0.1:" .. own)
  -- A copy like any other is as good, and what is changed counts.
  t.gives(1)(here:send("a", { ip = from.ip, port = from.port }))
  t.gives(1)(here:send("b", { ip = from.ip, port = tonumber(from.port) }))
  from.port = own
  t.gives(1)(here:send("c", from))
  for _, letter in ipairs({ "a", "b", "c" }) do t.gives(letter)((c:receive(10))) end
  local other, other_port = server()
  from.port = other_port
  t.equal(tostring(from), "127.0.0.1:" .. other_port)
  t.gives(1)(here:send("d", from))
  t.gives("d")((other:receive(10)))
  t.gives("", "timeout")(c:receive(10, 0.02))
end)

t.case("udp_socket: bound to nothing, sends to addresses", function()
  local here, port = server()
  for _, spec in ipairs({
    { ip = "127.0.0.1", port = port }, { port = port, family = "inet" }, { ip = "localhost", port = port, family = "4" },
    { ip = "127.0.0.1", port = port, protocol = "tcp" },
  }) do
    local c = t.ok(t.results(1, osn.udp_socket(spec)))
    t.gives(2)(c:send("hi", { ip = "127.0.0.1", port = port }))
    local data, from = here:receive(10)
    t.equal(data, "hi")
    t.gives(6)(here:send("answer", from))
    local answer, sender = t.results(2, c:receive(10))
    t.equal(answer, "answer")
    t.gives(5)(c:send("again", sender))
    t.gives("again")((here:receive(10)))
    t.gives(nil, "Transport endpoint is not connected", 107)(c:getpeername())
    t.gives(true)(c:close())
  end
  t.gives(nil, "port or usock must be set")(osn.udp_socket({}))
  t.gives(nil, "port or usock must be set")(osn.udp_socket({ ip = "127.0.0.1" }))
  s.refused(osn.udp_socket({ ip = "127.0.0.1", port = "no such service" }))
  t.raises_like(function() osn.udp_socket() end, "table expected")
end)

t.case("udp_socket: of the family that is asked for", function()
  local here, port = server("::1")
  t.gives("0.0.0.0", "0")(t.ok(osn.udp_socket({ port = port, family = "inet" })):getsockname())
  local c = t.ok(osn.udp_socket({ port = port, family = "inet6" }))
  t.gives("::", "0")(c:getsockname())
  t.gives(2)(c:send("hi", { ip = "::1", port = port }))
  t.gives("hi")((here:receive(10)))
end)

t.case("udp_socket: without a family or an address of that in which serve takes datagrams", function()
  local here = t.ok(osn.serve({ port = "0", protocol = "udp" }))
  local any, port = here:getsockname()
  local c = t.ok(osn.udp_socket({ port = port }))
  t.gives(any, "0")(c:getsockname())
  t.gives(2)(c:send("hi", { ip = "127.0.0.1", port = port }))
  t.gives("hi")((here:receive(10)))
end)

t.case("getsockname of a server", function()
  local here, port = server()
  t.gives("127.0.0.1", port)(here:getsockname())
end)

t.case("without an address", function()
  local _, port = server()
  local c = t.ok(osn.udp_socket({ ip = "127.0.0.1", port = port }))
  t.gives(nil, "Destination address required", 89)(c:send("x"))
  local connected = t.ok(osn.connect({ ip = "127.0.0.1", port = port, protocol = "udp" }))
  t.gives("127.0.0.1", port)(connected:getpeername())
  t.gives(1)(connected:send("x"))
end)

t.case("addresses that are none", function()
  local here = server()
  for _, bad in ipairs({ {}, { ip = "127.0.0.1" }, { port = "1" }, { ip = {}, port = "1" } }) do
    t.gives(nil, "an address has ip and port, or usock")(here:send("x", bad))
  end
  for _, bad in ipairs({ "127.0.0.1", 5, true, print }) do
    t.raises_like(function() here:send("x", bad) end, "table expected")
  end
  for _, bad in ipairs({
    { ip = "no such host..", port = "1" }, { ip = "127.0.0.1", port = "65536" }, { ip = "127.0.0.1", port = "-1" },
    { ip = "a\0b", port = "1" }, { ip = "::1", port = "1" }, { usock = ("x"):rep(200) }, { usock = "/no/such/path" },
  }) do
    s.refused(here:send("x", bad))
  end
  t.raises_like(function()
    here:send("x", setmetatable({}, { __index = function() error("from __index") end }))
  end, "from __index")
end)

t.case("names are looked up", function()
  local here, port = server()
  local c = t.ok(osn.udp_socket({ ip = "127.0.0.1", port = port }))
  t.gives(4)(c:send("name", { ip = "localhost", port = port }))
  t.gives("name")((here:receive(10)))
end)

t.case("longer messages are cut, empty ones have a sender", function()
  local here, port = server()
  local c = t.ok(osn.connect({ ip = "127.0.0.1", port = port, protocol = "udp" }))
  c:send("0123456789")
  t.gives(0)(c:send(""))
  c:send("next")
  t.gives("0123")((here:receive(4)))
  local data, from = t.results(2, here:receive(10))
  t.equal(data, "")
  t.equal(type(from), "table")
  t.gives("next")((here:receive(10, "BLOCK")))
end)

t.case("long polls", function()
  local here, port = server()
  local took = t.elapsed(function() t.gives("", "timeout")(here:receive(10, 0.1)) end)
  t.near(took, 0.1 - s.slack, 0.6)
  local peer = t.peer([[
    require("moonsocket").socket.sleep(0.15)
    local port = ...
    local c = assert(require("osn").connect({ ip = "127.0.0.1", port = port, protocol = "udp" }))
    c:send("late")
  ]], port)
  t.gives("late")((here:receive(10, 8)))
  t.equal(peer:finish(), "")
end)

t.case("a refusal is told by the next call", function()
  local here, port = server()
  local c = t.ok(osn.connect({ ip = "127.0.0.1", port = port, protocol = "udp" }))
  here:close()
  c:send("x")
  t.gives(nil, "Connection refused", 111)(c:receive(10, 5))
end)

t.case("two servers cannot share a port", function()
  local _, port = server()
  t.gives(nil, "Address already in use", 98)(osn.serve({ ip = "127.0.0.1", port = port, protocol = "udp" }))
end)

t.case("too long for a datagram", function()
  local _, port = server()
  local c = t.ok(osn.connect({ ip = "127.0.0.1", port = port, protocol = "udp" }))
  t.gives(nil, "Message too long", 90)(c:send(("x"):rep(70000)))
end)

t.case("there is no accept, and the socket says what it is", function()
  local here, port = server()
  t.raises_like(function() here:accept() end, "osn listen socket expected")
  t.equal(tostring(here), "osn udp socket (127.0.0.1:" .. port .. ")")
  here:close()
  t.equal(tostring(here), "osn udp socket (closed)")
  s.refused(here:receive(10))
  s.refused(here:send("x", { ip = "127.0.0.1", port = "9" }))
end)
