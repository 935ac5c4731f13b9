-- send: everything, and how much that was.

local t, s = ...

t.case_for(s.ips, "send gives the size", function(ip)
  local c, peer = s.pair(ip)
  t.gives(5)(c:send("hello"))
  t.gives("hello")(peer:receive(100))
end)

t.case("an empty string", function()
  local c, peer = s.pair()
  t.gives(0)(c:send(""))
  t.gives(1)(c:send("x"))
  t.gives("x")(peer:receive(10))
end)

t.case("numbers are strings", function()
  local c, peer = s.pair()
  t.gives(2)(c:send(42))
  t.gives("42")(peer:receive(10))
end)

t.case("binary data", function()
  local c, peer = s.pair()
  local data = "\0\r\n\255\0" .. s.noise(3000)
  t.gives(#data)(c:send(data))
  c:close()
  t.equal(s.all(peer) == data, true)
end)

t.case_for({ "nothing", "an address" }, "more than the socket buffers hold", function(besides)
  local c, peer = s.serve([[
    sleep(0.1)
    local size = 0
    while true do
      local part, err = c:receive(100000)
      if not part then say(err, size) break end
      size = size + #part
    end
  ]])
  local data = s.noise(8 * 1024 * 1024)
  -- Of a connection's address nobody takes notice.
  local address = besides == "an address" and { ip = "127.0.0.1", port = "9" } or nil
  t.gives(#data)(c:send(data, address))
  c:close()
  t.equal(peer:line(), "closed " .. #data)
end)

t.case("what cannot be sent", function()
  local c = s.pair()
  for _, value in ipairs({ {}, true, print }) do
    t.raises_like(function() c:send(value) end, "string expected")
  end
  t.raises_like(function() c:send() end, "string expected, got no value")
end)

t.case("a peer that is gone: closed, and the process lives", function()
  local c, peer = s.pair()
  peer:close()
  local sent, err, code
  for _ = 1, 100 do
    sent, err, code = c:send("x")
    if not sent then break end
    s.sleep(0.002)
  end
  t.equal(sent, nil)
  t.equal(err, "closed")
  t.ok(code == nil or type(code) == "number")
  for _ = 1, 3 do t.equal((select(2, c:send("x"))), "closed") end
end)

t.case("the other direction still works after the peer's end", function()
  local socket = require("moonsocket").socket
  local server, port = s.listener()
  local other = t.ok(socket.connect("127.0.0.1", port))
  local a = t.ok(server:accept())
  other:shutdown("send")
  t.gives(nil, "closed")(a:receive(10))
  t.gives(4)(a:send("more"))
  t.gives("more", nil, nil)(other:receive(4))
end)
