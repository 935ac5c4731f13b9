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

t.case("a time in microseconds, never early", function()
  local server, port = s.listener()
  for _, micros in ipairs({ 1500, 50000 }) do
    local took = t.elapsed(function()
      local none, why = t.results(2, server:accept(nil, micros))
      t.equal(why, "timeout")
      t.equal(none.closed, true)
      s.refused(none:receive(1))
    end)
    t.near(took, micros / 1e6 - s.slack, micros / 1e6 + 0.5)
  end
  t.equal((select(2, server:accept(nil, 0))), "timeout")
  local c = t.ok(osn.connect({ ip = "127.0.0.1", port = port }))
  local a = t.ok(t.results(1, server:accept(nil, 5e6)))
  c:send("x")
  t.gives("x")(a:receive(1))
  for _, bad in ipairs({ -1, 0 / 0 }) do
    t.gives(nil, "no such time")(server:accept(nil, bad))
  end
  for _, bad in ipairs({ "x", {}, true }) do
    t.raises_like(function() server:accept(nil, bad) end, "microseconds expected")
  end
end)

t.case("a socket that is used again", function()
  local server, port = s.listener()
  local again = t.ok(osn.connect({ ip = "127.0.0.1", port = port }))
  local first = t.ok(server:accept())
  -- It is closed first, whatever it was.
  t.gives(again, "timeout")(server:accept(again, 1000))
  t.equal(again.closed, true)
  t.gives(nil, "closed")(first:receive(1))
  for i = 1, 3 do
    local c = t.ok(osn.connect({ ip = "127.0.0.1", port = port }))
    t.gives(again)(server:accept(again))
    t.equal(again.closed, false)
    c:send(tostring(i))
    t.gives(tostring(i))(again:receive(10))
    again:send("back")
    t.gives("back")(c:receive(10))
  end
  -- It becomes a connection, whatever it was.
  local other = s.listener()
  local c = t.ok(osn.connect({ ip = "127.0.0.1", port = port }))
  t.gives(other)(server:accept(other))
  t.equal(other.class, "osn connected socket")
  t.ok(tostring(other):find("^osn connected socket"))
  c:send("x")
  t.gives("x")(other:receive(1))
end)

t.case("what cannot be used again", function()
  local server = s.listener()
  for _, bad in ipairs({ 1, "x", {}, true, server, io.stdout, require("moonsocket").socket.tcp() }) do
    t.raises_like(function() server:accept(bad, 0) end, "another osn socket expected")
  end
  t.equal(server.closed, false)
end)
