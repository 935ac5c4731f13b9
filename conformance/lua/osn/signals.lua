-- Signals: told by the next call that may wait, once.

local t, s = ...
local osn = s.osn

local known = {
  int = { "INT", "Interrupt", 2 },
  term = { "TERM", "Terminated", 15 },
  pipe = { "PIPE", "Broken pipe", 13 },
  usr1 = { "USR1", "User defined signal 1", 10 },
  usr2 = { "USR2", "User defined signal 2", 12 },
}

-- What a process starts with: a connection to itself, its number, a way to signal itself later.
local prelude = [[
  local osn = require("osn")
  local clock = require("moonsocket").socket.gettime
  local sleep = require("moonsocket").socket.sleep
  local pid = io.open("/proc/self/stat"):read("*l"):match("^%d+")
  -- os.execute would ignore SIGINT meanwhile.
  local function kill(name) io.popen("kill -" .. name .. " " .. pid):close() end
  local function kill_later(name, seconds) os.execute("(sleep " .. seconds .. "; kill -" .. name .. " " .. pid .. ") &") end
  local function pair()
    local server = assert(osn.serve({ ip = "127.0.0.1", port = "0" }))
    local _, port = server:getsockname()
    local c = assert(osn.connect({ ip = "127.0.0.1", port = port }))
    accepted = assert(server:accept())
    return c, accepted, server, port
  end
]]

-- A program that was started in the background by a script, or by nohup, may ignore SIGINT for good.
local function needs(kill)
  local ignored = tonumber(io.open("/proc/self/status"):read("*a"):match("SigIgn:%s*%x*(%x%x%x%x)"), 16)
  for _, about in pairs(known) do
    if about[1] == kill and math.floor(ignored / 2 ^ (about[3] - 1)) % 2 == 1 then t.skip("SIG" .. kill .. " is ignored here") end
  end
end

local function process(source, ...) return t.peer_with(nil, prelude .. source, ...) end

for name, about in pairs(known) do
  local kill, text, number = about[1], about[2], about[3]
  local told = "nil signal " .. name .. " " .. text .. " " .. number

  t.case("SIG" .. kill .. " ends each call that waits, and the socket is good afterwards", function()
    if kill ~= "PIPE" then needs(kill) end
    local peer = process([[
      local kill = ...
      local c, a, server, port = pair()
      kill_later(kill, 0.02)
      say(c:receive(10, "BLOCK"))
      kill_later(kill, 0.02)
      say(c:receive(10, 4))
      kill_later(kill, 0.02)
      say(server:accept())
      a:send("good")
      say(c:receive(10))
      local d = assert(osn.connect({ ip = "127.0.0.1", port = port }))
      d:send("too")
      say(assert(server:accept()):receive(10))
    ]], kill)
    for _ = 1, 3 do t.equal(peer:line(), told) end
    t.equal(peer:line(), "good")
    t.equal(peer:line(), "too")
  end)
end

t.case("one that came between two calls is told by the next, before its data", function()
  local peer = process([[
    local c, a = pair()
    a:send("data")
    kill("TERM")
    say(c:receive(10))
    say(c:receive(10))
  ]])
  t.equal(peer:line(), "nil signal term Terminated 15")
  t.equal(peer:line(), "data")
end)

t.case("several: int, term, usr1, usr2, pipe, one for each call", function()
  needs("INT")
  local peer = process([[
    local c, a = pair()
    for _, name in ipairs({ "PIPE", "USR2", "USR1", "TERM", "INT" }) do kill(name) end
    for _ = 1, 5 do say((select(3, c:receive(10, 5)))) end
    say(c:receive(10, 0.02))
  ]])
  for _, name in ipairs({ "int", "term", "usr1", "usr2", "pipe" }) do t.equal(peer:line(), name) end
  t.equal(peer:line(), " timeout")
end)

t.case("datagrams, accept with a time, connect and send tell it as well", function()
  local peer = process([[
    local here = assert(osn.serve({ ip = "127.0.0.1", port = "0", protocol = "udp" }))
    local _, port = here:getsockname()
    kill_later("USR1", 0.03)
    say((select(3, here:receive(10, "BLOCK"))))
    local listener = assert(osn.serve({ ip = "127.0.0.1", port = "0" }))
    kill_later("USR2", 0.03)
    say((select(3, listener:accept(nil, 4e6))))
    local c, a, _, tcp = pair()
    kill("USR1")
    say((select(3, osn.connect({ ip = "127.0.0.1", port = tcp }))))
    kill("USR2")
    say((select(3, c:send("x"))))
    kill("USR1")
    say((select(3, here:send("x", { ip = "127.0.0.1", port = port }))))
    kill_later("USR2", 0.03)
    say(here:receive(10, 0.5))
  ]])
  for _, name in ipairs({ "usr1", "usr2", "usr1", "usr2", "usr1" }) do t.equal(peer:line(), name) end
  t.equal(peer:line(), "nil signal usr2 User defined signal 2 12")
end)

