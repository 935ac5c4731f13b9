-- accept and listen.

local t, s = ...
local nixio, const = s.nixio, s.const

t.case_for(s.ips, "a socket, the peer's address and port", function(ip)
  local server, port = s.listener(ip)
  local c = t.ok(nixio.connect(ip, port))
  local a, peer_ip, peer_port = t.results(3, server:accept())
  local own_ip, own_port = c:getsockname()
  t.equal(peer_ip, own_ip)
  t.equal(peer_port, own_port)
  t.equal(getmetatable(a), nixio.meta_socket)
  c:send("x")
  t.gives("x")(a:recv(1))
end)

t.case("an IPv4 client of an IPv6 listener", function()
  local server = nixio.bind("::", 0, "inet6")
  if not server then t.skip("no IPv6 here") end
  t.gives(0)(server:getopt("ipv6", "v6only"))
  t.ok(server:listen(5))
  local _, port = server:getsockname()
  local c = t.ok(nixio.connect("127.0.0.1", port))
  local _, ip = server:accept()
  t.equal(ip, "::ffff:127.0.0.1")
  t.equal((c:getpeername()), "127.0.0.1")
end)

t.case("a listener that does not block", function()
  local server, port = s.listener()
  server:setblocking(false)
  s.would_block(server:accept())
  local c = t.ok(nixio.connect("127.0.0.1", port))
  s.await(server)
  local a = t.ok(server:accept())
  -- The new one blocks: this waits for what comes.
  c:send("x")
  t.gives("x")(a:recv(1))
  t.ok(a:setopt("socket", "rcvtimeo", 0, 30000))
  local took = t.elapsed(function() s.would_block(a:recv(1)) end)
  t.near(took, 0.03 - s.slack, 1)
end)

t.case("rcvtimeo bounds it", function()
  local server = s.listener()
  t.ok(server:setopt("socket", "rcvtimeo", 0, 50000))
  local took = t.elapsed(function() s.would_block(server:accept()) end)
  t.near(took, 0.05 - s.slack, 1)
end)

t.case("the new socket has its listener's limits", function()
  local server, port = s.listener()
  t.ok(server:setopt("socket", "rcvtimeo", 5))
  t.ok(server:setopt("socket", "sndtimeo", 0, 248000))
  local c = t.ok(nixio.connect("127.0.0.1", port))
  local a = t.ok(server:accept())
  t.gives(5, 0)(a:getopt("socket", "rcvtimeo"))
  t.gives(0, 248000)(a:getopt("socket", "sndtimeo"))
  t.ok(s.fill(c) > 0)
  t.ok(a:setopt("socket", "rcvtimeo", 0))
  t.gives(5, 0)(server:getopt("socket", "rcvtimeo"))
end)

t.case("where nobody listens", function()
  s.fails(const.EINVAL, t.ok(nixio.bind("127.0.0.1", 0)):accept())
  s.fails(95, s.datagram():accept())
end)

t.case("listen: any backlog, again and again", function()
  local socket = t.ok(nixio.bind("127.0.0.1", 0))
  for _, backlog in ipairs({ 0, -1, 5, 1000000 }) do t.gives(true)(socket:listen(backlog)) end
  t.raises_like(function() return socket:listen() end, "number expected")
end)

t.case("listen: so many may wait, and one more", function()
  local server = t.ok(nixio.bind("127.0.0.1", 0))
  t.gives(true)(server:listen(1))
  local _, port = server:getsockname()
  local clients = {}
  for i = 1, 3 do
    clients[i] = t.ok(nixio.socket("inet", "stream"))
    clients[i]:setblocking(false)
    clients[i]:connect("127.0.0.1", port)
    local list = { { fd = clients[i], events = nixio.poll_flags("out") } }
    t.equal((nixio.poll(list, i < 3 and 5000 or 50)), i < 3 and 1 or false, i)
  end
end)

t.case("listen: where it cannot", function()
  s.fails(95, s.datagram():listen(5))
  local c, peer = s.pair()
  s.fails(const.EINVAL, c:listen(5))
end)

t.case("connections wait in the order in which they came", function()
  local server, port = s.listener()
  local clients, ports = {}, {}
  for i = 1, 5 do
    clients[i] = t.ok(nixio.connect("127.0.0.1", port))
    ports[i] = select(2, clients[i]:getsockname())
  end
  for i = 1, 5 do
    local _, _, peer = server:accept()
    t.equal(peer, ports[i])
  end
end)
