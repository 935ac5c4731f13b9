-- The method connect.

local t, s = ...
local nixio, const = s.nixio, s.const

t.case_for(s.ips, "to an address", function(ip)
  local server, port = s.listener(ip)
  local c = t.ok(nixio.socket(s.family(ip), "stream"))
  t.gives(true)(c:connect(ip, port))
  t.gives(ip, port)(c:getpeername())
  t.ok(server:accept())
end)

t.case("no host is this one; a name is looked up", function()
  local _, port = s.listener()
  t.gives(true)(t.ok(nixio.socket("inet", "stream")):connect(nil, port))
  t.gives(true)(t.ok(nixio.socket("inet", "stream")):connect("localhost", tostring(port)))
end)

t.case("keeps the descriptor and its options", function()
  local _, port = s.listener()
  local c = t.ok(nixio.socket("inet", "stream"))
  local number = c:fileno()
  t.ok(c:setopt("tcp", "nodelay", 1))
  t.ok(c:connect("127.0.0.1", port))
  t.equal(c:fileno(), number)
  t.gives(1)(c:getopt("tcp", "nodelay"))
end)

t.case("failures", function()
  local c = t.ok(nixio.socket("inet", "stream"))
  s.fails(111, c:connect("127.0.0.1", s.dead_port()))
  s.fails(-9, c:connect("::1", 80))
  s.fails(-2, c:connect("", 80))
  s.fails(-8, c:connect("127.0.0.1", "no-such-service"))
  t.raises_like(function() return c:connect("127.0.0.1") end, "string expected")
  -- And it can be used all the same.
  local _, port = s.listener()
  t.gives(true)(c:connect("127.0.0.1", port))
end)

t.case("a second time", function()
  local _, port = s.listener()
  local c = t.ok(nixio.socket("inet", "stream"))
  t.gives(true)(c:connect("127.0.0.1", port))
  s.fails(106, c:connect("127.0.0.1", port))
end)

t.case("without blocking: under way, then true, then connected", function()
  local _, port = s.listener()
  local c = t.ok(nixio.socket("inet", "stream"))
  c:setblocking(false)
  s.fails(const.EINPROGRESS, c:connect("127.0.0.1", port))
  s.await(c, "out")
  t.gives(0)(c:getopt("socket", "error"))
  t.gives(true)(c:connect("127.0.0.1", port))
  s.fails(106, c:connect("127.0.0.1", port))
end)

t.case("without blocking: a refusal is told by the option, once", function()
  local c = t.ok(nixio.socket("inet", "stream"))
  c:setblocking(false)
  s.fails(const.EINPROGRESS, c:connect("127.0.0.1", s.dead_port()))
  s.await(c, "out")
  t.gives(111)(c:getopt("socket", "error"))
  t.gives(0)(c:getopt("socket", "error"))
end)

t.case("sndtimeo bounds it", function()
  -- A listener whose backlog is full answers nobody.
  local server = t.ok(nixio.bind("127.0.0.1", 0))
  t.ok(server:listen(0))
  local _, port = server:getsockname()
  local waiting = {}
  for i = 1, 20 do
    local c = t.ok(nixio.socket("inet", "stream"))
    t.ok(c:setopt("socket", "sndtimeo", 0, 50000))
    waiting[i] = c
    local took = t.elapsed(function()
      local ok, code = c:connect("127.0.0.1", port)
      if not ok then
        t.equal(code, const.EINPROGRESS)
        waiting.timed_out = true
      end
    end)
    if waiting.timed_out then
      t.near(took, 0.05 - s.slack, 1)
      return
    end
  end
  t.skip("every connect was answered")
end)

t.case_for({ "stream", "dgram" }, "nothing is under way before the name is known", function(kind)
  for _ = 1, 20 do
    local c = t.ok(nixio.socket("inet", kind))
    t.ok(c:setopt("socket", "sndtimeo", 0, 1))
    local ok, code = c:connect("no such name..", 80)
    t.ok(not ok and (code == const.EAGAIN or code < 0), tostring(code))
    t.equal(ok, code ~= const.EAGAIN and nil)
  end
end)

t.case("datagrams: sets the peer, another one later", function()
  local one, first = s.datagram()
  local two, second = s.datagram()
  local c = t.ok(nixio.socket("inet", "dgram"))
  t.gives(true)(c:connect("127.0.0.1", first))
  t.gives("127.0.0.1", first)(c:getpeername())
  c:send("a")
  t.gives(true)(c:connect("127.0.0.1", second))
  c:send("b")
  t.gives("a")(one:recv(5))
  t.gives("b")(two:recv(5))
end)
