-- Signals, children, ends.

local t, s = ...

t.case("a killed peer is an end", function()
  local c, peer = s.serve([[
    say(io.open("/proc/self/stat"):read("*l"):match("^%d+"))
    sleep(30)
  ]])
  os.execute("kill -9 " .. peer:line())
  t.gives(nil, "closed")((function()
    local data, err = c:receive(10, "BLOCK")
    return data, err
  end)())
end)

t.case("SIGPIPE at its default", function()
  local peer = t.peer([[
    local osn = require("osn")
    local sleep = require("moonsocket").socket.sleep
    local server = assert(osn.serve({ ip = "127.0.0.1", port = "0" }))
    local c = assert(osn.connect({ ip = "127.0.0.1", port = (select(2, server:getsockname())) }))
    server:accept():close()
    server:close()
    local sent, err
    for _ = 1, 100 do
      sent, err = c:send("x")
      if not sent then break end
      sleep(0.002)
    end
    say(err)
    say("alive")
  ]])
  t.equal(peer:line(), "closed")
  t.equal(peer:line(), "alive")
end)

t.case("sockets are close-on-exec", function()
  local server = s.listener()
  local c, peer = s.pair()
  local listing = t.shell("ls -l /proc/self/fd")
  t.equal(listing:find("socket:", 1, true), nil)
  server:close()
  c:close()
  peer:close()
end)

t.case("descriptors run out: those of garbage are set free", function()
  -- The collector is stopped, so nothing but the shortage sets any free.
  local peer = t.peer_with("ulimit -n 40", [[
    collectgarbage("stop")
    local osn = require("osn")
    local server = assert(osn.serve({ ip = "127.0.0.1", port = "0" }))
    local _, port = server:getsockname()
    for i = 1, 200 do
      assert(osn.connect({ ip = "127.0.0.1", port = port }), i)
      assert(server:accept(), i)
      assert(osn.udp_socket({ ip = "127.0.0.1", port = "0" }), i)
    end
    say("done")
  ]])
  t.equal(peer:line(), "done")
end)

t.case("descriptors run out: nil and a message, then recovery", function()
  local peer = t.peer_with("ulimit -n 24", [[
    local osn = require("osn")
    local server = assert(osn.serve({ ip = "127.0.0.1", port = "0" }))
    local _, port = server:getsockname()
    local spec = { ip = "127.0.0.1", port = port }
    local keep, err = {}, nil
    while true do
      local c
      c, err = osn.connect(spec)
      if not c then break end
      keep[#keep + 1] = c
    end
    say("connect", err)
    say("serve", (select(2, osn.serve({ ip = "127.0.0.1", port = "0" }))))
    say("accept", (select(2, server:accept())))
    keep[1]:close()
    say("again", server:accept() ~= nil)
  ]])
  for _, call in ipairs({ "connect", "serve", "accept" }) do
    t.equal(peer:line(), call .. " Too many open files")
  end
  t.equal(peer:line(), "again true")
end)

t.case("waits go on after a stop and a continue", function()
  local c, peer = s.serve([[
    local pid = io.open("/proc/self/stat"):read("*l"):match("^%d+")
    os.execute("(for i in 1 2 3 4 5; do sleep 0.02; kill -STOP " .. pid .. "; kill -CONT " .. pid
      .. "; done) &")
    local clock = require("moonsocket").socket.gettime
    local start = clock()
    local data, err = c:receive(10, 0.2)
    say(tostring(data) == "", err, clock() - start >= 0.199)
    say(c:receive(10, "BLOCK"))
  ]])
  t.equal(peer:line(), "true timeout true")
  c:send("end")
  t.equal(peer:line(), "end")
end)
