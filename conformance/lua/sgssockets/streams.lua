-- send and recv on streams.

local t, s = ...
local S = s.S

t.case("what is there, up to the length", function()
  local c, peer = s.pair()
  t.gives(11)(peer:send("hello world"))
  t.gives("hello")(c:recv(5))
  t.gives(" world")(c:recv(100))
end)

t.case("binary data in pieces", function()
  local c, peer = s.pair()
  local block = {}
  for i = 0, 9999 do block[#block + 1] = string.char(i * 7 % 256) end
  block = table.concat(block)
  t.gives(10000)(c:send(block))
  local parts, size = {}, 0
  while size < 10000 do
    local part = t.ok(t.results(1, peer:recv(4096)))
    t.ok(#part >= 1 and #part <= 4096)
    parts[#parts + 1] = part
    size = size + #part
  end
  t.equal(table.concat(parts), block)
end)

t.case_for({ 0, 30 }, "a send waits until everything is taken, within its limit", function(seconds)
  local server, at = s.listener()
  local peer = s.process(at, [[
    local c = S.socket_tcp()
    assert(c:connect(at))
    sleep(0.1)
    local size = 0
    while true do
      local part = c:recv(65536)
      if part == true then break end
      size = size + #assert(part)
    end
    say(string.format("%d", size))
  ]])
  local a = t.ok(server:accept())
  a.send_timeout = seconds
  -- More than the system holds.
  local data = ("0123456789"):rep(3000000)
  t.gives(#data)(a:send(data))
  a:close()
  t.equal(peer:line(), "30000000")
end)

t.case("the end, after shutdown and after close", function()
  local c, peer = s.pair()
  peer:send("last")
  peer:shutdown(S.SHUT_WR)
  t.gives("last")(c:recv(10))
  for _ = 1, 3 do t.gives(true)(c:recv(10)) end
  local d, other = s.pair()
  other:close()
  t.gives(true)(d:recv(10))
  t.equal(S.socket_error(), 0)
end)

t.case("a send to a closed peer is false, and no signal", function()
  local c, peer = s.pair()
  peer:close()
  local sent
  for _ = 1, 200 do
    sent = c:send("x")
    if not sent then break end
    s.sleep(0.002)
  end
  t.equal(sent, false)
  t.ok(S.socket_error() == S.socket_geterrnobyname("EPIPE") or S.socket_error() == S.socket_geterrnobyname("ECONNRESET"))
end)

t.case("nothing asked for, nothing sent", function()
  local c, peer = s.pair()
  t.gives("")(c:recv(0))
  t.gives(0)(c:send(""))
  peer:send("x")
  t.gives("x")(c:recv(1))
  for _, size in ipairs({ -1, 0.5, 0 / 0, -math.huge }) do
    t.raises_like(function() c:recv(size) end, "size expected")
  end
  for _, size in ipairs({ 2 ^ 31, 2 ^ 53, 1e300, math.huge }) do
    peer:send("abc")
    t.gives("abc")(c:recv(size))
  end
end)

t.case("recvfrom wants a size", function()
  local c = s.pair()
  for _, size in ipairs({ -1, 0.5, 0 / 0 }) do
    t.raises_like(function() c:recvfrom(size) end, "size expected")
  end
  t.raises_like(function() c:recvfrom("x") end, "number expected")
end)

t.case("recvfrom on a stream names the peer", function()
  local c, peer = s.pair()
  peer:send("hello")
  local data, from = t.results(2, c:recvfrom(3))
  t.equal(data, "hel")
  t.equal(from, c:getpeername())
  t.gives("lo")(c:recv(10))
  peer:close()
  data = t.results(2, c:recvfrom(3))
  t.equal(data, "")
end)

t.case("messages in their order", function()
  local one = t.ok(S.socket(S.AF_UNIX, S.SOCK_SEQPACKET, 0))
  s.refuses("ENOTCONN")(one:send("x"))
  one:close()
end)