t.case("a send that has begun says how much, and the next call tells", function()
  local peer = process([[
    local c, a = pair()
    local data = ("x"):rep(2 ^ 25)
    kill_later("USR1", 0.2)
    local sent = c:send(data)
    say(sent > 0 and sent < #data)
    say((select(3, c:send("more"))))
    local size = 0
    c:close()
    while true do
      local part = a:receive(65536)
      if not part then break end
      size = size + #part
    end
    say(size == sent)
  ]])
  for _, line in ipairs({ "true", "usr1", "true" }) do t.equal(peer:line(), line) end
end)

t.case("other signals end nothing", function()
  local peer = process([[
    local c, a = pair()
    for _ = 1, 3 do kill_later("WINCH", 0.02) end
    kill_later("CONT", 0.03)
    local start = clock()
    say(c:receive(10, 0.2))
    say(clock() - start >= 0.199)
  ]])
  t.equal(peer:line(), " timeout")
  t.equal(peer:line(), "true")
end)

t.case("other dialects go on with the time that is left", function()
  local peer = process([[
    local socket = require("socket")
    osn.signals(true)
    local server = assert(socket.bind("127.0.0.1", 0))
    local _, port = server:getsockname()
    local c = assert(socket.connect("127.0.0.1", port))
    local a = assert(server:accept())
    for _, limit in ipairs({ 0.2, 1.05 }) do
      c:settimeout(limit)
      os.execute("(for i in 1 2 3 4; do sleep 0.03; kill -USR1 " .. pid .. "; done) &")
      local start = clock()
      local line, err = c:receive()
      local took = clock() - start
      say(tostring(line), err, took >= limit - 0.001, took < limit + 0.5)
    end
    c:settimeout()
    local sent = os.tmpname()
    os.execute("(sleep 0.05; kill -USR1 " .. pid .. "; sleep 0.05; kill -TERM " .. pid .. "; echo >" .. sent .. ") &")
    server:settimeout(0.2)
    say((select(2, server:accept())))
    a:send("line\n")
    say(c:receive())
    local start = clock()
    sleep(0.1)
    say(clock() - start >= 0.1)
    while io.open(sent):read("*a") == "" do sleep(0.01) end
    os.remove(sent)
    -- They are told by osn, once each, whatever they interrupted before.
    local listener = assert(osn.serve({ ip = "127.0.0.1", port = "0" }))
    for _ = 1, 2 do say((select(3, listener:accept(nil, 1e6)))) end
    say((select(2, listener:accept(nil, 0))))
  ]])
  t.equal(peer:line(), "nil timeout true true")
  t.equal(peer:line(), "nil timeout true true")
  t.equal(peer:line(), "timeout")
  t.equal(peer:line(), "line nil nil")
  t.equal(peer:line(), "true")
  t.equal(peer:line(), "term")
  t.equal(peer:line(), "usr1")
  t.equal(peer:line(), "timeout")
end)

t.case("nothing is caught before the first socket", function()
  local peer = process([[
    say("begins")
    kill("TERM")
    sleep(5)
    say("survived")
  ]])
  t.equal(peer:line(), "begins")
  t.equal(peer:finish(), "")
end)

t.case("signals(false) gives them back", function()
  local peer = process([[
    local c, a = pair()
    say(osn.signals())
    kill("USR1")
    say((select(3, c:receive(10))))
    say(osn.signals(false))
    say(osn.signals())
    a:send("x")
    say(c:receive(10))
    say(osn.signals(true))
    kill("USR1")
    say((select(3, c:receive(10))))
    osn.signals(false)
    kill("USR1")
    sleep(5)
    say("survived")
  ]])
  for _, line in ipairs({ "true", "usr1", "false", "false", "x", "true", "usr1" }) do t.equal(peer:line(), line) end
  t.equal(peer:finish(), "")
end)

t.case("one that was missed acts when they are given back", function()
  local peer = process([[
    local c = pair()
    kill("TERM")
    say("here")
    osn.signals(false)
    sleep(5)
    say("survived")
  ]])
  t.equal(peer:line(), "here")
  t.equal(peer:finish(), "")
end)

t.case("ignored signals stay ignored, except SIGPIPE", function()
  local peer = t.peer_with("trap '' USR1 PIPE", prelude .. [[
    local c = pair()
    kill("USR1")
    kill("PIPE")
    say((select(3, c:receive(10, 5))))
    say(c:receive(10, 0.02))
  ]])
  t.equal(peer:line(), "pipe")
  t.equal(peer:line(), " timeout")
end)

t.case("a second Ctrl-C that nobody reads ends a busy program", function()
  needs("INT")
  local peer = process([[
    local c = pair()
    say("here")
    kill("INT")
    say("once")
    kill("INT")
    sleep(5)
    say("survived")
  ]])
  t.equal(peer:line(), "here")
  t.equal(peer:line(), "once")
  t.equal(peer:finish(), "")
end)

t.case("files and children are read through signals", function()
  local peer = process([[
    local c = pair()
    os.execute("(for i in 1 2 3 4 5; do sleep 0.02; kill -USR1 " .. pid .. "; done) &")
    local pipe = io.popen("sleep 0.2; echo line; echo more")
    say(pipe:read("*l"))
    say(pipe:read("*l"))
    say(pipe:close() and "closed")
    say((select(3, c:receive(10, 1))))
  ]])
  for _, line in ipairs({ "line", "more", "closed", "usr1" }) do t.equal(peer:line(), line) end
end)

t.case("under a storm of signals nothing is lost", function()
  local c, peer = s.serve([[
    local pid = io.open("/proc/self/stat"):read("*l"):match("^%d+")
    say(pid)
    local size, signals = 0, 0
    while true do
      local part, err = c:receive(1000, "BLOCK")
      if part then
        size = size + #part
      elseif err == "signal" then
        signals = signals + 1
      else
        break
      end
    end
    say(string.format("%d", size), signals > 0)
  ]])
  local pid = peer:line()
  os.execute("(for i in 1 2 3 4 5 6 7 8 9; do kill -USR1 " .. pid .. "; kill -USR2 " .. pid .. "; sleep 0.01; done) &")
  local data = s.noise(5000)
  for _ = 1, 40 do
    t.gives(#data)(c:send(data))
    s.sleep(0.002)
  end
  c:close()
  t.equal(peer:line(), "200000 true")
end)
