-- connect, disconnect, and everything that dials.

local t, s = ...
local ip = s.ip

s.case("connect opens the socket, for the address's family", function()
  for _, host in ipairs({ "127.0.0.1", "::1" }) do
    if host == "::1" then t.needs_v6() end
    local acceptor = s.listener(host)
    local socket = ip.tcp.socket.new()
    t.results(0, socket:connect(ip.address.new(host), acceptor.local_port))
    t.equal(socket.is_open, true)
    t.equal(socket.remote_port, acceptor.local_port)
    local accepted = acceptor:accept()
    t.equal(accepted.remote_port, socket.local_port)
    for _, it in ipairs({ acceptor, socket, accepted }) do it:close() end
  end
end)

s.case("connect wants an address and a port", function()
  local socket = ip.tcp.socket.new()
  t.equal(s.raises("generic.EINVAL", function() socket:connect("127.0.0.1", 80) end).arg, 2)
  t.equal(s.raises("generic.EINVAL", function() socket:connect() end).arg, 2)
  t.equal(s.raises("generic.EINVAL", function() socket:connect(ip.address.loopback_v4(), "80") end).arg, 3)
  t.equal(s.raises("generic.ERANGE", function() socket:connect(ip.address.loopback_v4(), 70000) end).arg, 3)
  t.equal(socket.is_open, false)
  socket:open("v6")
  s.raises("EAFNOSUPPORT", function() socket:connect(ip.address.loopback_v4(), 80) end)
  socket:close()
end)

s.case("refused", function()
  local socket = ip.tcp.socket.new()
  local err = s.raises("ECONNREFUSED", function() socket:connect(ip.address.loopback_v4(), s.dead_port()) end)
  t.equal(tostring(err), "Connection refused")
  t.ok(err == s.emilua.asio_error.basic.connection_refused)
  t.ok(err:togeneric() == s.emilua.generic_error.ECONNREFUSED)
  socket:close()
end)

s.case("many connect at once", function()
  local acceptor = s.listener()
  local fibers, taken = {}, 0
  for i = 1, 50 do
    fibers[i] = s.spawn(function()
      local socket = ip.tcp.socket.new()
      socket:connect(acceptor.local_address, acceptor.local_port)
      local text = s.read(socket)
      socket:close()
      return text
    end)
  end
  for i = 1, 50 do
    local socket = acceptor:accept()
    socket:write_some("hello " .. i)
    socket:close()
  end
  for i = 1, 50 do
    if fibers[i]:join():find("hello", 1, true) then taken = taken + 1 end
  end
  t.equal(taken, 50)
  acceptor:close()
end)

s.case("disconnect dissolves, and the socket stays", function()
  local a, b = s.pair()
  t.results(0, a:disconnect())
  t.equal(a.is_open, true)
  s.raises("ENOTCONN", function() return a.remote_port end)
  local err = t.raised(function() s.read(b) end)
  t.equal(err.category.name == "system" and err.code or err.category.name .. err.code,
    s.emilua.generic_error.ECONNRESET.code)
  local acceptor = s.listener()
  a:connect(acceptor.local_address, acceptor.local_port)
  local c = acceptor:accept()
  c:write_some("again")
  t.equal(s.read(a), "again")
  for _, it in ipairs({ a, b, c, acceptor }) do it:close() end
end)

s.case("ip.connect takes the first that answers", function()
  local acceptor = s.listener()
  local socket = ip.tcp.socket.new()
  local loopback = ip.address.loopback_v4()
  local list = {
    { address = ip.address.loopback_v6(), port = s.dead_port() },
    { address = loopback, port = s.dead_port() },
    { address = loopback, port = acceptor.local_port },
    { address = loopback, port = 1 },
  }
  local address, port = t.results(2, ip.connect(socket, list))
  t.ok(address == loopback)
  t.equal(port, acceptor.local_port)
  t.equal(socket.remote_port, port)
  local asked = {}
  local condition = function(last, _, at)
    asked[#asked + 1] = tostring(last)
    return at == list[2].port
  end
  s.raises("ECONNREFUSED", function() ip.connect(ip.tcp.socket.new(), list, condition) end)
  t.equal(table.concat(asked, ", "), "nil, nil, Connection refused, Connection refused")
  s.raises("asio.misc.3", function() ip.connect(ip.tcp.socket.new(), {}) end)
  acceptor:close()
  socket:close()
end)

s.case("dial and listen", function()
  local acceptor = ip.tcp.listen("127.0.0.1:0")
  t.equal(getmetatable(acceptor), "ip.tcp.acceptor")
  local port = acceptor.local_port
  for _, dial in ipairs({
    function() return ip.tcp.dial("127.0.0.1:" .. port) end,
    function() return ip.tcp.dial("127.0.0.1", port) end,
    function() return ip.tcp.dial("localhost", tostring(port)) end,
    function() return ip.tcp.dial(ip.address.loopback_v4(), port) end,
  }) do
    local socket = dial()
    local accepted = acceptor:accept()
    socket:write_some("dialled")
    t.equal(s.read(accepted), "dialled")
    socket:close()
    accepted:close()
  end
  acceptor:close()
  s.raises("ECONNREFUSED", function() ip.tcp.dial("127.0.0.1:" .. s.dead_port()) end)
  s.raises("generic.EINVAL", function() ip.tcp.dial("no port") end)
  t.needs_v6()
  local v6 = ip.tcp.listen("[::1]:0")
  t.equal(tostring(v6.local_address), "::1")
  local socket = ip.tcp.dial("[::1]:" .. v6.local_port)
  socket:close()
  v6:close()
end)
