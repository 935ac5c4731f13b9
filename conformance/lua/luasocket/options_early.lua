-- Options on an object that has no descriptor yet.

local t, s = ...
local socket = s.socket

t.case("wrong arguments raise all the same", function()
  local c = socket.tcp()
  t.raises(function() local r = c:setoption("nope", true) return r, 1 end,
    "bad argument #1 to 'setoption' (unsupported option `nope')")
  t.raises(function() local r = c:getoption("nope") return r, 1 end,
    "bad argument #1 to 'getoption' (unsupported option `nope')")
  t.raises(function() local r = c:setoption("reuseaddr", 1) return r, 1 end,
    "bad argument #2 to 'setoption' (boolean expected, got number)")
  t.raises(function() local r = c:setoption("linger", {}) return r, 1 end,
    "bad argument #2 to 'setoption' (boolean 'on' field expected)")
  t.equal(c:getfd(), -1)
end)

t.case("reading what was never set", function()
  t.fails("getsockopt failed", socket.tcp():getoption("tcp-keepidle"))
  t.fails("getsockopt failed", socket.tcp():getoption("keepalive"))
end)

t.case("setoption returns 1", function()
  local c = socket.tcp()
  t.gives(1)(c:setoption("reuseaddr", true))
  t.gives(1)(c:setoption("tcp-nodelay", true))
  t.gives(1)(c:setoption("linger", { on = true, timeout = 3 }))
  t.gives(1)(c:setoption("tcp-keepidle", 33))
  t.equal(c:getfd(), -1)
end)

t.case("they are applied by bind", function()
  local c = socket.tcp()
  c:setoption("reuseaddr", true)
  c:setoption("linger", { on = true, timeout = 3 })
  t.gives(1)(c:bind("127.0.0.1", 0))
  t.gives(true)(c:getoption("reuseaddr"))
  t.equal(c:getoption("linger").timeout, 3)
end)

t.case_for(s.ips, "they are applied by connect", function(ip)
  local server, port = s.listener(ip)
  local c = socket.tcp()
  c:setoption("tcp-nodelay", true)
  c:setoption("keepalive", true)
  c:setoption("tcp-keepidle", 33)
  t.gives(1)(c:connect(ip, port))
  t.gives(true)(c:getoption("tcp-nodelay"))
  t.gives(true)(c:getoption("keepalive"))
  t.gives(33)(c:getoption("tcp-keepidle"))
  server:close()
end)

t.case("the last value counts", function()
  local c = socket.tcp()
  c:setoption("tcp-keepidle", 33)
  c:setoption("tcp-keepidle", 44)
  c:setoption("reuseaddr", true)
  c:setoption("reuseaddr", false)
  c:bind("127.0.0.1", 0)
  t.gives(44)(c:getoption("tcp-keepidle"))
  t.gives(false)(c:getoption("reuseaddr"))
end)

t.case("reuseaddr before bind takes a lingering port", function()
  local server, port = s.listener()
  local c = assert(socket.connect("127.0.0.1", port))
  local a = assert(server:accept())
  a:close()
  t.gives(nil, "closed", "")(c:receive())
  c:close()
  server:close()
  local again = socket.tcp()
  again:setoption("reuseaddr", true)
  t.gives(1)(again:bind("127.0.0.1", port))
end)
