-- tcp, tcp4 and tcp6: descriptor or not, family, and what a bare object answers.

local t, s = ...
local socket = s.socket

t.case("tcp makes a master without a descriptor", function()
  local c = t.results(1, socket.tcp())
  t.equal(c.class, "tcp{master}")
  t.equal(c:getfd(), -1)
  t.equal(c:getfamily(), "inet4")
end)

t.case("tcp4 makes a descriptor at once", function()
  local c = t.results(1, socket.tcp4())
  t.equal(c.class, "tcp{master}")
  t.ok(c:getfd() >= 0)
  t.equal(c:getfamily(), "inet4")
end)

t.case("tcp6 makes a descriptor at once", function()
  local c = t.ok(socket.tcp6())
  t.equal(c.class, "tcp{master}")
  t.ok(c:getfd() >= 0)
  t.equal(c:getfamily(), "inet6")
end)

t.case("a fresh object has no time limits", function()
  t.gives(-1, -1)(socket.tcp():gettimeout())
  t.gives(-1, -1)(socket.tcp4():gettimeout())
end)

t.case("a fresh object is not dirty", function()
  t.gives(false)(socket.tcp():dirty())
  t.gives(false)(socket.tcp6():dirty())
end)

t.case("names of an object without descriptor", function()
  t.fails("Bad file descriptor", socket.tcp():getsockname())
  t.fails("Bad file descriptor", socket.tcp():getpeername())
end)

t.case("names of an object that is not bound", function()
  local ip, port, family = t.results(3, socket.tcp4():getsockname())
  t.equal(ip, "0.0.0.0")
  t.equal(tonumber(port), 0)
  t.equal(family, "inet")
  ip, port, family = t.results(3, socket.tcp6():getsockname())
  t.equal(ip, "::")
  t.equal(tonumber(port), 0)
  t.equal(family, "inet6")
end)

t.case("an unbound object has no peer", function()
  t.fails("Transport endpoint is not connected", socket.tcp4():getpeername())
end)

t.case("listen without a descriptor", function()
  local c = socket.tcp()
  t.fails("Bad file descriptor", c:listen())
  t.equal(c.class, "tcp{master}")
end)

t.case("bind makes the descriptor in the address's family", function()
  t.needs_v6()
  local c = socket.tcp()
  t.gives(1)(c:bind("127.0.0.1", 0))
  t.ok(c:getfd() >= 0)
  t.equal(c:getfamily(), "inet4")
  local d = socket.tcp()
  t.gives(1)(d:bind("::1", 0))
  t.equal(d:getfamily(), "inet6")
end)

t.case("connect makes the descriptor in the address's family", function()
  for ip, family in pairs({ ["127.0.0.1"] = "inet4", ["::1"] = "inet6" }) do
    local server, port = s.listener(ip)
    local c = socket.tcp()
    t.gives(1)(c:connect(ip, port))
    t.equal(c:getfamily(), family)
    t.ok(c:getfd() >= 0)
    server:close()
  end
end)

t.case("the family is inet4 here and inet in names", function()
  local server = s.listener("127.0.0.1")
  t.equal(server:getfamily(), "inet4")
  t.equal((select(3, server:getsockname())), "inet")
end)

t.case("a closed object makes a new descriptor for bind", function()
  local c = socket.tcp4()
  c:close()
  t.equal(c:getfd(), -1)
  t.gives(1)(c:bind("127.0.0.1", 0))
  t.ok(c:getfd() >= 0)
  t.gives(1)(c:listen())
end)

t.case("a closed object makes a new descriptor for connect", function()
  local server, port = s.listener()
  local c = socket.tcp4()
  c:close()
  t.gives(1)(c:connect("127.0.0.1", port))
  t.ok(c:getfd() >= 0)
  t.equal(c.class, "tcp{client}")
  server:close()
end)

t.case("tcp6 speaks IPv6 only and leaves the IPv4 port free", function()
  -- Someone else may have that port on IPv4: several are tried.
  for _ = 1, 20 do
    local six, four = socket.tcp6(), socket.tcp4()
    t.gives(1)(six:bind("*", 0))
    t.gives(1)(six:listen())
    if four:bind("*", s.port(six)) then
      t.gives(1)(four:listen())
      return
    end
  end
  t.fail("no port was free on IPv4")
end)

t.case("objects are independent", function()
  local a, b = socket.tcp4(), socket.tcp4()
  t.differs(a:getfd(), b:getfd())
  a:settimeout(3)
  t.gives(-1, -1)(b:gettimeout())
  a:close()
  t.ok(b:getfd() >= 0)
  t.gives(1)(b:bind("127.0.0.1", 0))
end)
