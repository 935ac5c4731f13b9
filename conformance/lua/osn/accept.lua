-- accept: waits for a connection.

local t, s = ...
local osn = s.osn

t.case_for(s.ips, "accept gives one connected socket", function(ip)
  local server, port = s.listener(ip)
  local c = t.ok(osn.connect({ ip = ip, port = port }))
  local a = t.ok(t.results(1, server:accept()))
  t.equal((a:getpeername()), ip)
  t.equal((select(2, a:getpeername())), (select(2, c:getsockname())))
end)

t.case("accept waits for another process", function()
  local server, port = s.listener()
  local peer = t.peer([[
    local sleep = require("moonsocket").socket.sleep
    sleep(0.2)
    local c = assert(require("osn").connect({ ip = "127.0.0.1", port = ... }))
    c:send("here")
    c:receive(1)
  ]], port)
  local took = t.elapsed(function()
    local a = t.ok(server:accept())
    t.gives("here")(a:receive(10))
    a:close()
  end)
  t.near(took, 0.05, 5)
  t.equal(peer:finish(), "")
end)

t.case("connections are taken in their order", function()
  local server, port = s.listener()
  for i = 1, 5 do
    local c = t.ok(osn.connect({ ip = "127.0.0.1", port = port }))
    c:send(tostring(i))
    c:close()
  end
  for i = 1, 5 do t.gives(tostring(i))(t.ok(server:accept()):receive(5)) end
end)

t.case("accept on a closed socket", function()
  local server = s.listener()
  server:close()
  s.refused(server:accept())
end)

t.case("the listen socket goes while connections stay", function()
  local server, port = s.listener()
  local c = t.ok(osn.connect({ ip = "127.0.0.1", port = port }))
  local a = t.ok(server:accept())
  server:close()
  c:send("still")
  t.gives("still")(a:receive(10))
end)

t.case("a client that resets before it is accepted", function()
  local socket = require("moonsocket").socket
  local server, port = s.listener()
  local c = t.ok(socket.connect("127.0.0.1", port))
  c:setoption("linger", { on = true, timeout = 0 })
  c:close()
  local next_one = t.ok(osn.connect({ ip = "127.0.0.1", port = port }))
  next_one:send("good")
  local a = t.ok(server:accept())
  local data, err = a:receive(10)
  if not data then
    t.equal(err, "closed")
    data = t.ok(server:accept()):receive(10)
  end
  t.equal(data, "good")
end)
