-- Signals, descriptors, collection.

local t, s = ...
local S = s.S

t.case("forgotten sockets leave no descriptors", function()
  local before = t.descriptors()
  for _ = 1, 200 do t.ok(S.socket_tcp()) end
  t.collect()
  t.ok(t.descriptors() <= before + 1)
end)

t.case("SIGPIPE at its default", function()
  local server, at = s.listener()
  local peer = s.process(at, [[
    local c = S.socket_tcp()
    assert(c:connect(at))
    c:recv(1)
    local sent
    for _ = 1, 200 do
      sent = c:send("x")
      if not sent then break end
      sleep(0.002)
    end
    say(tostring(sent))
    say("alive")
  ]])
  t.ok(server:accept()):close()
  t.equal(peer:line(), "false")
  t.equal(peer:line(), "alive")
end)

t.case("signals in a wait cost no data and no time", function()
  local server, at = s.listener()
  local peer = s.process(at, [[
    require("osn").signals(true)
    local c = S.socket_tcp()
    assert(c:connect(at))
    c.recv_timeout = 0.3
    local pid = io.open("/proc/self/stat"):read("*l"):match("^%d+")
    os.execute("(for i in 1 2 3 4 5; do kill -USR1 " .. pid .. "; sleep 0.02; done) &")
    local clock = require("moonsocket").socket.gettime
    local start = clock()
    local got = c:recv(10)
    say(tostring(got), clock() - start >= 0.299, S.socket_error() == S.socket_geterrnobyname("EWOULDBLOCK"))
    c.recv_timeout = 0
    say(c:recv(10))
  ]])
  local a = t.ok(server:accept())
  t.equal(peer:line(), "false true true")
  a:send("data")
  t.equal(peer:line(), "data")
end)

t.case("descriptors run out: those of garbage are set free", function()
  local server, at = s.listener()
  -- The collector is stopped, so nothing but the shortage sets any free.
  local peer = s.process(at, [[
    collectgarbage("stop")
    for i = 1, 200 do
      assert(S.socket_tcp(), i)
      assert(S.socket_udp(), i)
    end
    say("done")
  ]], "ulimit -n 40")
  t.equal(peer:line(), "done")
  server:close()
end)

t.case("descriptors run out: nil and a message, then recovery", function()
  local server, at = s.listener()
  local peer = s.process(at, [[
    local keep = {}
    local message
    while true do
      local socket
      socket, message = S.socket_tcp()
      if not socket then break end
      keep[#keep + 1] = socket
    end
    say(message)
    say(S.socket_error() == S.socket_geterrnobyname("EMFILE"))
    keep[1]:close()
    say(S.typeof(S.socket_tcp()))
  ]], "ulimit -n 24")
  t.equal(peer:line(), "Too many open files")
  t.equal(peer:line(), "true")
  t.equal(peer:line(), "socket")
  server:close()
end)

t.case("sockets are close-on-exec", function()
  local c, peer = s.pair()
  t.equal(t.shell("ls -l /proc/self/fd"):find("socket:", 1, true), nil)
  c:close()
  peer:close()
end)
