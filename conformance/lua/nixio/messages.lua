-- Datagrams: sendto, recvfrom, and send and recv of connected ones.

local t, s = ...
local nixio, const = s.nixio, s.const

t.case_for(s.ips, "sendto and recvfrom: the data, the sender's address and port", function(ip)
  local one, first = s.datagram(ip)
  local two, second = s.datagram(ip)
  t.gives(5)(one:sendto("hello", ip, second))
  t.gives("hello", ip, first)(two:recvfrom(100))
  t.gives(2)(two:sendto("hi", ip, tostring(first)))
  t.gives("hi", ip, second)(one:recvfrom(100))
end)

t.case("sendto: offset and length", function()
  local one = s.datagram()
  local two, port = s.datagram()
  for _, case in ipairs({
    { "hello", 1, nil, "ello" }, { "hello", 1, 2, "el" }, { "hello", nil, 3, "hel" }, { "hello", 0, 0, "" },
    { "hello", 9, nil, "" }, { "hello", 2, -1, "llo" },
  }) do
    t.gives(#case[4])(one:sendto(case[1], "127.0.0.1", port, case[2], case[3]))
    t.gives(case[4])(two:recv(100))
  end
end)

t.case("sendto: an offset before the beginning is an error", function()
  local one, port = s.datagram()
  s.fails(const.EINVAL, one:sendto("hello", "127.0.0.1", port, -1))
end)

t.case("one message a call; the rest of a long one is lost", function()
  local one = s.datagram()
  local two, port = s.datagram()
  one:sendto("first", "127.0.0.1", port)
  one:sendto("second", "127.0.0.1", port)
  t.gives("fir")(two:recv(3))
  t.gives("second")(two:read(100))
end)

t.case("no message is longer than buffersize", function()
  local one = s.datagram()
  local two, port = s.datagram()
  local data = s.noise(10000)
  t.gives(10000)(one:sendto(data, "127.0.0.1", port))
  t.gives(data:sub(1, 8192))(two:recv(100000))
end)

t.case("empty messages", function()
  local one, first = s.datagram()
  local two, port = s.datagram()
  t.gives(0)(one:sendto("", "127.0.0.1", port))
  t.gives("", "127.0.0.1", first)(two:recvfrom(10))
  t.ok(one:connect("127.0.0.1", port))
  t.gives(0)(one:send(""))
  t.gives("", "127.0.0.1", first)(two:recvfrom(10))
end)

t.case("recv(0) drops a message", function()
  local one = s.datagram()
  local two, port = s.datagram()
  one:sendto("first", "127.0.0.1", port)
  one:sendto("second", "127.0.0.1", port)
  t.gives("")(two:recv(0))
  t.gives("second")(two:recv(10))
end)

t.case("without blocking", function()
  local one, port = s.datagram()
  one:setblocking(false)
  s.would_block(one:recvfrom(10))
  s.would_block(one:recv(10))
  s.datagram():sendto("x", "127.0.0.1", port)
  s.await(one)
  t.gives("x")(one:recv(10))
end)

t.case("a message without a peer", function()
  s.fails(89, s.datagram():send("x"))
end)

t.case("sendto: an address has to be one, of the socket's family", function()
  local one = s.datagram()
  s.would_block((function() one:setblocking(false) return one:recv(1) end)())
  for _, host in ipairs({ "localhost", "::1", "", "127.0.0.1.1", "127.0.0.1\0x" }) do
    s.fails(const.EINVAL, one:sendto("x", host, 9))
  end
end)

t.case("sendto: ports", function()
  local one = s.datagram()
  for _, bad in ipairs({ "http", {}, true }) do
    t.raises_like(function() return one:sendto("x", "127.0.0.1", bad) end, "number expected")
  end
  t.raises_like(function() return one:sendto("x", "127.0.0.1") end, "number expected")
  t.raises_like(function() return one:sendto("x") end, "string expected")
  s.fails(const.EINVAL, one:sendto("x", "127.0.0.1", 0))
end)

t.case("sendto: ports don't wrap", function()
  local one = s.datagram()
  local _, port = s.datagram()
  s.fails(const.EINVAL, one:sendto("x", "127.0.0.1", 65536 + port))
  s.fails(const.EINVAL, one:sendto("x", "127.0.0.1", -1))
end)

t.case("what the system refuses", function()
  local one = s.datagram()
  s.fails(90, one:sendto(("x"):rep(70000), "127.0.0.1", 9))
  s.fails(const.EACCES, one:sendto("x", "255.255.255.255", 9))
end)

t.case("broadcast", function()
  local here = t.ok(nixio.bind("0.0.0.0", 0, "inet", "dgram"))
  local _, port = here:getsockname()
  local one = s.datagram()
  t.ok(one:setopt("socket", "broadcast", 1))
  t.gives(1)(one:sendto("x", "127.255.255.255", port))
  t.equal((here:recvfrom(5)), "x")
end)

t.case("a refusal comes back to a connected one", function()
  local here, port = s.datagram()
  here:close()
  local one = t.ok(nixio.connect("127.0.0.1", port, "inet", "dgram"))
  t.ok(one:send("x"))
  s.await(one)
  s.fails(111, one:recv(10))
end)
