-- What concerns the whole process: signals, exit, children.

local t, s = ...

t.case("sending to a peer that is gone does not kill the process", function()
  local peer = t.peer([[
    local socket = require("socket")
    local server = assert(socket.bind("127.0.0.1", 0))
    local _, port = server:getsockname()
    local c = assert(socket.connect("127.0.0.1", tonumber(port)))
    local a = assert(server:accept())
    a:close()
    local last, err
    for _ = 1, 100 do
      last, err = c:send("x")
      if not last then break end
      socket.sleep(0.005)
    end
    say(err)
    say((select(2, c:send("x"))))
    say("alive")
  ]])
  t.equal(peer:line(), "closed")
  t.equal(peer:line(), "closed")
  t.equal(peer:line(), "alive")
end)

t.case("sending after shutdown does not kill the process", function()
  local peer = t.peer([[
    local socket = require("socket")
    local server = assert(socket.bind("127.0.0.1", 0))
    local _, port = server:getsockname()
    local c = assert(socket.connect("127.0.0.1", tonumber(port)))
    c:shutdown("send")
    say((select(2, c:send(("x"):rep(100000)))))
    say("alive")
  ]])
  t.equal(peer:line(), "closed")
  t.equal(peer:line(), "alive")
end)

t.case("a process may end with sockets open", function()
  local peer = t.peer([[
    local socket = require("socket")
    local server = assert(socket.bind("127.0.0.1", 0))
    local _, port = server:getsockname()
    keep = { server, socket.connect("127.0.0.1", tonumber(port)), server:accept(), socket.tcp() }
    say("ending")
    os.exit(0, true)
  ]])
  t.equal(peer:line(), "ending")
  t.equal(peer:finish(), "")
end)

t.case("a process that is killed closes its connections", function()
  local c = s.serve("say(c:getfd()) os.exit(1)")
  t.gives(nil, "closed", "")(c:receive())
end)

t.case("waits go on after a signal", function()
  -- SIGSTOP and SIGCONT interrupt system calls; the wait must be full, and no error show.
  local peer = t.peer([[
    local socket = require("socket")
    local stat = io.open("/proc/self/stat"):read("*l"):match("^%d+")
    local server = assert(socket.bind("127.0.0.1", 0))
    local _, port = server:getsockname()
    local c = assert(socket.connect("127.0.0.1", tonumber(port)))
    os.execute("(for i in 1 2 3 4 5 6 7 8; do sleep 0.03; kill -STOP " .. stat
      .. "; kill -CONT " .. stat .. "; done) &")
    local function timed(name, call)
      local start = socket.gettime()
      local _, err = call()
      say(name, tostring(err), socket.gettime() - start >= 0.098)
    end
    c:settimeout(0.1)
    timed("receive", function() return c:receive() end)
    timed("select", function() return nil, (select(3, socket.select({ c }, nil, 0.1))) end)
    timed("sleep", function() return nil, socket.sleep(0.1) end)
  ]])
  t.equal(peer:line(), "receive timeout true")
  t.equal(peer:line(), "select timeout true")
  t.equal(peer:line(), "sleep nil true")
end)

