-- getpeername and getsockname.

local t, s = ...

t.case_for(s.ips, "address and port on both sides, strings", function(ip)
  local c, peer = s.pair(ip)
  local ip_c, port_c = t.results(2, c:getsockname())
  local ip_p, port_p = t.results(2, peer:getsockname())
  t.equal(ip_c, ip)
  t.equal(ip_p, ip)
  t.equal(type(port_c), "string")
  t.gives(ip, port_p)(c:getpeername())
  t.gives(ip, port_c)(peer:getpeername())
end)

t.case("the port that 0 chose", function()
  local server, port = s.listener()
  t.ok(tonumber(port) > 0)
  t.gives("127.0.0.1", port)(server:getsockname())
end)

t.case("the name of a peer that has gone", function()
  local c, peer = s.pair()
  peer:close()
  t.gives(nil, "closed")(c:receive(1))
  local name = t.pack(c:getpeername())
  t.ok(name[1] == "127.0.0.1" or (name[1] == nil and type(name[2]) == "string"))
end)
