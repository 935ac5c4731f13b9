-- ip.tcp.acceptor.

local t, s = ...
local ip = s.ip

t.case("a new acceptor", function()
  local acceptor = ip.tcp.acceptor.new()
  t.equal(acceptor.is_open, false)
  t.equal(getmetatable(acceptor), "ip.tcp.acceptor")
  acceptor:open("v4")
  t.equal(acceptor.is_open, true)
  s.raises("asio.misc.1", function() acceptor:open("v4") end)
  acceptor:bind("127.0.0.1", 0)
  t.results(0, acceptor:listen())
  t.results(0, acceptor:listen(5))
  t.ok(acceptor.local_port > 0)
  t.equal(tostring(acceptor.local_address), "127.0.0.1")
  for _, name in ipairs({ "remote_port", "read_some", "connect", "shutdown" }) do
    s.raises("core.bad_index", function() return acceptor[name] end)
  end
  acceptor:close()
  s.raises("EBADF", function() acceptor:listen() end)
end)

s.case("accept gives one connection at a time, in their order", function()
  local acceptor = s.listener()
  local clients, log, all = {}, s.log()
  for i = 1, 3 do
    clients[i] = ip.tcp.dial("127.0.0.1", acceptor.local_port)
    clients[i]:write_some(tostring(i))
  end
  for _ = 1, 3 do
    local socket = t.results(1, acceptor:accept())
    t.equal(getmetatable(socket), "ip.tcp.socket")
    log(s.read(socket))
    socket:close()
  end
  t.equal(all(), "1 2 3")
  for _, client in ipairs(clients) do client:close() end
  acceptor:close()
end)

s.case("accept waits", function()
  local acceptor = s.listener()
  local server = s.spawn(function()
    local socket = acceptor:accept()
    local text = s.read(socket)
    socket:close()
    return text
  end)
  s.this_fiber.yield()
  local client = ip.tcp.dial("127.0.0.1", acceptor.local_port)
  client:write_some("here")
  t.equal(server:join(), "here")
  client:close()
  acceptor:close()
end)

s.case("accept without listen, and on a closed acceptor", function()
  local acceptor = ip.tcp.acceptor.new()
  s.raises("EBADF", function() acceptor:accept() end)
  acceptor:open("v4")
  acceptor:bind("127.0.0.1", 0)
  s.raises("EINVAL", function() acceptor:accept() end)
  acceptor:close()
end)

s.case("an address can be used again with the option", function()
  local acceptor = ip.tcp.listen("127.0.0.1:0")
  local port = acceptor.local_port
  local client = ip.tcp.dial("127.0.0.1", port)
  local served = acceptor:accept()
  -- The side that closes first keeps the port in TIME_WAIT.
  served:close()
  client:close()
  acceptor:close()
  local again = ip.tcp.listen("127.0.0.1:" .. port)
  t.equal(again.local_port, port)
  again:close()
end)
